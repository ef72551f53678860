import Postgres
import RPC

extension RPCError {
    /// What a caller may know of a database's failure: its kind and the statement's name, but nothing of its content.
    init(_ failure: PostgresFailure) {
        let place = failure.statement.isEmpty ? "" : " (\(failure.statement))"
        switch failure.kind {
        case .busy:
            self.init(.unavailable, "the database has more work than it can do\(place)")
        case _ where failure.isUnavailable:
            self.init(.unavailable, "the database is not available\(place)")
        case _ where failure.isConflict:
            self.init(.aborted, "another change was in the way\(place)")
        case .deadline:
            self.init(.deadlineExceeded, "the database did not answer in time\(place)")
        case .cancelled:
            self.init(.cancelled, "the caller left\(place)")
        case .invalidParameter:
            self.init(.invalidArgument, failure.message)
        default:
            self.init(.internal, "the database refused a statement\(place)")
        }
    }
}
