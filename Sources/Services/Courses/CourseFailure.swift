import Postgres
import RPC

/// Why a request about courses has no answer.
enum CourseFailure: Error, Equatable {
    case invalid(Violations)
    /// No course has this id, or it is deleted.
    case notFound(String)
    /// The course changed since the caller read its etag.
    case stale(String)
    /// The update would make the course too heavy.
    case tooHeavy(Int)
    case database(PostgresFailure)
    /// The stream of changes cannot go on without a gap.
    case watch(WatchFailure)

    enum WatchFailure: Equatable {
        case tooManyWatchers
        case fellBehind
        case cutOff
        case stopping
    }
}

extension RPCError {
    init(_ failure: CourseFailure) {
        switch failure {
        case .invalid(let violations):
            self.init(.invalidArgument, violations.text)
        case .notFound(let id):
            self.init(.notFound, "there is no course \(id)")
        case .stale(let id):
            self.init(.aborted, "the course \(id) was changed since its etag was read: read it again")
        case .tooHeavy(let weight):
            self.init(
                .failedPrecondition,
                "the course would hold \(weight) bytes of text, at most \(CourseContent.heaviest) are allowed")
        case .database(let failure):
            self.init(failure)
        case .watch(.tooManyWatchers):
            self.init(
                .resourceExhausted,
                "too many watchers of courses at this replica, at most \(CourseChanges.mostWatchers)")
        case .watch(.fellBehind):
            self.init(
                .resourceExhausted,
                "the watcher fell behind by \(CourseChanges.longestQueue) changes: list, and watch again")
        case .watch(.stopping):
            self.init(.unavailable, "this replica is stopping: list, and watch again")
        case .watch(.cutOff):
            self.init(.unavailable, "changes may have been missed while the database was away: list, and watch again")
        }
    }
}
