import Bytes
public import Exchange
import HTTP2
public import Reactor
import Timebase

/// Exchanges with one address, over as many connections as its stream limits ask for.
///
/// It dials when the first exchange wants to begin. Exchanges wait in a bounded queue while it does, and fail at once
/// while a failed dial is not yet to be repeated. Nothing is sent on a connection before the peer's SETTINGS came, so
/// that a peer that refuses our certificate (which TLS 1.3 tells after the handshake) has received no exchange.
///
/// A pool lives as long as its connections, whoever else lets go of it: `drain` or `close` it.
public final class ConnectionPool: Exchanger, @unchecked Sendable {  // touched on its loop alone
    public let address: SocketAddress
    public let loop: Loop
    public var executor: any TaskExecutor { loop }

    private let security: ClientSecurity
    private let limits: ConnectionLimits
    private let events: ConnectionEvents
    private let network: any Network

    /// Connections that take streams, in the order that they became ready in.
    private var ready: [HTTP2Connection] = []
    /// Those that only finish what they have.
    private var draining: [HTTP2Connection] = []
    private var dial: Dial?
    private var dialled: (wire: WireConnection, session: HTTP2Connection?)?
    private var backoff: Backoff
    private var retry: LoopTimer?
    private var lastFailure: Failure?
    private var queue: [HTTP2Stream] = []
    private var waitingCount = 0
    private var isDraining = false

    /// Any thread may make a pool; nothing is dialled before an exchange wants to begin.
    public convenience init(
        to address: SocketAddress, loop: Loop, security: ClientSecurity, limits: ConnectionLimits = .init(),
        events: ConnectionEvents = .none
    ) {
        self.init(to: address, network: SystemNetwork(), loop: loop, security: security, limits: limits, events: events)
    }

    /// The same on another network: a simulation's.
    package init(
        to address: SocketAddress, network: any Network, loop: Loop, security: ClientSecurity,
        limits: ConnectionLimits = .init(), events: ConnectionEvents = .none
    ) {
        self.address = address
        self.network = network
        self.loop = loop
        self.security = security
        self.limits = limits
        self.events = events
        backoff = Backoff(limits, chance: loop.chance())
    }

    public enum Health: Sendable, Equatable {
        /// Nobody has asked for a connection.
        case idle
        case connecting
        case ready
        /// The last dial failed; exchanges fail with this until it is time to dial again.
        case failed(Failure)
    }

    public var health: Health {
        if !ready.isEmpty { return .ready }
        if dial != nil { return .connecting }
        if retry != nil, let lastFailure { return .failed(lastFailure) }
        return .idle
    }

    /// Exchanges that are on a connection or wait for one.
    public var activeExchanges: Int {
        waitingCount + ready.reduce(0) { $0 + $1.activeStreams } + draining.reduce(0) { $0 + $1.activeStreams }
    }

    public func open(_ intent: CallIntent, handler: any ExchangeHandler) -> any ExchangeStream {
        let stream = HTTP2Stream(on: loop)
        stream.waiting = WaitingExchange(pool: self, handler: handler, limit: limits.streamBuffer)
        return stream
    }

    /// Dials now if there is no connection: a process that knows that it will need one.
    public func connect() {
        loop.perform { [self] in
            if ready.isEmpty, dial == nil, retry == nil, !isDraining { startDial() }
        }
    }

    /// Takes no new exchanges, finishes those that are open and closes. Any thread may call it.
    public func drain() {
        loop.perform { [self] in
            guard !isDraining else { return }
            isDraining = true
            retry?.cancel()
            retry = nil
            dial?.cancel()
            dial = nil
            failWaiting(drainingFailure)
            for connection in ready { connection.beginDrain() }
        }
    }

    /// Breaks everything off.
    public func close() {
        drain()
        loop.perform { [self] in
            for connection in ready + draining { connection.wire.abort(drainingFailure) }
        }
    }

    private var drainingFailure: Failure {
        Failure(.connect, .draining, subject: address.description, detail: "the pool is closing", reach: .neverSent)
    }
}

// MARK: - Beginning exchanges

extension ConnectionPool {
    /// An exchange has its head: it goes on a connection, or waits for one, or fails.
    func begin(_ stream: HTTP2Stream, _ waiting: WaitingExchange, head: Fields, end: Bool) {
        if waitingCount == 0, let connection = connectionWithCapacity(),
            connection.open(stream, handler: waiting.handler, head: head, end: end)
        {
            return
        }
        waiting.head = head
        waiting.hasEnd = end
        guard !isDraining else {
            fail(stream, drainingFailure)
            return
        }
        guard waitingCount < limits.maxPending else {
            fail(
                stream,
                Failure(
                    .queue, .queueFull, subject: address.description,
                    detail: "\(limits.maxPending) exchanges wait for a connection already", reach: .neverSent))
            return
        }
        if ready.isEmpty, dial == nil, retry != nil, let lastFailure {
            fail(stream, lastFailure)
            return
        }
        queue.append(stream)
        waitingCount += 1
        dialIfUseful()
    }

    /// An exchange leaves before it was on a connection.
    func leave(_ stream: HTTP2Stream, _ waiting: WaitingExchange, _ code: ResetCode) {
        if waiting.head != nil { waitingCount -= 1 }
        queue.removeAll { $0 === stream }
        stream.waiting = nil
        let failure = Failure(
            .queue, .cancelled, subject: address.description, detail: "this side gave the exchange up",
            reach: .neverSent, code: code)
        end(waiting.handler, failure)
    }

    private func fail(_ stream: HTTP2Stream, _ failure: Failure) {
        guard let waiting = stream.waiting else { return }
        stream.waiting = nil
        end(waiting.handler, failure)
    }

    /// Later in this turn: no handler hears its end while its owner still sends.
    private func end(_ handler: any ExchangeHandler, _ failure: Failure) {
        let ending = LateEnding(handler: handler, failure: failure)
        loop.execute { ending.tell() }
    }

    private func connectionWithCapacity() -> HTTP2Connection? {
        guard let first = ready.first else { return nil }
        if ready.count == 1 { return first.hasCapacity ? first : nil }
        var best: HTTP2Connection?
        for connection in ready where connection.hasCapacity {
            if let known = best, known.activeStreams <= connection.activeStreams { continue }
            best = connection
        }
        return best
    }

    private func serveWaiting() {
        guard waitingCount > 0 else { return }
        var served = 0
        for stream in queue {
            guard let waiting = stream.waiting, let head = waiting.head else {
                served += 1
                continue
            }
            guard let connection = connectionWithCapacity() else { break }
            let endsWithHead = waiting.hasEnd && waiting.chunks.isEmpty && waiting.trailers == nil
            guard connection.open(stream, handler: waiting.handler, head: head, end: endsWithHead) else { break }
            served += 1
            waitingCount -= 1
            // A sender that was held stays held: the session's high mark is the same, and it says when there is room.
            waiting.replay(on: stream)
        }
        queue.removeFirst(served)
        if waitingCount > 0 { dialIfUseful() }
    }

    private func failWaiting(_ failure: Failure) {
        let failed = queue
        queue = []
        waitingCount = 0
        for stream in failed { fail(stream, failure) }
    }
}

/// An ending on its way to its handler.
private final class LateEnding: @unchecked Sendable {  // made and told on one loop
    private let handler: any ExchangeHandler
    private let failure: Failure

    init(handler: any ExchangeHandler, failure: Failure) {
        self.handler = handler
        self.failure = failure
    }

    func tell() {
        handler.ended(.failed(failure))
    }
}

extension WaitingExchange {
    /// Sends what was held back; the head is on its way.
    fileprivate func replay(on stream: HTTP2Stream) {
        for (index, chunk) in chunks.enumerated() {
            let isLast = index == chunks.count - 1
            stream.send(chunk, end: isLast && hasEnd && trailers == nil)
        }
        if let trailers { stream.send(trailers: trailers) }
    }
}

// MARK: - Dialling

extension ConnectionPool {
    private func dialIfUseful() {
        guard dial == nil, retry == nil, !isDraining, ready.count < limits.maxConnectionsPerPool else { return }
        startDial()
    }

    private func startDial() {
        let dial = Dial(to: address, network: network, pool: self, loop: loop)
        self.dial = dial
        dial.start(timeout: limits.dialTimeout)
    }

    /// Makes the connection on a socket that a dial has begun.
    func begin(_ socket: any StreamSocket, to address: SocketAddress) -> WireConnection {
        let wire = WireConnection(
            socket, peer: address.description, isConnecting: true, owner: self, events: events, on: loop)
        dialled = (wire, nil)
        switch security {
        case .plaintext:
            wire.start(timeout: nil, nil)
        case .tls(let context):
            wire.start(timeout: nil) { (output, time) throws(CertificateError) in
                try context.session(with: output, at: time)
            }
        }
        return wire
    }

    func dialFailed(_ reason: Failure) {
        var failure = reason
        failure.reach = .neverSent  // exchanges begin after the peer's SETTINGS
        if failure.phase == .receive {
            failure.phase = .connect
            if failure.cause == .peerClosed {
                failure.cause = .connectFailed
                failure.detail += " before it spoke HTTP/2"
            }
        }
        dial = nil
        dialled = nil
        lastFailure = failure
        let delay = backoff.nextDelay()
        events.report?(.dialFailed(address: address.description, failure, retryAfter: delay))
        if ready.isEmpty { failWaiting(failure) }
        retry = loop.schedule(after: delay) { [self] in
            retry = nil
            if waitingCount > 0 { dialIfUseful() }
        }
    }
}

extension ConnectionPool: WireOwner {
    func handler(for connection: WireConnection) -> any WireHandler {
        let session = HTTP2Connection(connection, role: .client, limits: limits, acceptor: nil, observer: self)
        dialled?.session = session
        return session
    }

    func ended(_ connection: WireConnection, _ failure: Failure?) {
        guard let dialled, dialled.wire === connection else { return }
        self.dialled = nil
        dial?.connectionEnded(failure)
    }
}

extension ConnectionPool: HTTP2Observer {
    func becameReady(_ connection: HTTP2Connection) {
        dial?.succeeded()
        dial = nil
        dialled = nil
        lastFailure = nil
        backoff.reset()
        ready.append(connection)
        if isDraining { connection.beginDrain() } else { serveWaiting() }
    }

    func beganDraining(_ connection: HTTP2Connection) {
        guard let index = ready.firstIndex(where: { $0 === connection }) else { return }
        ready.remove(at: index)
        draining.append(connection)
        // Where there is traffic the next exchange comes soon: it shall not wait for a dial.
        if waitingCount > 0 || connection.activeStreams > 0 { dialIfUseful() }
    }

    func streamEnded(on connection: HTTP2Connection) {
        if waitingCount > 0 { serveWaiting() }
    }

    func ended(_ connection: HTTP2Connection, _ failure: Failure?) {
        ready.removeAll { $0 === connection }
        draining.removeAll { $0 === connection }
        if waitingCount > 0 { dialIfUseful() }
    }
}
