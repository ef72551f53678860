import Postgres
import Timebase

/// A course as the catalogue keeps it.
struct Course: Sendable, Equatable {
    let id: UniqueID
    var content: CourseContent
    let createdAt: WallTime
    var updatedAt: WallTime
    /// Counts the changes, from 1.
    var revision: Int64
    var isDeleted = false

    var etag: Etag { Etag(revision: revision) }
}

/// What the author of a course decides: everything but its id, times and revision. Valid as soon as it exists.
struct CourseContent: Sendable, Equatable {
    var title: String
    var summary: String
    var level: Level
    var lessons: [Lesson]
    var labels: [Label]

    enum Level: String, Sendable, CaseIterable {
        case unspecified, beginner, intermediate, advanced
    }

    struct Label: Sendable, Equatable {
        var key: String
        var value: String
    }

    /// What the content weighs: the bytes of its texts. Pages of a list and messages are bounded by it.
    var weight: Int {
        var weight = title.utf8.count + summary.utf8.count
        for lesson in lessons { weight += lesson.weight }
        for label in labels { weight += label.key.utf8.count + label.value.utf8.count }
        return weight
    }
}

/// A step of a course, in its place.
struct Lesson: Sendable, Equatable {
    /// Unique in its course.
    var id: String
    var title: String
    var body: Body?
    var minutes: Int32?

    enum Body: Sendable, Equatable {
        case text(String)
        case video(url: String)
    }

    var weight: Int {
        let body =
            switch self.body {
            case .text(let text), .video(let text): text.utf8.count
            case nil: 0
            }
        return id.utf8.count + title.utf8.count + body + 16
    }
}

/// What stands for the version of a course that its reader saw.
struct Etag: Equatable, Sendable {
    let revision: Int64

    init(revision: Int64) {
        self.revision = revision
    }

    /// Nil for a text that no course ever had as its etag: it is stale in any case.
    init?(_ text: String) {
        guard let revision = Int64(text), revision > 0, String(revision) == text else { return nil }
        self.revision = revision
    }

    var text: String { String(revision) }
}

/// What a change wants of the version that it finds.
enum EtagWish: Sendable, Equatable {
    /// Whatever is there.
    case any
    case exactly(Etag)
    /// A text that never was an etag.
    case never

    init(_ text: String) {
        if text.isEmpty { self = .any } else { self = Etag(text).map { .exactly($0) } ?? .never }
    }

    func accepts(_ etag: Etag) -> Bool {
        switch self {
        case .any: true
        case .exactly(let wanted): wanted == etag
        case .never: false
        }
    }
}

/// The parts of a course that an update sets; nil leaves a part as it is.
struct CoursePatch: Sendable, Equatable {
    var title: String?
    var summary: String?
    var level: CourseContent.Level?
    var lessons: [Lesson]?
    var labels: [CourseContent.Label]?

    var isEmpty: Bool { self == CoursePatch() }

    func applied(to content: CourseContent) -> CourseContent {
        CourseContent(
            title: title ?? content.title, summary: summary ?? content.summary, level: level ?? content.level,
            lessons: lessons ?? content.lessons, labels: labels ?? content.labels)
    }
}
