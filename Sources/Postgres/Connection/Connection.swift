import CPostgres
import Reactor
import Timebase

/// One open connection to Postgres, on one loop. Whoever holds it runs one batch at a time.
///
///     resting ──run──▶ working ──results──▶ resting
///        ▲                │ abandon
///        └──── settle ────┘        at any time: closed (the server, the network, or we)
///
/// `settle` is what makes a connection fit for the next holder: nothing runs, no transaction is open, no request to cancel
/// is on its way.
final class Connection: ReadySource, @unchecked Sendable {  // touched on its loop alone
    let loop: Loop
    let limits: PostgresLimits
    let openedAt: Instant
    /// When it last came to rest; its holder keeps this.
    var restedAt: Instant

    /// Hears of NOTIFY messages: channel and payload.
    var onNotification: ((_ channel: String, _ payload: String) -> Void)?
    /// Hears, once, that the connection is closed; after the batch that was under way has.
    var onClose: ((PostgresFailure) -> Void)?
    /// The connection works, but should not be used again: its prepared statements no longer fit the schema.
    private(set) var isSpent = false

    private var handle: OpaquePointer?
    private let socket: Int32
    private var interest: Interest = .read
    private var work: Work?
    /// The names of prepared statements by their SQL.
    private var prepared: [String: String] = [:]
    private var preparations = 0
    private var cancel = Cancel.none
    private var settled: (() -> Void)?
    private var grace: LoopTimer?

    /// How far a request to cancel the current statement has got.
    private enum Cancel {
        case none
        /// Another thread is telling the server.
        case underWay
        /// The server was told; its signal to the statement's process may still hit whatever runs there next.
        case mayStrike
    }

    /// `handle` is connected, non-blocking and in pipeline mode.
    init(adopting handle: OpaquePointer, on loop: Loop, limits: PostgresLimits) throws(ReactorError) {
        self.handle = handle
        self.loop = loop
        self.limits = limits
        openedAt = loop.now
        restedAt = loop.now
        socket = PQsocket(handle)
        do {
            try loop.watch(socket, .read, self)
        } catch {
            PQfinish(handle)
            throw error
        }
    }

    var isOpen: Bool { handle != nil }
    /// A batch may be run.
    var isFit: Bool {
        if case .none = cancel { isOpen && work == nil } else { false }
    }

    /// Sends a batch. `done` hears what came of it, unless the batch is abandoned before.
    func run(_ batch: Batch, done: @escaping (BatchResult) -> Void) {
        precondition(work == nil, "a connection runs one batch at a time")
        guard let handle else {
            done(.failure(PostgresFailure(.lost, "the connection is closed")))
            return
        }
        switch batch {
        case .queries(let queries):
            work = Work(queries.flatMap { steps(for: $0) }, isScript: false, done: done)
            guard queries.allSatisfy({ send($0, handle) }), PQpipelineSync(handle) == 1 else { return broke() }
        case .script(let name, let sql):
            work = Work([.script(name)], isScript: true, done: done)
            guard PQexitPipelineMode(handle) == 1, PQsendQuery(handle, sql) == 1 else { return broke() }
        }
        flush()
    }

    /// The one who asked for the running batch has left: its results are thrown away, and the server is told to stop.
    func abandon() {
        guard let handle, work?.done != nil else { return }
        work?.done = nil
        guard let request = PQgetCancel(handle) else { return close() }
        let token = CancelToken(request)
        cancel = .underWay
        // PQcancel connects anew and blocks until the server has heard it.
        let isStarted = OffLoop.run {
            token.send()
            self.loop.execute { self.cancelSent() }
        }
        if !isStarted { close() }
    }

    /// Calls `settled` as soon as the connection is fit for the next holder: at once if it is. If it does not get there
    /// within the grace, it is closed, and `onClose` hears of it instead.
    func settle(_ settled: @escaping () -> Void) {
        guard isOpen else { return }
        self.settled = settled
        trySettle()
        if self.settled != nil, isOpen {
            grace = loop.schedule(after: limits.cancelGrace) { [self] in
                close(PostgresFailure(.lost, "a cancelled statement did not end within \(limits.cancelGrace)"))
            }
        }
    }

    func close(_ reason: PostgresFailure = PostgresFailure(.closed, "the connection was closed")) {
        guard let handle else { return }
        self.handle = nil
        loop.forget(socket)
        PQfinish(handle)
        grace?.cancel()
        settled = nil
        onNotification = nil
        let work = self.work
        self.work = nil
        let failure = work?.failure ?? reason.naming(work?.statementName ?? "")
        work?.done?(.failure(failure))
        let onClose = self.onClose
        self.onClose = nil
        onClose?(failure)
    }

    // MARK: - Sending

    /// What the server will be asked for, given what it has prepared already; marks the rest as prepared.
    private func steps(for query: EncodedQuery) -> [Work.Step] {
        let sql = query.statement.sql
        guard prepared[sql] == nil, prepared.count < limits.preparedStatements else {
            return [.execute(query.statement)]
        }
        // A sign that `send` is to prepare it: marked here, so that a batch with the same statement twice prepares it once.
        prepared[sql] = ""
        return [.prepare(query.statement), .execute(query.statement)]
    }

    private func send(_ query: EncodedQuery, _ handle: OpaquePointer) -> Bool {
        let sql = query.statement.sql
        let parameters = query.parameters
        if prepared[sql] == "" {
            preparations += 1
            let name = "s\(preparations)"
            guard PQsendPrepare(handle, name, sql, 0, nil) == 1 else { return false }
            prepared[sql] = name
        }
        let name = prepared[sql]
        return parameters.withPointers { values, lengths, formats in
            if let name {
                PQsendQueryPrepared(handle, name, parameters.count, values, lengths, formats, 1) == 1
            } else {
                PQsendQueryParams(handle, sql, parameters.count, nil, values, lengths, formats, 1) == 1
            }
        }
    }

    private func flush() {
        guard let handle else { return }
        switch PQflush(handle) {
        case 0: listen(for: .read)
        case 1: listen(for: [.read, .write])
        default: broke()
        }
    }

    private func listen(for wanted: Interest) {
        guard wanted != interest else { return }
        do {
            try loop.update(socket, wanted)
            interest = wanted
        } catch {
            close(PostgresFailure(.lost, "the connection cannot be watched: \(error)"))
        }
    }

    // MARK: - Receiving

    func ready(_ events: Readiness) {
        guard let handle else { return }
        guard PQconsumeInput(handle) == 1 else { return broke() }
        if interest.contains(.write) { flush() }
        deliverNotifications()
        readResults()
    }

    private func deliverNotifications() {
        while let handle, let notification = PQnotifies(handle) {
            let channel = String(cString: notification.pointee.relname)
            let payload = String(cString: notification.pointee.extra)
            PQfreemem(notification)
            onNotification?(channel, payload)
        }
    }

    private func readResults() {
        while let handle, work != nil, PQisBusy(handle) == 0 {
            guard let result = PQgetResult(handle) else {
                guard endStep(handle) else { return }
                continue
            }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                take(result)
            case PGRES_PIPELINE_SYNC:
                PQclear(result)
                endWork()
            case PGRES_PIPELINE_ABORTED:
                PQclear(result)
                forgetPreparation()
            default:
                let failure = PostgresFailure(result, statement: work?.statementName ?? "")
                PQclear(result)
                forgetPreparation()
                if work?.failure == nil { work?.failure = failure }
            }
        }
    }

    /// A step's results are complete. A script's end is the batch's; a pipeline's end is its sync.
    private func endStep(_ handle: OpaquePointer) -> Bool {
        guard PQstatus(handle) != CONNECTION_BAD, let work, work.current != nil else {
            broke()
            return false
        }
        self.work?.position += 1
        if work.isScript {
            guard PQenterPipelineMode(handle) == 1 else {
                broke()
                return false
            }
            endWork()
        }
        return true
    }

    private func take(_ result: OpaquePointer) {
        if case .execute(let statement) = work?.current {
            work?.replies.append(Reply(answer: Answer(adopting: result, statement: statement.name)))
        } else {
            PQclear(result)
        }
    }

    /// The statement that the current step was to prepare is not there.
    private func forgetPreparation() {
        if case .prepare(let statement) = work?.current { prepared[statement.sql] = nil }
    }

    private func endWork() {
        guard let work else { return }
        self.work = nil
        // After a change of schema a prepared statement may no longer fit: this connection has learnt the old one.
        if let state = work.failure?.sqlState, state == .featureNotSupported || state == .invalidStatementName {
            isSpent = true
        }
        work.done?(work.result)
        if settled != nil { trySettle() }
    }

    private func broke() {
        let message = handle.flatMap { PQerrorMessage($0) }.map { Text.line($0) } ?? ""
        close(PostgresFailure(.lost, message.isEmpty ? "the connection broke" : message))
    }

    // MARK: - Settling

    private func cancelSent() {
        cancel = .mayStrike
        if settled != nil { trySettle() }
    }

    private func trySettle() {
        guard let handle, work == nil else { return }
        if case .underWay = cancel { return }
        switch PQtransactionStatus(handle) {
        case PQTRANS_INTRANS, PQTRANS_INERROR:
            clean(with: "ROLLBACK")
        case PQTRANS_IDLE:
            if case .mayStrike = cancel {
                // The stroke, if it is still to come, hits this instead of the next holder's statement.
                cancel = .none
                clean(with: "SELECT 1")
                return
            }
            grace?.cancel()
            let settled = self.settled
            self.settled = nil
            settled?()
        default:
            close(PostgresFailure(.lost, "the connection is in no state to be used again"))
        }
    }

    private func clean(with sql: String) {
        run(.queries([EncodedQuery(own: sql)])) { _ in }  // `endWork` goes on from here, whatever came of it
    }
}

/// What another thread needs to cancel a statement; made to be used from any thread (PostgreSQL 15, 34.7).
private final class CancelToken: @unchecked Sendable {
    private let request: OpaquePointer

    init(_ request: OpaquePointer) {
        self.request = request
    }

    deinit {
        PQfreeCancel(request)
    }

    func send() {
        var reason = [CChar](repeating: 0, count: 256)  // the size that libpq recommends
        // If the server cannot be reached, the grace of `settle` closes the connection.
        _ = PQcancel(request, &reason, Int32(reason.count))
    }
}

extension PostgresFailure {
    /// What the server says in an error's result.
    fileprivate init(_ result: OpaquePointer, statement: String) {
        func field(_ code: UnicodeScalar) -> String {
            PQresultErrorField(result, Int32(code.value)).map { Text.line($0) } ?? ""
        }
        let state = field("C")  // PG_DIAG_SQLSTATE
        let message = field("M")  // PG_DIAG_MESSAGE_PRIMARY
        guard !state.isEmpty else {
            // libpq made the result itself: the connection is gone.
            let text = PQresultErrorMessage(result).map { Text.line($0) } ?? ""
            self.init(.lost, text.isEmpty ? "the connection broke" : text, statement: statement)
            return
        }
        self.init(
            .refused, sqlState: SQLState(rawValue: state), message, detail: field("D"), constraint: field("n"),
            statement: statement)
    }
}
