import Postgres
import Timebase

/// Who finished what, in its database: all SQL about it.
struct ProgressStore: Sendable {
    let pool: PostgresPool

    /// Keeps that a lesson was finished; if it was kept before, the first time stands. Answers the progress after it.
    func record(_ record: LessonRecord, before deadline: Instant?) async throws(ProgressFailure) -> Progress {
        let key: [Parameter] = [.text(record.learner.text), .uuid(record.course)]
        do {
            let replies = try await pool.run(
                [Query(ProgressStore.record, key + [.text(record.lesson)]), Query(ProgressStore.find, key)],
                before: deadline)
            return try Progress(replies[1].rows, of: record.learner, in: record.course)
        } catch {
            throw .database(error)
        }
    }

    func find(_ learner: LearnerID, _ course: UniqueID, before deadline: Instant?) async throws(ProgressFailure)
        -> Progress
    {
        do {
            let rows = try await pool.query(
                ProgressStore.find, [.text(learner.text), .uuid(course)], before: deadline)
            return try Progress(rows, of: learner, in: course)
        } catch {
            throw .database(error)
        }
    }

    private static let record = Statement(
        "progress.record",
        "INSERT INTO finished_lessons (learner_id, course_id, lesson_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")

    private static let find = Statement(
        "progress.find",
        """
        SELECT lesson_id, finished_at FROM finished_lessons WHERE learner_id = $1 AND course_id = $2
        ORDER BY finished_at, lesson_id
        """)
}

extension Progress {
    fileprivate init(_ rows: [Row], of learner: LearnerID, in course: UniqueID) throws(PostgresFailure) {
        var finished: [FinishedLesson] = []
        for row in rows {
            finished.append(
                FinishedLesson(lesson: try row.value("lesson_id"), finishedAt: try row.value("finished_at")))
        }
        self.init(learner: learner, course: course, finished: finished)
    }
}
