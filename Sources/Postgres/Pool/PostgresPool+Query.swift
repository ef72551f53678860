import Reactor
public import Timebase

extension PostgresPool {
    /// Runs one statement and returns its rows.
    ///
    ///     let rows = try await pool.query("SELECT title FROM courses WHERE id = $1", [.uuid(id)], before: call.deadline)
    ///
    /// If the caller's task is cancelled or `deadline` (an instant of the loop's clock) passes, this fails at once and the
    /// server is told to stop; whether the statement took effect is then unknown.
    @discardableResult
    public func query(
        _ statement: Statement, _ parameters: [Parameter] = [], before deadline: Instant? = nil
    ) async throws(PostgresFailure) -> [Row] {
        try await run([Query(statement, parameters)], before: deadline)[0].rows
    }

    /// Runs one statement and returns how many rows it touched.
    @discardableResult
    public func execute(
        _ statement: Statement, _ parameters: [Parameter] = [], before deadline: Instant? = nil
    ) async throws(PostgresFailure) -> Int {
        try await run([Query(statement, parameters)], before: deadline)[0].affected
    }

    /// Runs several statements in one trip, as one transaction: all of them happen or none.
    @discardableResult
    public func run(_ queries: [Query], before deadline: Instant? = nil) async throws(PostgresFailure) -> [Reply] {
        if queries.isEmpty { return [] }
        return try await submit(.queries(try EncodedQuery.encode(queries)), before: deadline)
    }

    /// Whether the database answers: nothing if it does.
    public func ping(before deadline: Instant? = nil) async throws(PostgresFailure) {
        try await query(Statement("ping", "SELECT 1"), before: deadline)
    }

    /// Runs `body` in a transaction and commits it; if `body` throws, everything is undone.
    ///
    /// BEGIN travels with the first statement. A transaction that lost a race (`PostgresFailure.isConflict`) is for the caller
    /// to run again: `body` may have done more than SQL.
    public func withTransaction<Result>(
        before deadline: Instant? = nil, isolation _: isolated (any Actor)? = #isolation,
        _ body: (Transaction) async throws -> Result
    ) async throws -> Result {
        let transaction = Transaction(try await hold(before: deadline), of: self, before: deadline)
        do {
            let result = try await body(transaction)
            try await transaction.commitIfOpen()
            transaction.release()
            return result
        } catch {
            transaction.release()  // the pool undoes what is open before anybody else gets the connection
            throw error
        }
    }

    private func submit(_ batch: Batch, before deadline: Instant?) async throws(PostgresFailure) -> [Reply] {
        try await ticketed(before: deadline) {
            self.submit($0)
        } wish: { done in
            .run(batch, done)
        }
    }

    private func hold(before deadline: Instant?) async throws(PostgresFailure) -> Connection {
        try await ticketed(before: deadline) {
            self.submit($0)
        } wish: { done in
            .hold(done)
        }
    }

    /// Waits until a ticket for `wish` is done. It leaves if the task is cancelled.
    func ticketed<Value: Sendable>(
        before deadline: Instant?, start: @escaping @Sendable (Ticket) -> Void,
        wish: (@escaping (Result<Value, PostgresFailure>) -> Void) -> Ticket.Wish
    ) async throws(PostgresFailure) -> Value {
        guard !Task.isCancelled else { throw PostgresFailure(.cancelled, "the caller had left before") }
        let answer = Answering<Value>()
        let ticket = Ticket(wish { answer.give($0) }, before: deadline)
        let loop = self.loop
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                loop.perform {
                    answer.attach(continuation)
                    start(ticket)
                }
            }
        } onCancel: {
            loop.execute { ticket.leave(PostgresFailure(.cancelled, "the caller left")) }
        }
        return try result.get()
    }
}

/// Where a ticket's answer meets the task that waits for it: a caller who was cancelled may have left before it even waits.
private final class Answering<Value: Sendable>: @unchecked Sendable {  // touched on the loop alone
    private var continuation: UnsafeContinuation<Result<Value, PostgresFailure>, Never>?
    private var result: Result<Value, PostgresFailure>?

    func attach(_ continuation: UnsafeContinuation<Result<Value, PostgresFailure>, Never>) {
        if let result {
            continuation.resume(returning: result)
        } else {
            self.continuation = continuation
        }
    }

    func give(_ result: Result<Value, PostgresFailure>) {
        if let continuation {
            self.continuation = nil
            continuation.resume(returning: result)
        } else {
            self.result = result
        }
    }
}
