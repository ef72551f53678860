import API
import Logging
import Postgres
import ProtoWire
import RPC
import Reactor
import Testing
import Timebase
import WellKnown

@testable import Services

@Suite("The course service answers as its contract says")
struct CourseHandlersTests {
    private let call = Call(requestID: "test", deadline: SystemClock.now.advanced(by: .seconds(60)))

    private func newHandlers() async throws -> CourseHandlers {
        let store = try await TestServer.newCourseStore()
        return CourseHandlers(
            store: store, changes: CourseChanges(), ids: UniqueIDSource(),
            seal: PageSeal(key: try await store.pageKey(before: nil)),
            log: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
    }

    private func create(_ title: String, _ handlers: CourseHandlers) async throws -> LearnCourseV1.Course {
        var request = LearnCourseV1.CreateCourseRequest()
        request.title = title
        return try await handlers.createCourse(request, in: call)
    }

    private func get(_ id: String, _ handlers: CourseHandlers) async throws -> LearnCourseV1.Course {
        var request = LearnCourseV1.GetCourseRequest()
        request.id = id
        return try await handlers.getCourse(request, in: call)
    }

    private func delete(_ id: String, etag: String, _ handlers: CourseHandlers) async throws {
        var request = LearnCourseV1.DeleteCourseRequest()
        request.id = id
        request.etag = etag
        _ = try await handlers.deleteCourse(request, in: call)
    }

    @Test("a course that is created is got, with a UUID, an etag and its times")
    func create() async throws {
        let handlers = try await newHandlers()
        let course = try await create("Tiếng Việt 1", handlers)
        #expect(course.title == "Tiếng Việt 1")
        #expect(UniqueID(course.id) != nil)
        #expect(course.etag == "1")
        #expect(course.createTime != nil && course.createTime == course.updateTime)
        #expect(try await get(course.id, handlers) == course)
    }

    @Test("what is missing is NOT_FOUND, what is malformed INVALID_ARGUMENT, both by name")
    func missing() async throws {
        let handlers = try await newHandlers()
        let id = UniqueIDSource().make().description
        #expect(await status { _ = try await get(id, handlers) } == Status(.notFound, "there is no course \(id)"))
        #expect(
            await status { try await delete(id, etag: "", handlers) } == Status(.notFound, "there is no course \(id)"))
        #expect(await status { _ = try await get("", handlers) } == Status(.invalidArgument, "id: must not be empty"))
        #expect(
            await status { _ = try await get("7", handlers) }
                == Status(.invalidArgument, "id: '7' is not the id of a course: a UUID"))
        #expect(
            await status { _ = try await create("", handlers) } == Status(.invalidArgument, "title: must not be empty"))
        #expect(
            await status { _ = try await handlers.updateCourse(LearnCourseV1.UpdateCourseRequest(), in: call) }
                == Status(.invalidArgument, "course.id: must not be empty"))
    }

    @Test("an update with the etag that was read goes through, with an older one it is ABORTED")
    func etag() async throws {
        let handlers = try await newHandlers()
        let course = try await create("Cũ", handlers)
        var request = LearnCourseV1.UpdateCourseRequest()
        var change = LearnCourseV1.Course()
        change.id = course.id
        change.title = "Mới"
        change.etag = course.etag
        request.course = change
        let updated = try await handlers.updateCourse(request, in: call)
        #expect(updated.title == "Mới" && updated.etag == "2")
        let stale = await status { _ = try await handlers.updateCourse(request, in: call) }
        #expect(stale.code == .aborted)
        #expect(await status { try await delete(course.id, etag: course.etag, handlers) }.code == .aborted)
        try await delete(course.id, etag: updated.etag, handlers)
        try await delete(course.id, etag: updated.etag, handlers)
        #expect(await status { _ = try await get(course.id, handlers) }.code == .notFound)
    }

    @Test("a list gives a token while there is more, and takes it back; a foreign token is INVALID_ARGUMENT")
    func list() async throws {
        let handlers = try await newHandlers()
        for number in 1...5 { _ = try await create("Course \(number)", handlers) }
        var request = LearnCourseV1.ListCoursesRequest()
        request.pageSize = 2
        var titles: [String] = []
        repeat {
            let page = try await handlers.listCourses(request, in: call)
            #expect(page.courses.count <= 2)
            titles += page.courses.map(\.title)
            request.pageToken = page.nextPageToken
        } while !request.pageToken.isEmpty
        #expect(titles == (1...5).map { "Course \($0)" })
        request.pageToken = "x"
        request.pageSize = 0
        let foreign = await status { _ = try await handlers.listCourses(request, in: call) }
        #expect(foreign == Status(.invalidArgument, "page_token: is not a token that ListCourses gave"))
        request.pageToken = ""
        request.pageSize = -1
        let negative = await status { _ = try await handlers.listCourses(request, in: call) }
        #expect(negative == Status(.invalidArgument, "page_size: is -1, it must not be negative"))
        request.pageSize = .max
        #expect(try await handlers.listCourses(request, in: call).courses.count == 5)
    }

    @Test("an update that would make the course too heavy is FAILED_PRECONDITION")
    func tooHeavy() async throws {
        let handlers = try await newHandlers()
        var request = LearnCourseV1.CreateCourseRequest()
        request.title = "Heavy"
        request.lessons = (0..<10).map { number in
            var lesson = LearnCourseV1.Lesson()
            lesson.title = "L\(number)"
            lesson.content = .text(String(repeating: "x", count: 100_000))
            return lesson
        }
        let course = try await handlers.createCourse(request, in: call)
        var update = LearnCourseV1.UpdateCourseRequest()
        var change = LearnCourseV1.Course()
        change.id = course.id
        change.summary = String(repeating: "🧑‍🏫", count: 3333)
        for number in 0..<64 { change.labels["\(number)"] = String(repeating: "🧑", count: 256) }
        update.course = change
        let outcome = await status { _ = try await handlers.updateCourse(update, in: call) }
        #expect(outcome.code == .failedPrecondition)
        #expect(try await get(course.id, handlers) == course)
    }

    @Test("a call whose deadline has passed is DEADLINE_EXCEEDED, and one without a database UNAVAILABLE")
    func database() async throws {
        let handlers = try await newHandlers()
        let late = Call(requestID: "late", deadline: SystemClock.now)
        #expect(
            await status { _ = try await handlers.listCourses(LearnCourseV1.ListCoursesRequest(), in: late) }.code
                == .deadlineExceeded)
        handlers.store.pool.close()
        let away = await status { _ = try await handlers.listCourses(LearnCourseV1.ListCoursesRequest(), in: call) }
        #expect(away == Status(.unavailable, "the database is not available (course.page)"))
    }
}

/// How a call ended, for its caller.
struct Status: Equatable {
    let code: StatusCode
    let message: String

    init(_ code: StatusCode, _ message: String) {
        self.code = code
        self.message = message
    }
}

func status(_ call: () async throws -> Void) async -> Status {
    do {
        try await call()
        return Status(.ok, "")
    } catch {
        guard let error = error as? RPCError else { return Status(.unknown, "\(error)") }
        return Status(error.code, error.message)
    }
}
