public import Exchange
public import Reactor
import Timebase

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
    /// Asked of a handler at once: with one frame more, and TLS around it, it fits a block.
    static let fillLimit = 47 * 1024
    /// Blocks written in one flush before others on the loop have their turn.
    static let blocksPerFlush = 16

    public let loop: Loop
    public private(set) var peer: Peer
    /// The protocol that TLS chose; nil on plaintext.
    public private(set) var alpn: String?
    /// The peer's certificate ends at this time.
    public private(set) var peerCertificate: Certificate?

    private let socket: any StreamSocket
    private var tls: TLSSession?
    private let output: OutputBuffer
    private var handler: (any WireHandler)?
    /// Kept until the connection is over. Not weak, here and in the timers: an object that was ever weakly referred to pays
    /// for it in each later retain and release, and these are on every call's path.
    private var owner: (any WireOwner)?
    private let events: ConnectionEvents
    private var state: State
    private var interest: Interest = []
    private var isDirty = false
    private var isReadPaused = false
    private var inputEnded = false
    private var timer: LoopTimer?
    /// Why the connection closes, while it still writes or lingers.
    private var lastFailure: Failure?
    private var wasOpened = false
    /// Where an owner keeps it among its others.
    var place = -1

    private enum State {
        case connecting, handshaking, open, closing, lingering, closed
    }

    init(
        _ socket: any StreamSocket, peer: String, isConnecting: Bool, owner: any WireOwner, events: ConnectionEvents,
        on loop: Loop
    ) {
        self.socket = socket
        self.owner = owner
        self.events = events
        self.loop = loop
        self.peer = Peer(address: peer)
        output = OutputBuffer(pool: loop.buffers)
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
    /// The connection is open: the protocol that it speaks.
    func handler(for connection: WireConnection) -> any WireHandler
    /// It is gone. `failure` is nil if this side closed it.
    func ended(_ connection: WireConnection, _ failure: Failure?)
}

// MARK: - Beginning

extension WireConnection {
    /// Starts on a socket that is connected or connecting; `makeTLS` is nil for plaintext.
    func start(timeout: Duration?, _ makeTLS: ((OutputBuffer, Int64) throws(CertificateError) -> TLSSession)?) {
        do {
            tls = try makeTLS?(output, loop.wall.seconds)
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
        let phase: Failure.Phase = state == .connecting ? .connect : .tls
        let what = state == .connecting ? "connection" : "TLS handshake"
        shut(Failure(phase, .connectTimeout, detail: "the \(what) took too long", reach: .neverSent))
    }

    private func connected() {
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

    private func becomeOpen() {
        timer?.cancel()
        timer = nil
        state = .open
        wasOpened = true
        if let tls {
            alpn = tls.alpn
            peerCertificate = tls.peerCertificate
            peer.security = tls.version
            peer.identity = peerCertificate?.spiffeID
        }
        updateInterest(write: false)
        events.report?(.opened(peer))
        handler = owner?.handler(for: self)
        wantsFlush()
    }

    /// Another protocol takes over: after its first bytes told which it is.
    func replaceHandler(_ handler: any WireHandler) {
        self.handler = handler
    }
}

// MARK: - Reading

extension WireConnection: ReadySource {
    public func ready(_ events: Readiness) {
        if state == .connecting {
            connected()
            return
        }
        if events.contains(.write) { flush() }
        if events.contains(.read) || events.contains(.hangup) { read() }
    }

    private func read() {
        guard state != .closed else { return }
        switch socket.read(into: loop.readBuffer) {
        case .wouldBlock:
            break
        case .bytes(let count):
            if state == .open || state == .handshaking {
                receive(UnsafeRawBufferPointer(rebasing: loop.readBuffer[..<count]))
            }
        case .end:
            receivedEnd()
        case .failed(let code):
            shut(Failure.broken(code, wasOpened: wasOpened))
        }
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        guard let tls else {
            if state == .handshaking { becomeOpen() }
            handler?.received(bytes)
            return
        }
        do throws(Failure) {
            try tls.receive(bytes, into: loop.plainBuffer) { () throws(Failure) in
                becomeOpen()
            } deliver: { plain in
                if state == .open { handler?.received(plain) }
            }
        } catch {
            refuse(error)
            return
        }
        if state == .handshaking { wantsFlush() }
        if tls.isClosedByPeer, state == .open { receivedEnd() }
    }

    private func receivedEnd() {
        guard !inputEnded else { return }
        inputEnded = true
        switch state {
        case .open:
            updateInterest(write: interest.contains(.write))
            handler?.receivedEnd()
        case .closing:
            updateInterest(write: interest.contains(.write))
        case .handshaking where tls != nil:
            shut(
                Failure(
                    .tls, .tlsFailed, detail: "the peer closed the connection during the TLS handshake",
                    reach: .neverSent))
        case .connecting, .handshaking: shut(Failure.broken(0, wasOpened: false))
        case .lingering, .closed: shut(lastFailure)
        }
    }

    /// TLS failed: the alert that says why is in the output, and the peer shall have it.
    private func refuse(_ failure: Failure) {
        guard state == .open || state == .handshaking else { return }
        lastFailure = failure
        handler?.closed(named(failure))
        handler = nil
        beginClosing()
    }

    private func beginClosing() {
        state = .closing
        setLastTimer(after: WireConnection.closeTime)
        wantsFlush()
    }

    /// A peer that does not take our last words loses them.
    private func setLastTimer(after time: Duration) {
        timer?.cancel()
        timer = loop.schedule(after: time) { [unowned self] in shut(lastFailure) }
    }
}

// MARK: - Writing

extension WireConnection: TurnEndFlusher {
    public func flush() {
        isDirty = false
        guard state == .open || state == .closing || state == .handshaking else { return }
        for _ in 0..<WireConnection.blocksPerFlush {
            if output.isEmpty, !fill() {
                finishFlush()
                return
            }
            guard write() else { return }
        }
        wantsFlush()
    }

    /// Writes the output away. False if the socket takes no more, or is gone.
    private func write() -> Bool {
        while !output.isEmpty {
            switch socket.write(output.pending) {
            case .bytes(let count):
                output.consume(count)
            case .wouldBlock, .end:
                updateInterest(write: true)
                return false
            case .failed(let code):
                shut(Failure.broken(code, wasOpened: wasOpened))
                return false
            }
        }
        return true
    }

    /// Gets more from the handler. False if it has nothing.
    private func fill() -> Bool {
        guard let handler, state != .handshaking else { return false }
        guard let tls else {
            handler.produce(WireConnection.fillLimit) { output.append($0) }
            return hasOutput
        }
        let space = loop.plainBuffer
        var filled = 0
        var failure: Failure?
        func seal() {
            do throws(Failure) {
                if failure == nil { try tls.send(UnsafeRawBufferPointer(rebasing: space[..<filled])) }
            } catch {
                failure = error
            }
            filled = 0
        }
        handler.produce(WireConnection.fillLimit) { run in
            if run.count > space.count - filled { seal() }
            var run = run
            while run.count > space.count {  // no protocol here makes such a run
                space.copyMemory(from: UnsafeRawBufferPointer(rebasing: run[..<space.count]))
                filled = space.count
                seal()
                run = UnsafeRawBufferPointer(rebasing: run[space.count...])
            }
            UnsafeMutableRawBufferPointer(rebasing: space[filled...]).copyMemory(from: run)
            filled += run.count
        }
        if filled > 0 { seal() }
        if let failure { refuse(failure) }
        return hasOutput
    }

    /// A handler may have ended the connection while it produced: what it gave last has nowhere to go.
    private var hasOutput: Bool {
        if state == .closed { output.release() }
        return !output.isEmpty
    }

    private func finishFlush() {
        if interest.contains(.write) { updateInterest(write: false) }
        switch state {
        case .open:
            handler?.flushed()
        case .closing:
            tls?.close()
            guard write() else { return }
            linger()
        default: break
        }
    }

    private func linger() {
        handler?.closed(lastFailure.map(named))
        handler = nil
        guard !inputEnded else {
            shut(lastFailure)
            return
        }
        state = .lingering
        socket.finishWriting()
        isReadPaused = false
        updateInterest(write: false)
        setLastTimer(after: WireConnection.lingerTime)
    }
}

// MARK: - Ending

extension WireConnection {
    /// Ends everything at once and tells everybody, once.
    private func shut(_ failure: Failure?) {
        guard state != .closed else { return }
        state = .closed
        timer?.cancel()
        timer = nil
        loop.forget(socket.handle)
        socket.close()
        output.release()
        let failure = failure.map(named)
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

    private func named(_ failure: Failure) -> Failure {
        var failure = failure
        if failure.subject.isEmpty { failure.subject = peer.address }
        return failure
    }

    private func updateInterest(write: Bool) {
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
