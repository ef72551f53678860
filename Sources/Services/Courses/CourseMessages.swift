import API
import Postgres
import ProtoWire
import Timebase
import WellKnown

// Requests to values and values to replies: the only place that knows both.

typealias CourseMessage = LearnCourseV1.Course
typealias LessonMessage = LearnCourseV1.Lesson

extension CourseContent {
    /// Parses what a new course shall be. Lessons without an id get one from `makeID`.
    init(_ request: LearnCourseV1.CreateCourseRequest, makeID: () -> UniqueID) throws(CourseFailure) {
        var violations = Violations()
        let lessons = request.lessons.map { Lesson($0, makeID: makeID) }
        let labels = [Label](request.labels)
        let level = Level(request.level, "level", &violations)
        CourseContent.check(
            title: request.title, summary: request.summary, lessons: lessons, labels: labels, prefix: "", &violations)
        self.init(
            title: request.title, summary: request.summary, level: level, lessons: lessons, labels: labels)
        if weight > CourseContent.heaviest {
            violations.add("course", "holds \(weight) bytes of text, at most \(CourseContent.heaviest) are allowed")
        }
        guard violations.isEmpty else { throw .invalid(violations) }
    }
}

extension CoursePatch {
    /// Takes the fields that are set. The contract has no field mask, so a field at its default is one that is not set.
    init(_ course: CourseMessage, makeID: () -> UniqueID) throws(CourseFailure) {
        var violations = Violations()
        self.init()
        if !course.title.isEmpty { title = course.title }
        if !course.summary.isEmpty { summary = course.summary }
        if course.level != .unspecified { level = CourseContent.Level(course.level, "course.level", &violations) }
        if !course.lessons.isEmpty { lessons = course.lessons.map { Lesson($0, makeID: makeID) } }
        if !course.labels.isEmpty { labels = [CourseContent.Label](course.labels) }
        CourseContent.check(
            title: title, summary: summary, lessons: lessons, labels: labels, prefix: "course.", &violations)
        guard violations.isEmpty else { throw .invalid(violations) }
    }
}

extension UniqueID {
    /// Reads the id of a course out of the field `field`.
    init(courseID text: String, field: String) throws(CourseFailure) {
        guard let id = UniqueID(text) else {
            var violations = Violations()
            violations.add(
                field, text.isEmpty ? "must not be empty" : "'\(text.prefix(64))' is not the id of a course: a UUID")
            throw .invalid(violations)
        }
        self = id
    }
}

extension CourseMessage {
    init(_ course: Course) {
        self.init()
        id = course.id.description
        title = course.content.title
        summary = course.content.summary
        level = LearnCourseV1.Level(course.content.level)
        lessons = course.content.lessons.map { LessonMessage($0) }
        for label in course.content.labels { labels[label.key] = label.value }
        createTime = GoogleProtobuf.Timestamp(course.createdAt)
        updateTime = GoogleProtobuf.Timestamp(course.updatedAt)
        etag = course.etag.text
    }
}

extension LessonMessage {
    fileprivate init(_ lesson: Lesson) {
        self.init()
        id = lesson.id
        title = lesson.title
        switch lesson.body {
        case .text(let text): content = .text(text)
        case .video(let url): content = .videoUrl(url)
        case nil: break
        }
        minutes = lesson.minutes
    }
}

extension Lesson {
    fileprivate init(_ message: LessonMessage, makeID: () -> UniqueID) {
        let body: Body? =
            switch message.content {
            case .text(let text): .text(text)
            case .videoUrl(let url): .video(url: url)
            case nil: nil
            }
        self.init(
            id: message.id.isEmpty ? makeID().description : message.id, title: message.title, body: body,
            minutes: message.minutes)
    }
}

extension [CourseContent.Label] {
    fileprivate init(_ labels: ProtoMap<String, String>) {
        self = labels.map { CourseContent.Label(key: $0.key, value: $0.value) }
    }
}

extension CourseContent.Level {
    /// Enums are open: a newer client may send a level that this build does not know.
    fileprivate init(_ level: LearnCourseV1.Level, _ field: String, _ violations: inout Violations) {
        switch level {
        case .unspecified: self = .unspecified
        case .beginner: self = .beginner
        case .intermediate: self = .intermediate
        case .advanced: self = .advanced
        default:
            violations.add(field, "\(level.rawValue) is not a level")
            self = .unspecified
        }
    }
}

extension LearnCourseV1.Level {
    fileprivate init(_ level: CourseContent.Level) {
        switch level {
        case .unspecified: self = .unspecified
        case .beginner: self = .beginner
        case .intermediate: self = .intermediate
        case .advanced: self = .advanced
        }
    }
}

extension GoogleProtobuf.Timestamp {
    init(_ time: WallTime) {
        self.init()
        seconds = time.seconds
        nanos = time.nanoseconds
    }
}
