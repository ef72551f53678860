import Bytes
public import Exchange
public import Reactor
public import Timebase

/// One socket on its loop, with TLS if asked for: bytes in and out for a `WireHandler`.
///
///     connecting ──▶ handshaking ──▶ open ──▶ closing ──▶ lingering ──▶ closed
///          └──────────────┴────────── broken ─────────────────────────────▲
///
/// *Closing* writes what is left. *Lingering* has ended our direction and reads on for a moment: closing a socket with
/// unread bytes would reset it, and the peer would lose the alert or the GOAWAY that told it why.
public final class WireConnection: @unchecked Sendable {  // touched on its loop alone
    /// How long a peer may take to hear our last words.
    static let lingerTime: Duration = .seconds(1)
    /// How long what is left may take to be written.
    static let closeTime: Duration = .seconds(5)
    /// Asked of a handler at once, and so nearly the most that waits for a socket which takes nothing. Half of what a socket
    /// takes at once: enough for a flush of many small calls, and little enough that a thousand slow readers fit.
    static let fillLimit = 128 * 1024
    /// Times that a flush asks for more before others on the loop have their turn.
    static let fillsPerFlush = 8

    let id = LiveID.next()
    public let loop: Loop
    @exclusivity(unchecked) public private(set) var peer: Peer
    /// The protocol that TLS chose; nil on plaintext.
    public private(set) var alpn: String?
    /// When the first of the two certificates ends that the connection was made with.
    public private(set) var certificateEnd: WallTime?

    let socket: any StreamSocket
    var tls: TLSSession?
    /// What the socket has not taken yet: plaintext, or records.
    let output: OutputChain
    @exclusivity(unchecked) var handler: (any WireHandler)?
    /// Kept until the connection is over. Not weak, here and in the timers: an object that was ever weakly referred to pays
    /// for it in each later retain and release, and these are on every call's path.
    private(set) var owner: (any WireOwner)?
    private let events: ConnectionEvents
    @exclusivity(unchecked) var state: State
    @exclusivity(unchecked) var interest: Interest = []
    @exclusivity(unchecked) var isDirty = false
    var isReadPaused = false
    var inputEnded = false
    /// The socket took no more; it will say when it does.
    @exclusivity(unchecked) var isBlocked = false
    /// The last read was a large one: the next one gets memory of its own, which may be kept.
    @exclusivity(unchecked) var isBulk = false
    /// The peer must still say something in the protocol that its connection is for.
    private var mustSpeak = false
    @exclusivity(unchecked) var traffic = Traffic()
    /// Watches a socket that takes nothing.
    var stall: LoopTimer?
    /// How long a peer may take nothing while something waits for it.
    let writeTimeout: Duration?
    var timer: LoopTimer?
    /// Why the connection closes, while it still writes or lingers.
    var lastFailure: Failure?
    var wasOpened = false
    /// Where an owner keeps it among its others.
    var place = -1

    enum State {
        case connecting, handshaking, open, closing, lingering, closed
    }

    init(
        _ socket: any StreamSocket, peer: String, isConnecting: Bool, owner: any WireOwner, events: ConnectionEvents,
        writeTimeout: Duration? = nil, on loop: Loop
    ) {
        self.socket = socket
        self.owner = owner
        self.events = events
        self.loop = loop
        self.peer = Peer(address: peer)
        self.writeTimeout = writeTimeout
        output = OutputChain(blocks: loop.buffers)
        state = isConnecting ? .connecting : .handshaking
    }

    public var isOpen: Bool { state == .open }

    /// Asks for a flush at the end of this turn: there is something to produce.
    public func wantsFlush() {
        guard !isDirty, state != .closed else { return }
        isDirty = true
        loop.atTurnEnd(self)
    }

    /// Stops reading: the kernel's window then holds the peer. For protocols without windows of their own.
    public func pauseReading() {
        isReadPaused = true
        updateInterest(write: interest.contains(.write))
    }

    public func resumeReading() {
        isReadPaused = false
        updateInterest(write: interest.contains(.write))
    }

    /// Writes what the handler still produces, says good-bye and closes. Nothing more is received.
    public func close(_ failure: Failure? = nil) {
        switch state {
        case .open:
            lastFailure = failure
            beginClosing()
        case .connecting, .handshaking: shut(failure)
        case .closing, .lingering, .closed: break
        }
    }

    /// Asks the protocol to end in order: its process stops. Whatever has no protocol yet is closed.
    func drain() {
        if let handler { handler.drain() } else { close() }
    }

    /// Closes at once. What was not written is lost.
    public func abort(_ failure: Failure? = nil) {
        shut(failure)
    }
}

/// Who made a connection: a listener or a pool.
protocol WireOwner: AnyObject {
    var id: Int64 { get }
    /// The connection is open: the protocol that it speaks.
    func handler(for connection: WireConnection) -> any WireHandler
    /// It is gone. `failure` is nil if this side closed it.
    func ended(_ connection: WireConnection, _ failure: Failure?)
}

// MARK: - Beginning

extension WireConnection {
    /// Starts on a socket that is connected or connecting; `makeTLS` is nil for plaintext.
    ///
    /// Within `timeout` the handshake must be over, and, where the peer is to speak first, `hasSpoken` be called.
    func start(
        timeout: Duration?, peerSpeaks: Bool = false,
        _ makeTLS: ((OutputChain, Int64) throws(CertificateError) -> TLSSession)?
    ) {
        mustSpeak = peerSpeaks
        do {
            tls = try makeTLS?(output, loop.wall.seconds)
            tls?.peerAddress = peer.address
            interest = state == .connecting ? .write : .read
            try loop.watch(socket.handle, interest, self)
        } catch let error as CertificateError {
            shut(Failure(.tls, .tlsFailed, detail: error.description, reach: .neverSent))
            return
        } catch {
            shut(Failure(.connect, .connectFailed, detail: "\(error)", reach: .neverSent))
            return
        }
        if let timeout {
            timer = loop.schedule(after: timeout) { [unowned self] in startTimedOut() }
        }
        if state != .connecting { beginHandshake() }
    }

    private func startTimedOut() {
        if state == .open {
            close(
                Failure(
                    .receive, .peerClosed, detail: "the peer said nothing in its protocol for too long",
                    reach: .neverSent))
            return
        }
        let phase: Failure.Phase = state == .connecting ? .connect : .tls
        let what = state == .connecting ? "connection" : "TLS handshake"
        shut(Failure(phase, .connectTimeout, detail: "the \(what) took too long", reach: .neverSent))
    }

    func connected() {
        let code = socket.connectResult()
        if code != 0 {
            shut(Failure.connecting(code))
            return
        }
        state = .handshaking
        beginHandshake()
    }

    private func beginHandshake() {
        guard let tls else {
            // A turn later, so that nobody is called back before `start` has returned.
            loop.execute { [self] in if state == .handshaking { becomeOpen() } }
            return
        }
        do {
            try tls.shakeHands()
            wantsFlush()
        } catch {
            refuse(error)
        }
    }

    func becomeOpen() {
        if !mustSpeak {
            timer?.cancel()
            timer = nil
        }
        state = .open
        wasOpened = true
        if let tls {
            alpn = tls.alpn
            let peerCertificate = tls.peerCertificate
            peer.security = tls.version
            peer.identity = peerCertificate?.spiffeID
            certificateEnd = [peerCertificate?.notAfter, tls.ownCertificate?.notAfter].compactMap { $0 }.min()
        }
        updateInterest(write: false)
        events.report?(.opened(peer))
        handler = owner?.handler(for: self)
        wantsFlush()
    }

    /// The peer said something in its protocol: the time for that is over.
    public func hasSpoken() {
        guard mustSpeak else { return }
        mustSpeak = false
        guard state == .open else { return }  // else the timer is about the connection's end
        timer?.cancel()
        timer = nil
    }

    /// Another protocol takes over: after its first bytes told which it is.
    func replaceHandler(_ handler: any WireHandler) {
        self.handler = handler
    }
}

// MARK: - Ending

extension WireConnection {
    /// Ends everything at once and tells everybody, once.
    func shut(_ failure: Failure?) {
        guard state != .closed else { return }
        state = .closed
        timer?.cancel()
        timer = nil
        stall?.cancel()
        stall = nil
        loop.forget(socket.handle)
        socket.close()
        output.removeAll()
        let failure = failure.map(named)
        if let failure { tls?.journalFailure(failure, at: loop.wall) }
        let handler = handler
        self.handler = nil
        handler?.closed(failure)
        tls = nil
        if wasOpened {
            events.report?(.closed(peer, failure))
        } else if let failure {
            events.report?(.refused(address: peer.address, failure))
        }
        let owner = owner
        self.owner = nil
        owner?.ended(self, failure)
    }

    func named(_ failure: Failure) -> Failure {
        var failure = failure
        if failure.subject.isEmpty { failure.subject = peer.address }
        return failure
    }

    func updateInterest(write: Bool) {
        guard state != .closed, state != .connecting else { return }
        var wanted: Interest = []
        if !inputEnded, !isReadPaused { wanted.insert(.read) }
        if write { wanted.insert(.write) }
        guard wanted != interest else { return }
        interest = wanted
        do {
            try loop.update(socket.handle, wanted)
        } catch {
            shut(Failure(.receive, .peerClosed, detail: "\(error)"))
        }
    }
}
