public import Exchange
import HTTP2
public import Reactor
import Timebase

/// Accepts connections on one loop and gives their exchanges to an acceptor.
///
/// HTTP/2 by default. With `protocols` set, a connection that turns out to speak something else (by ALPN, or by its first
/// bytes) goes to the handler that it makes. For several loops, make one listener on each with the port shared.
public final class Listener: @unchecked Sendable {  // touched on its loop alone; `localAddress` never changes
    /// How long a listener waits when descriptors or memory have run out.
    private static let exhaustedPause: Duration = .milliseconds(100)
    /// Accepted in one go, before the connections that are there have their turn.
    private static let acceptsPerTurn = 64

    public let id = LiveID.next()
    public let localAddress: SocketAddress
    public let loop: Loop
    /// Makes the handler of a connection that does not speak HTTP/2. Touched on the loop; `listen` takes the first one.
    public var protocols: MakeHandler?

    /// Makes a handler for the protocol that ALPN chose; nil stands for a connection without ALPN whose first bytes are
    /// no HTTP/2.
    public typealias MakeHandler = @Sendable (WireConnection, _ alpn: String?) -> any WireHandler

    private let socket: any ListeningSocket
    private let security: ServerSecurity
    private let sharedLimits: SharedLimits
    private var limits: ConnectionLimits { _read { yield sharedLimits.values } }
    private let acceptor: any Acceptor
    private let events: ConnectionEvents
    private var connections: [WireConnection] = []
    /// What connections that are gone have carried.
    private var endedStreams = StreamCounts()
    private var isAccepting = false
    private var drained: (() -> Void)?
    private var drainTimer: LoopTimer?
    private var state = State.listening

    private enum State {
        case listening, draining, closed
    }

    /// Begins to listen. Connections are accepted from the loop's next turn on. Any thread may call it.
    ///
    /// `sharesPort` lets other listeners have the same address (SO_REUSEPORT): the kernel spreads connections over them.
    public static func listen(
        on address: SocketAddress, loop: Loop, security: ServerSecurity, limits: ConnectionLimits = .init(),
        acceptor: any Acceptor, events: ConnectionEvents = .none, sharesPort: Bool = false,
        protocols: MakeHandler? = nil
    ) throws(ListenError) -> Listener {
        let socket = try SystemNetwork().listen(on: address, sharesPort: sharesPort)
        return Listener(socket, loop, security, limits, acceptor, events, protocols)
    }

    /// The same on another network: a simulation's.
    package static func listen(
        on address: SocketAddress, network: any Network, loop: Loop, security: ServerSecurity,
        limits: ConnectionLimits = .init(), acceptor: any Acceptor, events: ConnectionEvents = .none,
        sharesPort: Bool = false, protocols: MakeHandler? = nil
    ) throws(ListenError) -> Listener {
        let socket = try network.listen(on: address, sharesPort: sharesPort)
        return Listener(socket, loop, security, limits, acceptor, events, protocols)
    }

    private init(
        _ socket: any ListeningSocket, _ loop: Loop, _ security: ServerSecurity, _ limits: ConnectionLimits,
        _ acceptor: any Acceptor, _ events: ConnectionEvents, _ protocols: MakeHandler?
    ) {
        self.protocols = protocols
        self.socket = socket
        self.loop = loop
        self.security = security
        sharedLimits = SharedLimits(limits)
        self.acceptor = acceptor
        self.events = events
        localAddress = socket.localAddress
        loop.execute { [self] in beginAccepting() }
    }

    /// The listener as it is now, for channelz. On the loop.
    public var report: ListenerReport {
        var streams = endedStreams
        for connection in connections {
            if let session = connection.handler as? HTTP2Connection { streams.add(session.counts) }
        }
        return ListenerReport(id: id, address: localAddress, streams: streams, sockets: connections.map(\.id))
    }

    /// Those who hear the requests that are under way, for whoever must look at all of them.
    package var handlers: [any ExchangeHandler] {
        connections.flatMap { ($0.handler as? HTTP2Connection)?.streams.all ?? [] }.compactMap(\.handler)
    }

    /// Connections that are open, handshaking or closing.
    public var connectionCount: Int { connections.count }

    /// Accepts no more, and ends the connections without losing an exchange: each gets a two-phase GOAWAY and closes when
    /// its last exchange ends. What is left after `grace` is broken off. `done` is called on the loop.
    public func drain(grace: Duration, done: @escaping @Sendable () -> Void) {
        loop.perform { [self] in beginDrain(grace, done) }
    }

    /// Accepts no more and breaks every connection off.
    public func close() {
        loop.perform { [self] in
            stopAccepting()
            state = .closed
            for connection in connections { connection.abort() }
        }
    }
}

// MARK: - Accepting

extension Listener: ReadySource {
    public func ready(_ events: Readiness) {
        for _ in 0..<Listener.acceptsPerTurn {
            guard isAccepting else { return }
            switch socket.accept() {
            case .connection(let accepted, let address): begin(accepted, from: address)
            case .wouldBlock: return
            case .again: continue
            case .exhausted(let code):
                self.events.report?(.acceptPaused(errorText(code).lowercased()))
                pauseAccepting()
                loop.schedule(after: Listener.exhaustedPause) { [self] in resumeAccepting() }
                return
            }
        }
    }

    private func begin(_ accepted: any StreamSocket, from address: String) {
        let connection = WireConnection(
            accepted, peer: address, isConnecting: false, owner: self, events: events,
            writeTimeout: limits.writeTimeout, on: loop)
        connection.place = connections.count
        connections.append(connection)
        if connections.count >= limits.maxConnections { pauseAccepting() }
        switch security {
        case .plaintext:
            connection.start(timeout: limits.handshakeTimeout, peerSpeaks: true, nil)
        case .tls(let context):
            connection.start(timeout: limits.handshakeTimeout, peerSpeaks: true) {
                (output, time) throws(CertificateError) in
                try context.session(with: output, at: time)
            }
        }
    }

    private func beginAccepting() {
        guard state == .listening else { return }
        do {
            try loop.watch(socket.handle, .read, self)
            isAccepting = true
        } catch {
            events.report?(.acceptPaused("\(error)"))
        }
    }

    private func pauseAccepting() {
        guard isAccepting else { return }
        isAccepting = false
        try? loop.update(socket.handle, [])  // fails only for a handle that is not watched
    }

    private func resumeAccepting() {
        guard state == .listening, !isAccepting, connections.count < limits.maxConnections else { return }
        isAccepting = true
        try? loop.update(socket.handle, .read)  // fails only for a handle that is not watched
    }

    private func stopAccepting() {
        guard state == .listening else { return }
        isAccepting = false
        loop.forget(socket.handle)
        socket.close()
    }
}

// MARK: - Connections

extension Listener: WireOwner, HTTP2Observer {
    func handler(for connection: WireConnection) -> any WireHandler {
        guard let protocols else { return makeSession(on: connection) }
        if let alpn = connection.alpn {
            if alpn == "h2" { return makeSession(on: connection) }
            connection.hasSpoken()  // from here on the handler's own time limits hold
            return protocols(connection, alpn)
        }
        return PrefaceSniffer(connection) { [self] isHTTP2 in
            if isHTTP2 { return makeSession(on: connection) }
            connection.hasSpoken()
            return protocols(connection, nil)
        }
    }

    private func makeSession(on connection: WireConnection) -> HTTP2Connection {
        let session = HTTP2Connection(
            connection, role: .server, limits: sharedLimits, acceptor: acceptor, observer: self)
        if state == .draining { session.beginDrain() }
        return session
    }

    func ended(_ connection: WireConnection, _ failure: Failure?) {
        let place = connection.place
        let last = connections.removeLast()
        if last !== connection {
            connections[place] = last
            last.place = place
        }
        connection.place = -1
        if state == .listening, !isAccepting { resumeAccepting() }
        finishDrainIfEmpty()
    }

    func becameReady(_ connection: HTTP2Connection) {}
    func beganDraining(_ connection: HTTP2Connection) {}
    func streamEnded(on connection: HTTP2Connection) {}
    var keepalive: Duration? { limits.keepalive }
    func heardTooManyPings() {}
    func ended(_ connection: HTTP2Connection, _ failure: Failure?) { endedStreams.add(connection.counts) }
}

// MARK: - Draining

extension Listener {
    private func beginDrain(_ grace: Duration, _ done: @escaping () -> Void) {
        guard state == .listening else {
            done()
            return
        }
        stopAccepting()
        state = .draining
        drained = done
        for connection in connections { connection.drain() }
        drainTimer = loop.schedule(after: grace) { [self] in
            for connection in connections {
                connection.close(Failure(.relay, .draining, detail: "the time to drain is over"))
            }
        }
        finishDrainIfEmpty()
    }

    private func finishDrainIfEmpty() {
        guard state == .draining, connections.isEmpty else { return }
        state = .closed
        drainTimer?.cancel()
        let done = drained
        drained = nil
        done?()
    }
}
