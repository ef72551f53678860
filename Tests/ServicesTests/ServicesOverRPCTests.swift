import API
import Postgres
import RPC
import Reactor
import Testing

@testable import Services

@Suite("The services over the wire")
struct ServicesOverRPCTests {
    private func newCourse(_ mesh: TestMesh) async throws -> LearnCourseV1.Course {
        var request = LearnCourseV1.CreateCourseRequest()
        request.title = "Tiếng Việt 1"
        request.lessons = ["chao", "so-dem"].map { id in
            var lesson = LearnCourseV1.Lesson()
            lesson.id = id
            lesson.title = id
            return lesson
        }
        return try await mesh.courses.createCourse(request)
    }

    private func record(
        _ lesson: String, of course: String, _ mesh: TestMesh, timeout: Duration? = nil
    ) async throws -> LearnProgressV1.Progress {
        var request = LearnProgressV1.RecordLessonRequest()
        request.learnerId = "nguyễn"
        request.courseId = course
        request.lessonId = lesson
        return try await mesh.progress.recordLesson(request, options: CallOptions(timeout: timeout))
    }

    @Test("a course is created, got, changed and deleted; failures come with their status")
    func course() async throws {
        let mesh = try await TestMesh()
        let course = try await newCourse(mesh)
        var get = LearnCourseV1.GetCourseRequest()
        get.id = course.id
        #expect(try await mesh.courses.getCourse(get) == course)
        var update = LearnCourseV1.UpdateCourseRequest()
        var change = LearnCourseV1.Course()
        change.id = course.id
        change.summary = "Mới"
        change.etag = course.etag
        update.course = change
        let changed = try await mesh.courses.updateCourse(update)
        #expect(changed.summary == "Mới" && changed.title == course.title && changed.lessons == course.lessons)
        let stale = await status { _ = try await mesh.courses.updateCourse(update) }
        #expect(stale.code == .aborted)
        var delete = LearnCourseV1.DeleteCourseRequest()
        delete.id = course.id
        _ = try await mesh.courses.deleteCourse(delete)
        let gone = await status { _ = try await mesh.courses.getCourse(get) }
        #expect(gone == Status(.notFound, "there is no course \(course.id)"))
    }

    @Test("a lesson is recorded once; the course service says what lessons there are")
    func progress() async throws {
        let mesh = try await TestMesh()
        let course = try await newCourse(mesh)
        let first = try await record("so-dem", of: course.id, mesh)
        #expect(first.lessonsTotal == 2)
        #expect(first.lessons.map(\.lessonId) == ["so-dem"])
        #expect(try await record("so-dem", of: course.id, mesh) == first)
        #expect(try await record("chao", of: course.id, mesh).lessons.map(\.lessonId) == ["so-dem", "chao"])
        var get = LearnProgressV1.GetProgressRequest()
        get.learnerId = "ai đó"
        get.courseId = course.id
        let nobody = try await mesh.progress.getProgress(get)
        #expect(nobody.lessons.isEmpty && nobody.lessonsTotal == 2)
    }

    @Test("what cannot be recorded says why")
    func refused() async throws {
        let mesh = try await TestMesh()
        let course = try await newCourse(mesh)
        let noLesson = await status { _ = try await record("bay", of: course.id, mesh) }
        #expect(noLesson == Status(.failedPrecondition, "the course \(course.id) has no lesson 'bay'"))
        let unknown = UniqueIDSource().make().description
        let noCourse = await status { _ = try await record("chao", of: unknown, mesh) }
        #expect(noCourse == Status(.notFound, "there is no course \(unknown)"))
        let invalid = await status { _ = try await record("", of: "x", mesh) }
        #expect(
            invalid
                == Status(
                    .invalidArgument,
                    "course_id: 'x' is not the id of a course: a UUID; lesson_id: must not be empty"))
        mesh.courseHandlers.store.pool.close()
        let away = await status { _ = try await record("chao", of: course.id, mesh) }
        #expect(
            away
                == Status(
                    .unavailable, "the course service could not be asked: the database is not available (course.find)"))
    }

    @Test("the caller's deadline goes down to the course service and its statement")
    func deadline() async throws {
        let mesh = try await TestMesh()
        let course = try await newCourse(mesh)
        // Somebody holds the lock that the statement needs, so that only the deadline ends it.
        let store = mesh.courseHandlers.store
        let gate = AsyncStream<Void>.makeStream()
        let locked = AsyncStream<Void>.makeStream()
        let holder = Task {
            try await store.pool.withTransaction { transaction in
                try await transaction.query("LOCK TABLE courses IN ACCESS EXCLUSIVE MODE")
                locked.continuation.finish()
                for await _ in gate.stream {}
            }
        }
        for await _ in locked.stream {}
        let late = await status { _ = try await record("chao", of: course.id, mesh, timeout: .milliseconds(100)) }
        #expect(late.code == .deadlineExceeded)
        gate.continuation.finish()
        try await holder.value
        #expect(try await record("chao", of: course.id, mesh).lessons.count == 1)
    }

    @Test("a watcher hears of changes until it leaves, or until its replica does")
    func watch() async throws {
        let mesh = try await TestMesh()
        let changes = mesh.courseHandlers.changes
        let feed = NotificationFeed(
            mesh.courseHandlers.store.pool.config, channel: "course_changes", on: TestServer.loop
        ) { changes.hear($0) }
        feed.start()
        #expect(await eventually { changes.isListening })
        let request = LearnCourseV1.WatchCoursesRequest()
        let (events, told) = AsyncStream<LearnCourseV1.CourseEvent>.makeStream()
        let watcher = Task {
            try await mesh.courses.watchCourses(request) { for try await event in $0 { told.yield(event) } }
        }
        let other = Task { await status { try await mesh.courses.watchCourses(request) { for try await _ in $0 {} } } }
        #expect(await eventually { changes.watcherCount == 2 })
        var heard = events.makeAsyncIterator()
        let course = try await newCourse(mesh)
        let created = await heard.next()
        #expect(created?.kind == .created && created?.course == course)
        var delete = LearnCourseV1.DeleteCourseRequest()
        delete.id = course.id
        _ = try await mesh.courses.deleteCourse(delete)
        let deleted = await heard.next()
        #expect(deleted?.kind == .deleted && deleted?.course?.id == course.id)
        watcher.cancel()
        #expect(await eventually { changes.watcherCount == 1 }, "who leaves is forgotten")
        changes.stop()
        #expect(await other.value == Status(.unavailable, "this replica is stopping: list, and watch again"))
        feed.stop()
    }

    private func eventually(_ condition: () -> Bool) async -> Bool {
        for _ in 0..<2000 {
            if condition() { return true }
            try? await TestServer.loop.sleep(for: .milliseconds(5))
        }
        return false
    }
}
