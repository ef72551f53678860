import API
import Logging
import Postgres
import RPC
import WellKnown

/// Serves `learn.course.v1.CourseService`: requests in, replies out.
struct CourseHandlers: LearnCourseV1.CourseService {
    private static let usualPage = 50
    private static let largestPage = 1000

    let store: CourseStore
    let changes: CourseChanges
    let ids: UniqueIDSource
    let seal: PageSeal
    let log: Logger

    func createCourse(_ request: LearnCourseV1.CreateCourseRequest, in call: Call) async throws -> LearnCourseV1.Course
    {
        try await answer(call) {
            let content = try CourseContent(request, makeID: ids.make)
            return CourseMessage(try await store.insert(content, as: ids.make(), before: call.deadline))
        }
    }

    func getCourse(_ request: LearnCourseV1.GetCourseRequest, in call: Call) async throws -> LearnCourseV1.Course {
        try await answer(call) {
            let id = try UniqueID(courseID: request.id, field: "id")
            return CourseMessage(try await store.find(id, before: call.deadline))
        }
    }

    func listCourses(
        _ request: LearnCourseV1.ListCoursesRequest, in call: Call
    ) async throws -> LearnCourseV1.ListCoursesResponse {
        try await answer(call) {
            let size = try pageSize(request.pageSize)
            let last = request.pageToken.isEmpty ? nil : try PageToken(request.pageToken, seal: seal).last
            let page = try await store.page(after: last, count: size, before: call.deadline)
            var response = LearnCourseV1.ListCoursesResponse()
            response.courses = page.courses.map { CourseMessage($0) }
            if page.hasMore, let last = page.courses.last {
                response.nextPageToken = PageToken(last: last.id).text(seal: seal)
            }
            return response
        }
    }

    func updateCourse(_ request: LearnCourseV1.UpdateCourseRequest, in call: Call) async throws -> LearnCourseV1.Course
    {
        try await answer(call) {
            let course = request.course ?? CourseMessage()
            let id = try UniqueID(courseID: course.id, field: "course.id")
            let patch = try CoursePatch(course, makeID: ids.make)
            return CourseMessage(
                try await store.update(id, with: patch, wish: EtagWish(course.etag), before: call.deadline))
        }
    }

    func deleteCourse(_ request: LearnCourseV1.DeleteCourseRequest, in call: Call) async throws -> GoogleProtobuf.Empty
    {
        try await answer(call) {
            let id = try UniqueID(courseID: request.id, field: "id")
            try await store.delete(id, wish: EtagWish(request.etag), before: call.deadline)
            return GoogleProtobuf.Empty()
        }
    }

    func watchCourses(
        _ request: LearnCourseV1.WatchCoursesRequest, to replies: MessageWriter<LearnCourseV1.CourseEvent>,
        in call: Call
    ) async throws {
        try await answer(call) {
            let watched = try changes.watch()
            // From here on nothing is missed: the caller may know it before the first change.
            await replies.begin()
            for try await change in watched {
                guard let course = try await change.course(from: store) else { continue }
                try await replies.write(LearnCourseV1.CourseEvent(change.kind, course))
            }
        }
    }

    private func pageSize(_ wished: Int32) throws(CourseFailure) -> Int {
        guard wished >= 0 else {
            var violations = Violations()
            violations.add("page_size", "is \(wished), it must not be negative")
            throw .invalid(violations)
        }
        return wished == 0 ? CourseHandlers.usualPage : min(Int(wished), CourseHandlers.largestPage)
    }

    /// Failures of the feature become statuses here and nowhere else.
    private func answer<Reply>(_ call: Call, _ body: () async throws -> Reply) async throws -> Reply {
        do {
            return try await body()
        } catch let failure as CourseFailure {
            if case .database(let cause) = failure { log.report(cause, in: call) }
            throw RPCError(failure)
        }
    }
}

extension LearnCourseV1.CourseEvent {
    fileprivate init(_ kind: CourseChange.Kind, _ course: Course) {
        self.init()
        switch kind {
        case .created: self.kind = .created
        case .updated: self.kind = .updated
        case .deleted: self.kind = .deleted
        }
        self.course = CourseMessage(course)
    }
}
