import API
import Logging
import Postgres
import RPC

/// Serves `learn.progress.v1.ProgressService`. What a course is, CourseService alone knows: it is asked on every call, with the
/// deadline and the request id of our own caller.
struct ProgressHandlers: LearnProgressV1.ProgressService {
    let store: ProgressStore
    let courses: LearnCourseV1.CourseServiceClient
    let log: Logger

    func recordLesson(
        _ request: LearnProgressV1.RecordLessonRequest, in call: Call
    ) async throws -> LearnProgressV1.Progress {
        try await answer(call) {
            let record = try LessonRecord(request)
            let course = try await course(record.course, in: call)
            guard course.lessons.contains(where: { $0.id == record.lesson }) else {
                throw ProgressFailure.noLesson(record.lesson, course: record.course.description)
            }
            let progress = try await store.record(record, before: call.deadline)
            return LearnProgressV1.Progress(progress, of: course.lessons.count)
        }
    }

    func getProgress(
        _ request: LearnProgressV1.GetProgressRequest, in call: Call
    ) async throws -> LearnProgressV1.Progress {
        try await answer(call) {
            let key = try ProgressKey(request)
            let course = try await course(key.course, in: call)
            let progress = try await store.find(key.learner, key.course, before: call.deadline)
            return LearnProgressV1.Progress(progress, of: course.lessons.count)
        }
    }

    private func course(_ id: UniqueID, in call: Call) async throws(ProgressFailure) -> LearnCourseV1.Course {
        var request = LearnCourseV1.GetCourseRequest()
        request.id = id.description
        do {
            return try await courses.getCourse(request, in: call)
        } catch let error as RPCError where error.code == .notFound {
            throw .noCourse(id.description)
        } catch let error as RPCError {
            throw .courses(error)
        } catch {
            throw .courses(RPCError(.unknown, "\(error)"))
        }
    }

    /// Failures of the feature become statuses here and nowhere else.
    private func answer<Reply>(_ call: Call, _ body: () async throws -> Reply) async throws -> Reply {
        do {
            return try await body()
        } catch let failure as ProgressFailure {
            if case .database(let cause) = failure { log.report(cause, in: call) }
            throw RPCError(failure)
        }
    }
}
