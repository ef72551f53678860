import Postgres
import RPC

/// Why a request about progress has no answer.
enum ProgressFailure: Error {
    case invalid(Violations)
    case noCourse(String)
    /// The course is there, but has no such lesson (any more).
    case noLesson(String, course: String)
    /// CourseService could not be asked, or answered with a fault of its own.
    case courses(RPCError)
    case database(PostgresFailure)
}

extension RPCError {
    init(_ failure: ProgressFailure) {
        switch failure {
        case .invalid(let violations):
            self.init(.invalidArgument, violations.text)
        case .noCourse(let course):
            self.init(.notFound, "there is no course \(course)")
        case .noLesson(let lesson, let course):
            self.init(.failedPrecondition, "the course \(course) has no lesson '\(lesson)'")
        case .courses(let error):
            self.init(courses: error)
        case .database(let failure):
            self.init(failure)
        }
    }

    /// What another service's failure means to our caller: that we cannot serve now keeps its code; any other answer is a
    /// fault between the two services, and none of the caller's.
    private init(courses error: RPCError) {
        let said = error.message.isEmpty ? error.code.name : error.message
        switch error.code {
        case .unavailable, .deadlineExceeded, .cancelled, .resourceExhausted:
            self.init(
                error.code, "the course service could not be asked: \(said)", cause: error.cause,
                why: error.why)
        default:
            self.init(.internal, "the course service answered \(error.code.name): \(said)", cause: error.cause)
        }
    }
}
