import Logging
import Postgres
import RPC

extension Logger {
    /// Notes what the database said, with what no caller may see. A caller who left, or was late, is no news.
    func report(_ failure: PostgresFailure, in call: Call) {
        switch failure.kind {
        case .cancelled, .deadline: return
        default: break
        }
        log(
            level: failure.isUnavailable || failure.isConflict ? .warning : .error, "the database failed a statement",
            metadata: [
                "request_id": "\(call.requestID)", "statement": "\(failure.statement)", "message": "\(failure.message)",
                "sqlstate": "\(failure.sqlState?.rawValue ?? "")", "detail": "\(failure.detail)",
            ])
    }
}
