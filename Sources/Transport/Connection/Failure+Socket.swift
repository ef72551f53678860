import Exchange
import Glibc
import Reactor

extension Failure {
    /// A connection was not made.
    static func connecting(_ code: Int32) -> Failure {
        let cause: Cause =
            switch code {
            case ECONNREFUSED, ENOENT: .connectRefused
            case ETIMEDOUT: .connectTimeout
            default: .connectFailed
            }
        return Failure(.connect, cause, detail: errorText(code).lowercased(), reach: .neverSent)
    }

    /// A connection broke. What was in flight on it may have been processed.
    static func broken(_ code: Int32, wasOpened: Bool) -> Failure {
        let detail = code == 0 ? "the peer closed the connection" : errorText(code).lowercased()
        return wasOpened
            ? Failure(.receive, .peerClosed, detail: detail)
            : Failure(.connect, .connectFailed, detail: detail, reach: .neverSent)
    }
}
