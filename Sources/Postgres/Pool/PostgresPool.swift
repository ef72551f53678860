import DequeModule
public import Reactor
import Timebase

/// The connections of one loop to one database, and the queue of those who wait for one.
///
/// Connections are opened when they are wanted and kept while they are used. When the database cannot be reached, callers
/// are told so at once instead of waiting out their deadlines; meanwhile the pool itself dials again and again, so that it
/// recovers without a caller who pays for it. The async functions may be called from anywhere; a caller whose task prefers the
/// loop does not change threads.
public final class PostgresPool: @unchecked Sendable {  // all that changes is touched on the loop alone
    public let loop: Loop
    public let config: PostgresConfig

    /// The last one to rest comes first: it is warm, and those at the front can be closed.
    private var idle: [Connection] = []
    private var dials: [ObjectIdentifier: Dial] = [:]
    /// Connections that are open, whoever has them.
    private var open = 0
    private var waiting = Deque<Ticket>()
    private var pause: DialPause
    private var chance = Entropy.chance()
    /// Set while the pool rests from failed dials.
    private var lastFailure: PostgresFailure?
    private var restTimer: LoopTimer?
    private var sweepTimer: LoopTimer?
    private var dialFailures = 0
    private var isClosed = false

    public init(_ config: PostgresConfig, on loop: Loop) {
        self.config = config
        self.loop = loop
        pause = DialPause(config.limits)
    }

    /// What the pool is doing, for metrics. Called on the loop.
    public var statistics: PostgresStatistics {
        PostgresStatistics(
            open: open, idle: idle.count, dialling: dials.count, waiting: waiting.count, dialFailures: dialFailures)
    }

    /// Opens no more connections, fails who waits, closes what is idle now and the rest as it comes back. Any thread.
    public func close() {
        loop.perform { self.closeNow() }
    }

    // MARK: - Taking and giving back: on the loop

    func submit(_ ticket: Ticket) {
        guard !ticket.isDone else { return }
        if isClosed {
            ticket.fail(PostgresFailure(.closed, "the pool of \(config.target) is closed"))
            return
        }
        if let deadline = ticket.deadline, deadline <= loop.now {
            ticket.fail(PostgresFailure(.deadline, "the deadline had passed before the statement was sent"))
            return
        }
        ticket.startTimer(loop, timeout: config.limits.statementTimeout)
        if let connection = idle.popLast() {
            serve(ticket, with: connection)
        } else if let lastFailure, open == 0 {
            ticket.fail(lastFailure)
        } else {
            enqueue(ticket)
        }
    }

    /// The holder of `connection` is done with it.
    func takeBack(_ connection: Connection) {
        connection.settle { [self] in rest(connection) }
    }

    private func enqueue(_ ticket: Ticket) {
        if waiting.count >= config.limits.queue {
            waiting.removeAll { $0.isDone }
        }
        guard waiting.count < config.limits.queue else {
            ticket.fail(
                PostgresFailure(
                    .busy, "\(open) connections are taken and \(waiting.count) callers wait for one already"))
            return
        }
        waiting.append(ticket)
        dialIfWanted()
    }

    private func serve(_ ticket: Ticket, with connection: Connection) {
        ticket.run(on: connection) { [self] in takeBack(connection) }
    }

    /// A connection has nothing to do: it serves who waits, or idles.
    private func rest(_ connection: Connection) {
        let age = connection.openedAt.duration(to: loop.now)
        if isClosed || connection.isSpent || age > config.limits.longestAge {
            connection.close()
            return
        }
        while let ticket = waiting.popFirst() {
            if ticket.isDone { continue }
            serve(ticket, with: connection)
            return
        }
        connection.restedAt = loop.now
        idle.append(connection)
        scheduleSweep()
    }

    private func closeNow() {
        guard !isClosed else { return }
        isClosed = true
        restTimer?.cancel()
        sweepTimer?.cancel()
        for dial in dials.values { dial.cancel() }
        dials.removeAll()
        failWaiting(PostgresFailure(.closed, "the pool of \(config.target) is closed"))
        for connection in idle { connection.close() }
    }

    // MARK: - Dialling

    private func dialIfWanted() {
        guard lastFailure == nil, !isClosed else { return }
        while dials.count < waiting.count, open + dials.count < config.limits.connections {
            dial()
        }
    }

    private func dial() {
        var id: ObjectIdentifier?
        let dial = Dial(config, on: loop) { [self] result in
            if let id { dials[id] = nil }
            switch result {
            case .success(let connection): opened(connection)
            case .failure(let failure): dialFailed(failure)
            }
        }
        id = ObjectIdentifier(dial)
        dials[ObjectIdentifier(dial)] = dial
        dial.start()
    }

    private func opened(_ connection: Connection) {
        open += 1
        pause.reset()
        lastFailure = nil
        connection.onClose = { [self] _ in closed(connection) }
        rest(connection)
        dialIfWanted()
    }

    private func closed(_ connection: Connection) {
        connection.onClose = nil
        open -= 1
        idle.removeAll { $0 === connection }
        dialIfWanted()
    }

    /// Nobody waits for a database that is away; while some connection still works, callers wait for that one.
    private func dialFailed(_ failure: PostgresFailure) {
        dialFailures += 1
        guard lastFailure == nil else { return }  // one of several dials: the first one's news is enough
        lastFailure = failure
        if open == 0 { failWaiting(failure) }
        let rest = pause.afterFailure(&chance)
        restTimer = loop.schedule(after: rest) { [self] in
            lastFailure = nil
            // With nothing open, dial even if nobody waits: to be ready again before the next caller comes.
            if open == 0, dials.isEmpty { dial() } else { dialIfWanted() }
        }
    }

    private func failWaiting(_ failure: PostgresFailure) {
        let failed = waiting
        waiting.removeAll()
        for ticket in failed { ticket.fail(failure) }
    }

    // MARK: - Sweeping

    private func scheduleSweep() {
        guard sweepTimer == nil else { return }
        sweepTimer = loop.schedule(after: config.limits.idleTimeout) { [self] in
            sweepTimer = nil
            let now = loop.now
            let old = idle.filter { $0.restedAt.duration(to: now) >= config.limits.idleTimeout }
            // One stays, so that the first call after a quiet hour does not wait for a handshake.
            for connection in old.prefix(max(0, open - 1)) { connection.close() }
            if open > 1 { scheduleSweep() }
        }
    }
}

/// What a pool is doing at a moment.
public struct PostgresStatistics: Sendable, Equatable {
    public var open: Int
    public var idle: Int
    public var dialling: Int
    public var waiting: Int
    /// Dials that failed since the pool was made.
    public var dialFailures: Int
}
