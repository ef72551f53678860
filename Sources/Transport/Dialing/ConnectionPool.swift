import Bytes
public import Exchange
import HTTP2
public import Reactor
import Timebase

/// Exchanges with one address, over as many connections as its stream limits ask for.
///
/// It dials when the first exchange wants to begin. Exchanges wait in a bounded queue while it does, and fail at once
/// while a failed dial is not yet to be repeated, unless their intent says that they wait for a ready connection. Nothing
/// is sent on a connection before the peer's SETTINGS came, so that a peer that refuses our certificate (which TLS 1.3
/// tells after the handshake) has received no exchange.
///
/// A further connection is made when all are at the peer's stream limit (gRFC A105), and closed again when it was not
/// needed for a while: streams go to the oldest connection that has room, so that the younger ones run empty.
///
/// A pool lives as long as its connections, whoever else lets go of it: `drain` or `close` it.
public final class ConnectionPool: Exchanger, @unchecked Sendable {  // touched on its loop alone
    public let id = LiveID.next()
    public let address: SocketAddress
    public let loop: Loop
    public var executor: any TaskExecutor { loop }
    public var isSecure: Bool { if case .tls = security { true } else { false } }

    /// Told on the loop, after the pool has done everything else about the change.
    public var onStateChange: ((PoolState) -> Void)?
    @exclusivity(unchecked) public private(set) var state = PoolState.idle

    let security: ClientSecurity
    let sharedLimits: SharedLimits
    var limits: ConnectionLimits { _read { yield sharedLimits.values } }
    let events: ConnectionEvents
    let network: any Network
    /// Other addresses of the same peer; empty if `address` is the only one or is looked up.
    let addresses: [SocketAddress]

    /// Connections that take streams, in the order that they became ready in.
    @exclusivity(unchecked) var ready: [HTTP2Connection] = []
    /// Those that only finish what they have.
    var draining: [HTTP2Connection] = []
    var dial: Dial?
    var backoff: Backoff
    var retry: LoopTimer?
    /// Ends connections beyond the first that nobody needed for a while.
    var shrink: LoopTimer?
    var lastFailure: Failure?
    /// How long a peer wants pings to be apart: doubled when it complains (gRFC A8), and kept for the next connection.
    var keepalive: Duration?
    var queue: [HTTP2Stream] = []
    /// Exchanges in the queue that have not left it.
    @exclusivity(unchecked) var waitingCount = 0
    var isDraining = false
    /// What connections that are gone have carried.
    var endedStreams = StreamCounts()
    var neverStarted = 0
    var dialsFailed = 0

    /// Any thread may make a pool; nothing is dialled before an exchange wants to begin.
    public convenience init(
        to address: SocketAddress, loop: Loop, security: ClientSecurity, limits: ConnectionLimits = .init(),
        events: ConnectionEvents = .none
    ) {
        self.init(to: address, network: SystemNetwork(), loop: loop, security: security, limits: limits, events: events)
    }

    /// The same on another network: a simulation's. With `addresses`, they are dialled instead of `address`, which only
    /// names the pool: the first of them that completes a connection serves it (RFC 8305).
    package init(
        to address: SocketAddress, anyOf addresses: [SocketAddress] = [], network: any Network, loop: Loop,
        security: ClientSecurity, limits: ConnectionLimits = .init(), events: ConnectionEvents = .none
    ) {
        self.address = address
        self.addresses = addresses
        self.network = network
        self.loop = loop
        self.security = security
        sharedLimits = SharedLimits(limits)
        self.events = events
        keepalive = limits.keepalive.map { max($0, limits.keepaliveMinimum) }
        backoff = Backoff(limits, chance: loop.chance())
    }

    /// A pool to a peer with several addresses, as a resolver gives them: the first that completes a connection serves it.
    public convenience init(
        toAnyOf addresses: [SocketAddress], named name: SocketAddress, loop: Loop, security: ClientSecurity,
        limits: ConnectionLimits = .init(), events: ConnectionEvents = .none
    ) {
        self.init(
            to: name, anyOf: addresses, network: SystemNetwork(), loop: loop, security: security, limits: limits,
            events: events)
    }

    /// The addresses that connections which take exchanges are to.
    public var peers: [String] { ready.map(\.wire.peer.address) }

    /// Exchanges that are on a connection or wait for one.
    public var activeExchanges: Int {
        waitingCount + ready.reduce(0) { $0 + $1.activeStreams } + draining.reduce(0) { $0 + $1.activeStreams }
    }

    /// The pool as it is now, for channelz. On the loop.
    public var report: PoolReport {
        var streams = endedStreams
        for connection in ready + draining { streams.add(connection.counts) }
        return PoolReport(
            id: id, address: address, state: state, streams: streams, neverStarted: neverStarted,
            dialsFailed: dialsFailed, waiting: waitingCount, sockets: (ready + draining).map(\.wire.id))
    }

    public func open(_ intent: CallIntent, handler: any ExchangeHandler) -> any ExchangeStream {
        HTTP2Stream(waitingIn: self, handler: handler, waitsForReady: intent.waitsForReady == true)
    }

    /// Dials now if there is no connection: a process that knows that it will need one. While a failed dial is not yet to
    /// be repeated, it does nothing.
    public func connect() {
        loop.perform { [self] in
            if ready.isEmpty, dial == nil, retry == nil, !isDraining {
                startDial()
                updateState()
            }
        }
    }

    /// Forgets earlier failures, and dials at once if the pool waits to dial again: the network has changed.
    public func resetBackoff() {
        loop.perform { [self] in
            backoff.reset()
            guard let retry else { return }
            retry.cancel()
            self.retry = nil
            startDial()
            updateState()
        }
    }

    /// Leaves the connections that are there, as if their peers had said GOAWAY: what is open on them is finished, and what
    /// comes next gets a new one. On the loop.
    package func leaveConnections() {
        for connection in ready { connection.beginDrain() }
        updateState()
    }

    /// Takes no new exchanges, finishes those that are open and closes. Any thread may call it.
    public func drain() {
        loop.perform { [self] in
            guard !isDraining else { return }
            isDraining = true
            retry?.cancel()
            retry = nil
            shrink?.cancel()
            shrink = nil
            dial?.cancel()
            dial = nil
            failWaiting(drainingFailure) { _ in true }
            for connection in ready { connection.beginDrain() }
            updateState()
        }
    }

    /// Breaks everything off.
    public func close() {
        drain()
        loop.perform { [self] in
            for connection in ready + draining { connection.wire.abort(drainingFailure) }
        }
    }

    var drainingFailure: Failure {
        Failure(.connect, .draining, subject: address.description, detail: "the pool is closing", reach: .neverSent)
    }

    /// The last step of whatever changes what the state is made of, so that who hears of it may call the pool again.
    func updateState() {
        let now = currentState
        guard now != state else { return }
        state = now
        onStateChange?(now)
    }

    private var currentState: PoolState {
        if isDraining { return .shutdown }
        if !ready.isEmpty { return .ready }
        if dial != nil { return .connecting }
        if retry != nil, let lastFailure { return .transientFailure(lastFailure) }
        return .idle
    }
}
