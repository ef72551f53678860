import Bytes
import Exchange
import HTTP2
import Reactor
import Timebase

/// An HTTP/2 session on a connection, in either role: exchanges above, bytes below.
///
/// What the application sends during a turn is queued in the session; the connection's flush at the turn's end takes it
/// out once. Events of the session become calls to the handlers of its streams.
final class HTTP2Connection {
    let wire: WireConnection
    let loop: Loop
    let session: HTTP2Session
    /// Shared by all connections of a pool or a listener: they are many, and it is large.
    private let sharedLimits: SharedLimits
    var limits: ConnectionLimits { _read { yield sharedLimits.values } }
    let acceptor: (any Acceptor)?
    /// Kept until the connection is over.
    @exclusivity(unchecked) var observer: (any HTTP2Observer)?

    @exclusivity(unchecked) var streams = StreamTable()
    /// Streams that this side reset: their handlers hear of it when the turn ends.
    @exclusivity(unchecked) var givenUp: [(HTTP2Stream, Ending)] = []
    @exclusivity(unchecked) var life = Life.beginning
    /// Every stream up to this id has had its head taken out of the session, so that bytes of it may have left.
    @exclusivity(unchecked) private var lastTaken: Int32 = 0
    @exclusivity(unchecked) private var lastOpened: Int32 = 0
    @exclusivity(unchecked) var lastActivity: Instant
    let startedAt: Instant
    var pingSentAt: Instant?
    @exclusivity(unchecked) var pingStrikes = PingStrikes()
    /// For channelz: plain numbers, as they are counted on every call's path.
    @exclusivity(unchecked) var counts = StreamCounts()
    var keepalivesSent = 0
    @exclusivity(unchecked) var watchesStreams = false
    /// Looks whether the connection has come to rest.
    @exclusivity(unchecked) var rests = false
    /// The first GOAWAY of a drain is to be followed by a ping.
    var mustPing = false
    /// A client drains and has not said so: it will when everything that is queued is out.
    var owesGoAway = false
    var timers: [LoopTimer] = []
    /// Why the connection ended or must end, if the session or the peer said so.
    var fault: Failure?

    /// beginning ──SETTINGS──▶ ready ──▶ noticed ──ping ack──▶ draining ──last stream ends──▶ over
    enum Life: Comparable {
        case beginning, ready, noticed, draining, over
    }

    static let drainPing: UInt64 = 0x7765_6674_6472_6169  // "weftdrai"
    static let keepalivePing: UInt64 = 0x7765_6674_6b65_6570  // "weftkeep"

    init(
        _ wire: WireConnection, role: HTTP2Session.Role, limits: SharedLimits, acceptor: (any Acceptor)?,
        observer: any HTTP2Observer
    ) {
        self.wire = wire
        sharedLimits = limits
        let limits = limits.values
        self.acceptor = acceptor
        self.observer = observer
        loop = wire.loop
        startedAt = loop.now
        lastActivity = startedAt
        var settings = HTTP2Settings()
        settings.maxConcurrentStreams = limits.maxConcurrentStreams
        var sessionLimits = HTTP2Limits()
        sessionLimits.highMark = limits.streamBuffer
        sessionLimits.lowMark = limits.streamBuffer / 4
        session = HTTP2Session(
            role: role, settings: settings, limits: sessionLimits, engine: limits.engine.kind)
    }

    deinit {
        // Streams that somebody holds know their connection by an uncounted reference.
        for stream in streams.all { _ = stream.leave(.failed(Failure(.receive, .peerClosed))) }
    }

    var activeStreams: Int { streams.count }
    var isDraining: Bool { life >= .noticed }
    /// A further stream may be opened here.
    var hasCapacity: Bool { life == .ready && streams.count < session.peerMaxConcurrentStreams }
}

/// Hears of a connection's life: a listener or a pool.
protocol HTTP2Observer: AnyObject {
    /// The peer's SETTINGS came: it speaks HTTP/2, and its limits are known.
    func becameReady(_ connection: HTTP2Connection)
    /// No new streams may be opened any more.
    func beganDraining(_ connection: HTTP2Connection)
    func streamEnded(on connection: HTTP2Connection)
    func ended(_ connection: HTTP2Connection, _ failure: Failure?)
    /// After how much silence the peer is asked whether it is there; nil for never.
    var keepalive: Duration? { get }
    /// The peer complains about pings (GOAWAY ENHANCE_YOUR_CALM, "too_many_pings").
    func heardTooManyPings()
}

// MARK: - What streams call

extension HTTP2Connection {
    /// Opens a stream for `exchange`. Nil if the session cannot have one more.
    func open(_ stream: HTTP2Stream, head: Fields, end: Bool) -> Bool {
        guard hasCapacity, let id = try? session.openStream(head, end: end) else { return false }
        if end { stream.marks.insert(.sentEnd) }
        stream.join(self, as: id)
        streams.insert(stream)
        lastOpened = id
        counts.started &+= 1
        counts.lastStarted = loop.now
        watchStreams()
        wire.wantsFlush()
        return true
    }

    func send(head: Fields, on id: Int32, end: Bool) {
        pingStrikes.forgive()
        session.send(head: head, on: id, end: end)
        wire.wantsFlush()
    }

    func send(_ chunk: Chunk, on id: Int32, end: Bool) {
        pingStrikes.forgive()
        session.send(chunk, on: id, end: end)
        wire.wantsFlush()
    }

    func send(trailers: Fields, on id: Int32) {
        session.send(trailers: trailers, on: id)
        wire.wantsFlush()
    }

    func consume(_ count: Int, on id: Int32) {
        session.consume(count, on: id)
        wire.wantsFlush()
    }

    func room(on id: Int32) -> Int {
        session.room(on: id)
    }

    func reset(_ stream: HTTP2Stream, _ code: ResetCode) {
        guard streams.remove(stream.id) != nil else { return }
        session.reset(stream.id, code: code.rawValue)
        let ending = stream.localEnding(code)
        if ending == .complete { counts.succeeded &+= 1 } else { counts.failed &+= 1 }
        if stream.leave(ending) { givenUp.append((stream, ending)) }
        wire.wantsFlush()
    }
}

extension HTTP2Stream {
    /// A responder that has said everything may end the request's other half with NO_ERROR (RFC 9113 §8.1).
    fileprivate func localEnding(_ code: ResetCode) -> Ending {
        if code == .noError, marks.contains(.sentEnd) { return .complete }
        return .failed(Failure(phase, .cancelled, detail: "this side gave the exchange up", code: code))
    }
}

// MARK: - The wire

extension HTTP2Connection: WireHandler {
    func received(_ bytes: UnsafeRawBufferPointer) {
        guard life < .over else { return }
        do {
            session.reach(loop.now)
            try session.receive(bytes)
            takeEvents()
        } catch {
            takeEvents()
            let detail = (life == .beginning ? foreignProtocol(bytes) : nil) ?? error.reason
            end(Failure(.receive, .protocolError, detail: detail))
            return
        }
        wire.wantsFlush()
    }

    func received(_ chunk: Chunk) {
        guard life < .over else { return }
        do {
            session.reach(loop.now)
            try session.receive(chunk)
            takeEvents()
        } catch {
            takeEvents()
            end(Failure(.receive, .protocolError, detail: error.reason))
            return
        }
        wire.wantsFlush()
    }

    func receivedEnd() {
        // A peer that leaves while nothing is under way is in order; one that a pool has just dialled is not.
        let isOrderly = streams.count == 0 && (life > .beginning || acceptor != nil)
        end(fault ?? (isOrderly ? nil : Failure(.receive, .peerClosed, detail: "the peer closed the connection")))
    }

    func turnEnded() {
        tellGivenUp()
    }

    func produce(_ limit: Int, into output: OutputChain) {
        _ = session.takeOutput(limit, into: output)
        lastTaken = lastOpened
        takeEvents()
    }

    func drain() {
        beginDrain()
    }

    func flushed() {
        sayGoAway()
        pingAfterNotice()
        if life == .draining, streams.count == 0 {
            end(fault)
        } else if life < .over, session.wantsClose {
            let broken = Failure(.receive, .protocolError, detail: "the peer broke the rules of HTTP/2")
            end(fault ?? (isDraining ? nil : broken))
        }
    }

    func closed(_ failure: Failure?) {
        finish(failure)
    }

    /// Ends the connection by our own will or the session's: its last frames, a GOAWAY perhaps, still go out.
    func end(_ failure: Failure?) {
        guard life < .over else { return }
        wire.close(failure)
        finish(failure)
    }

    private func finish(_ failure: Failure?) {
        guard life < .over else { return }
        let wasReady = life > .beginning
        life = .over
        for timer in timers { timer.cancel() }
        timers = []
        tellGivenUp()
        for stream in streams.takeAll() {
            var reason = failure ?? Failure(.receive, .peerClosed, detail: "the connection was closed")
            if reason.phase == .receive { reason.phase = stream.phase }
            if acceptor == nil { reason.reach = wasReady && stream.id <= lastTaken ? .unknown : .neverSent }
            // A connection that closes writes what its session still has. A head that is told to be unsent must not be
            // among it: its exchange is made again elsewhere.
            if reason.reach == .neverSent { session.reset(stream.id, code: ResetCode.cancel.rawValue) }
            counts.failed &+= 1
            stream.finish(.failed(reason))
        }
        let observer = observer
        self.observer = nil
        observer?.ended(self, failure)
    }

    private func tellGivenUp() {
        guard !givenUp.isEmpty else { return }
        let told = givenUp
        givenUp = []
        for (stream, ending) in told {
            stream.tell(ending)
            observer?.streamEnded(on: self)
        }
    }

    /// What the first bytes are if they are not HTTP/2.
    private func foreignProtocol(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard bytes.count >= 3 else { return nil }
        if bytes[0] == 0x15 || bytes[0] == 0x16, bytes[1] == 3 {
            return "the peer speaks TLS on a plaintext connection"
        }
        if bytes.starts(with: Array("HTTP/1".utf8)) { return "the peer speaks HTTP/1" }
        return nil
    }
}
