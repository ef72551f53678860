import Reactor
import Synchronization
import Timebase

/// A transaction that is open on one connection, for as long as `withTransaction` runs.
///
/// It is used by one task, one statement after the other. When a statement fails, the transaction is lost: every later one
/// fails as well, and so does the commit.
public final class Transaction: Sendable {
    private let connection: Connection
    private let pool: PostgresPool
    private let deadline: Instant?
    private let stage = Mutex(Stage.fresh)

    private enum Stage {
        /// BEGIN has not been sent.
        case fresh
        case open
        case ended
    }

    init(_ connection: Connection, of pool: PostgresPool, before deadline: Instant?) {
        self.connection = connection
        self.pool = pool
        self.deadline = deadline
    }

    @discardableResult
    public func query(_ statement: Statement, _ parameters: [Parameter] = []) async throws(PostgresFailure) -> [Row] {
        try await run([Query(statement, parameters)])[0].rows
    }

    @discardableResult
    public func execute(_ statement: Statement, _ parameters: [Parameter] = []) async throws(PostgresFailure) -> Int {
        try await run([Query(statement, parameters)])[0].affected
    }

    /// Runs several statements in one trip.
    @discardableResult
    public func run(_ queries: [Query]) async throws(PostgresFailure) -> [Reply] {
        if queries.isEmpty { return [] }
        return try await send(queries, last: false)
    }

    /// Runs the last statements and commits, in one trip. Nothing may follow.
    @discardableResult
    public func commit(after queries: [Query] = []) async throws(PostgresFailure) -> [Reply] {
        try await send(queries, last: true)
    }

    /// Runs SQL text with any number of statements, without parameters and without an answer.
    public func script(_ name: String, _ sql: String) async throws(PostgresFailure) {
        if try enter(.open) == .fresh {
            try await submit(.queries([EncodedQuery(own: "BEGIN")]))
        }
        try await submit(.script(name: name, sql: sql))
    }

    /// The pool undoes what is open and gives the connection to somebody else.
    func release() {
        pool.loop.perform { self.pool.takeBack(self.connection) }
    }

    /// Commits unless `body` has.
    func commitIfOpen() async throws(PostgresFailure) {
        if stage.withLock({ $0 }) == .open { try await commit() }
    }

    private func send(_ queries: [Query], last: Bool) async throws(PostgresFailure) -> [Reply] {
        var batch = try EncodedQuery.encode(queries)
        let isFirst = try enter(last ? .ended : .open) == .fresh
        if isFirst { batch.insert(EncodedQuery(own: "BEGIN"), at: 0) }
        if last { batch.append(EncodedQuery(own: "COMMIT")) }
        let replies = try await submit(.queries(batch))
        // A transaction in which a statement failed "commits" as ROLLBACK, without an error (PostgreSQL 15, COMMIT).
        if last, replies.last?.tag != "COMMIT" {
            throw PostgresFailure(
                .refused, sqlState: .failedTransaction, "a statement had failed, so the transaction was rolled back",
                statement: "commit")
        }
        return Array(replies.dropFirst(isFirst ? 1 : 0).dropLast(last ? 1 : 0))
    }

    /// Answers the stage before.
    private func enter(_ next: Stage) throws(PostgresFailure) -> Stage {
        let before = stage.withLock { stage in
            defer { stage = next }
            return stage
        }
        guard before != .ended else {
            throw PostgresFailure(.closed, "the transaction has been committed already")
        }
        return before
    }

    @discardableResult
    private func submit(_ batch: Batch) async throws(PostgresFailure) -> [Reply] {
        try await pool.ticketed(before: deadline) { ticket in
            self.start(ticket)
        } wish: { done in
            .run(batch, done)
        }
    }

    private func start(_ ticket: Ticket) {
        guard !ticket.isDone else { return }
        guard connection.isFit else {
            ticket.fail(PostgresFailure(.lost, "the transaction's connection broke, or a statement of it was given up"))
            return
        }
        ticket.startTimer(pool.loop, timeout: pool.config.limits.statementTimeout)
        ticket.run(on: connection) {}
    }
}
