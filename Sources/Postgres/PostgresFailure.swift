/// Why a statement has no answer: the server refused it, the connection failed it, or it never got to run.
///
/// Messages come from the server and from libpq. They name tables, columns and constraints but not the values of parameters;
/// `detail` may quote values of a row, so it is for the log and never for a caller.
public struct PostgresFailure: Error, Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// The server answered with an error; `sqlState` says which.
        case refused
        /// No connection could be made: nothing was sent.
        case unreachable
        /// The connection broke while the statement was under way: it may have run.
        case lost
        /// All connections are taken and the queue for them is full: nothing was sent.
        case busy
        /// The caller's time ran out: while it waited (nothing was sent) or while it ran.
        case deadline
        /// The caller left.
        case cancelled
        /// A parameter cannot be sent: a NUL byte in a text, too large a value.
        case invalidParameter
        /// An answer came, but not in the shape that the reader asked for: a missing column, another type, a NULL.
        case unreadable
        /// The pool is closed.
        case closed
    }

    public var kind: Kind
    /// The server's five-character code, for `.refused` alone.
    public var sqlState: SQLState?
    /// One sentence, without its final full stop.
    public var message: String
    /// What the server adds, with values of rows perhaps: for logs only.
    public var detail: String
    /// The constraint that was violated, or empty.
    public var constraint: String
    /// The name of the statement that failed, or empty when there is none.
    public var statement: String

    public init(
        _ kind: Kind, sqlState: SQLState? = nil, _ message: String, detail: String = "", constraint: String = "",
        statement: String = ""
    ) {
        self.kind = kind
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.constraint = constraint
        self.statement = statement
    }

    /// The database is away, starting, stopping or overrun: the same statement may succeed a little later.
    public var isUnavailable: Bool {
        switch kind {
        case .unreachable, .lost, .busy, .closed: true
        case .refused: sqlState.map { $0.isUnavailable } ?? false
        case .deadline, .cancelled, .invalidParameter, .unreadable: false
        }
    }

    /// Two transactions were in each other's way and this one was undone: running it again is the remedy.
    public var isConflict: Bool {
        sqlState == .serializationFailure || sqlState == .deadlockDetected
    }

    func naming(_ statement: String) -> PostgresFailure {
        var named = self
        if named.statement.isEmpty { named.statement = statement }
        return named
    }
}

extension PostgresFailure: CustomStringConvertible {
    public var description: String {
        let code = sqlState.map { " (SQLSTATE \($0.rawValue))" } ?? ""
        let place = statement.isEmpty ? "" : " [\(statement)]"
        return "postgres: \(message)\(code)\(place)"
    }
}
