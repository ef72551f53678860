import API
import Postgres
import ProtoWire
import Testing
import Timebase
import WellKnown

@testable import Services

@Suite("A request is parsed whole, or refused with the fields that are wrong")
struct CourseMessagesTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout LearnCourseV1.CreateCourseRequest) -> Void
        let text: String

        init(
            _ name: String, _ text: String,
            _ change: @escaping @Sendable (inout LearnCourseV1.CreateCourseRequest) -> Void
        ) {
            testDescription = name
            self.change = change
            self.text = text
        }
    }

    static let faults = [
        Fault("no title", "title: must not be empty") { $0.title = "" },
        Fault("a title of spaces of all kinds", "title: must not be empty") { $0.title = " \u{3000}\u{2009}" },
        Fault("a NUL in the title", "title: must not hold control characters or line breaks") { $0.title = "a\0b" },
        Fault("a line break in the title", "title: must not hold control characters or line breaks") {
            $0.title = "a\nb"
        },
        Fault("a long title", "title: is 201 characters long, at most 200 are allowed") {
            $0.title = String(repeating: "ệ", count: 201)
        },
        Fault("a NUL in the summary", "summary: must not hold control characters") { $0.summary = "\0" },
        Fault("a level of the future", "level: 17 is not a level") { $0.level = .init(rawValue: 17) },
        Fault("a lesson without a title", "lessons[1].title: must not be empty") {
            $0.lessons = [lesson("a"), lesson("b", title: "")]
        },
        Fault("a lesson's id with a slash", "lessons[0].id: may hold letters, digits, '-', '_' and '.' only") {
            $0.lessons = [lesson("a/b")]
        },
        Fault("two lessons with one id", "lessons[2].id: 'a' is the id of lessons[0] already") {
            $0.lessons = [lesson("a"), lesson("b"), lesson("a")]
        },
        Fault("a video nowhere", "lessons[0].video_url: must be an http or https URL") {
            $0.lessons = [lesson("a", .videoUrl("javascript:alert(1)"))]
        },
        Fault("negative minutes", "lessons[0].minutes: is -1, it must lie between 0 and 10000") {
            $0.lessons = [lesson("a", minutes: -1)]
        },
        Fault("too many lessons", "lessons: are 501, at most 500 are allowed") {
            $0.lessons = (0...500).map { lesson("l\($0)") }
        },
        Fault("an empty label", "labels key: must not be empty") { $0.labels[""] = "x" },
        Fault("a long label", "labels['k']: is 257 characters long, at most 256 are allowed") {
            $0.labels["k"] = String(repeating: "v", count: 257)
        },
        Fault("a heavy course", "course: holds 1100224 bytes of text, at most 1048576 are allowed") {
            $0.lessons = (0..<11).map { lesson("l\($0 % 10)\($0 / 10)", .text(String(repeating: "x", count: 100_000))) }
        },
        Fault(
            "several faults at once",
            "title: must not be empty; lessons[0].title: must not be empty; lessons[0].minutes: is -5, it must lie between 0 and 10000"
        ) {
            $0.title = ""
            $0.lessons = [lesson("a", title: " ", minutes: -5)]
        },
        Fault(
            "more faults than anybody reads",
            (0..<10).map { "lessons[\($0)].title: must not be empty" }.joined(separator: "; ") + "; and 10 more"
        ) {
            $0.lessons = (0..<20).map { lesson("l\($0)", title: "") }
        },
    ]

    @Test("a new course that is refused", arguments: faults)
    func refused(_ fault: Fault) {
        var request = LearnCourseV1.CreateCourseRequest()
        request.title = "Good"
        fault.change(&request)
        do {
            _ = try CourseContent(request, makeID: UniqueIDSource().make)
            Issue.record("\(fault.testDescription) must be refused")
        } catch {
            guard case .invalid(let violations) = error else {
                Issue.record("refused as \(error)")
                return
            }
            #expect(violations.text == fault.text)
        }
    }

    @Test("a new course in any script is taken as it is; lessons without an id get one each")
    func taken() throws {
        var request = LearnCourseV1.CreateCourseRequest()
        request.title = "日本語 🧑‍🏫 Tiếng Việt"
        request.summary = "một\n\thai"
        request.level = .advanced
        request.lessons = [
            Self.lesson(""), Self.lesson(""), Self.lesson("own", .videoUrl("https://example.org/v?x=1"), minutes: 0),
        ]
        request.labels["ngữ"] = ""
        let content = try CourseContent(request, makeID: UniqueIDSource().make)
        #expect(content.title == request.title)
        #expect(content.summary == request.summary)
        #expect(content.level == .advanced)
        #expect(content.lessons.map(\.body) == [nil, nil, .video(url: "https://example.org/v?x=1")])
        #expect(content.lessons.map(\.minutes) == [nil, nil, 0])
        #expect(Set(content.lessons.map(\.id)).count == 3)
        #expect(content.labels == [.init(key: "ngữ", value: "")])
    }

    @Test("an update takes what is set and nothing else")
    func patch() throws {
        var message = LearnCourseV1.Course()
        #expect(try CoursePatch(message, makeID: UniqueIDSource().make).isEmpty)
        message.id = "ignored here"
        message.title = "Mới"
        message.etag = "7"
        let patch = try CoursePatch(message, makeID: UniqueIDSource().make)
        #expect(patch == CoursePatch(title: "Mới"))
        message.level = .init(rawValue: 9)
        #expect(throws: CourseFailure.self) { try CoursePatch(message, makeID: UniqueIDSource().make) }
    }

    @Test("a reply says what the course is")
    func reply() {
        let course = Course(
            id: UniqueID(high: 0x0193_0e9c_3f2a_7c4d, low: 0x8e5f_0123_4567_89ab),
            content: CourseContent(
                title: "T", summary: "S", level: .intermediate,
                lessons: [Lesson(id: "a", title: "A", body: .text("x"), minutes: 5)],
                labels: [.init(key: "k", value: "v")]),
            createdAt: .init(seconds: 1, nanoseconds: 2000), updatedAt: .init(seconds: 3), revision: 4)
        let message = LearnCourseV1.Course(course)
        #expect(message.id == "01930e9c-3f2a-7c4d-8e5f-0123456789ab")
        #expect(message.level == .intermediate)
        #expect(message.lessons.map(\.content) == [.text("x")])
        #expect(message.lessons.map(\.minutes) == [5])
        #expect(message.labels["k"] == "v")
        #expect(message.createTime?.seconds == 1 && message.createTime?.nanos == 2000)
        #expect(message.updateTime?.seconds == 3)
        #expect(message.etag == "4")
    }

    @Test(
        "an etag is matched as it was given, and never read leniently",
        arguments: ["", "4", "04", "+4", "5", "x", "-1", "4 "])
    func etag(_ text: String) {
        #expect(EtagWish(text).accepts(Etag(revision: 4)) == (text == "" || text == "4"))
    }

    private static func lesson(
        _ id: String, _ content: LearnCourseV1.Lesson.Content? = nil, title: String = "L", minutes: Int32? = nil
    ) -> LearnCourseV1.Lesson {
        var lesson = LearnCourseV1.Lesson()
        lesson.id = id
        lesson.title = title
        lesson.content = content
        lesson.minutes = minutes
        return lesson
    }
}
