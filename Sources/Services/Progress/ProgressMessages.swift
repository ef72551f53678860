import API
import Postgres
import WellKnown

// Requests to values and values to replies: the only place that knows both.

extension LessonRecord {
    init(_ request: LearnProgressV1.RecordLessonRequest) throws(ProgressFailure) {
        var violations = Violations()
        let learner = LearnerID(request.learnerId, &violations)
        let course = UniqueID(request.courseId, &violations)
        violations.checkName(request.lessonId, "lesson_id", longest: 64)
        guard violations.isEmpty, let learner, let course else { throw .invalid(violations) }
        self.init(learner: learner, course: course, lesson: request.lessonId)
    }
}

/// Whose progress in what is asked for.
struct ProgressKey {
    let learner: LearnerID
    let course: UniqueID

    init(_ request: LearnProgressV1.GetProgressRequest) throws(ProgressFailure) {
        var violations = Violations()
        let learner = LearnerID(request.learnerId, &violations)
        let course = UniqueID(request.courseId, &violations)
        guard violations.isEmpty, let learner, let course else { throw .invalid(violations) }
        self.learner = learner
        self.course = course
    }
}

extension LearnerID {
    fileprivate init?(_ text: String, _ violations: inout Violations) {
        violations.checkLine(text, "learner_id", longest: LearnerID.longest)
        self.init(text: text)
    }
}

extension UniqueID {
    fileprivate init?(_ text: String, _ violations: inout Violations) {
        guard let id = UniqueID(text) else {
            violations.add(
                "course_id",
                text.isEmpty ? "must not be empty" : "'\(text.prefix(64))' is not the id of a course: a UUID")
            return nil
        }
        self = id
    }
}

extension LearnProgressV1.Progress {
    init(_ progress: Progress, of total: Int) {
        self.init()
        learnerId = progress.learner.text
        courseId = progress.course.description
        lessons = progress.finished.map { finished in
            var message = LearnProgressV1.FinishedLesson()
            message.lessonId = finished.lesson
            message.finishTime = GoogleProtobuf.Timestamp(finished.finishedAt)
            return message
        }
        lessonsTotal = Int32(clamping: total)
    }
}
