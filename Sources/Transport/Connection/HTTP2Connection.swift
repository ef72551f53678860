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
    private let limits: ConnectionLimits
    private let acceptor: (any Acceptor)?
    /// Kept until the connection is over.
    private var observer: (any HTTP2Observer)?

    private var streams = StreamTable()
    /// Streams that this side reset: their handlers hear of it when the turn ends.
    private var givenUp: [(any ExchangeHandler, Ending)] = []
    private var life = Life.beginning
    /// Every stream up to this id has had its head taken out of the session, so that bytes of it may have left.
    private var lastTaken: Int32 = 0
    private var lastOpened: Int32 = 0
    private var lastActivity: Instant
    private var pingSentAt: Instant?
    private var timers: [LoopTimer] = []
    /// Why the connection ended or must end, if the session or the peer said so.
    private var fault: Failure?

    /// beginning ──SETTINGS──▶ ready ──▶ noticed ──ping ack──▶ draining ──last stream ends──▶ over
    enum Life: Comparable {
        case beginning, ready, noticed, draining, over
    }

    static let drainPing: UInt64 = 0x7765_6674_6472_6169  // "weftdrai"
    static let keepalivePing: UInt64 = 0x7765_6674_6b65_6570  // "weftkeep"
    /// A peer that does not answer the ping between the two GOAWAYs gets the second one after so long.
    static let noticeTime: Duration = .seconds(1)

    init(
        _ wire: WireConnection, role: HTTP2Session.Role, limits: ConnectionLimits, acceptor: (any Acceptor)?,
        observer: any HTTP2Observer
    ) {
        self.wire = wire
        self.limits = limits
        self.acceptor = acceptor
        self.observer = observer
        loop = wire.loop
        lastActivity = loop.now
        var settings = HTTP2Settings()
        settings.maxConcurrentStreams = limits.maxConcurrentStreams
        var sessionLimits = HTTP2Limits()
        sessionLimits.highMark = limits.streamBuffer
        sessionLimits.lowMark = limits.streamBuffer / 4
        session = HTTP2Session(role: role, settings: settings, limits: sessionLimits)
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
}

// MARK: - What streams call

extension HTTP2Connection {
    /// Opens a stream for `exchange`. Nil if the session cannot have one more.
    func open(_ stream: HTTP2Stream, handler: any ExchangeHandler, head: Fields, end: Bool) -> Bool {
        guard hasCapacity, let id = try? session.openStream(head, end: end) else { return false }
        if end { stream.marks.insert(.sentEnd) }
        stream.join(self, as: id, handler: handler)
        streams.insert(stream)
        lastOpened = id
        wire.wantsFlush()
        return true
    }

    func send(head: Fields, on id: Int32, end: Bool) {
        session.send(head: head, on: id, end: end)
        wire.wantsFlush()
    }

    func send(_ chunk: Chunk, on id: Int32, end: Bool) {
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
        if let handler = stream.leave(ending) { givenUp.append((handler, ending)) }
        wire.wantsFlush()
    }
}

extension HTTP2Stream {
    /// A responder that has said everything may end the request's other half with NO_ERROR (RFC 9113 §8.1).
    fileprivate func localEnding(_ code: ResetCode) -> Ending {
        if code == .noError, marks.contains(.sentEnd) { return .complete }
        return .failed(Failure(phase, .cancelled, detail: "this side gave the exchange up", code: code))
    }

    fileprivate func peerEnding(_ code: ResetCode) -> Ending {
        if code == .noError, marks.contains(.heardEnd) { return .complete }
        if code == .refusedStream {
            return .failed(
                Failure(phase, .refused, detail: "the peer refused the stream", reach: .notProcessed, code: code))
        }
        return .failed(Failure(phase, .peerReset, detail: "the peer reset the stream (\(code.text))", code: code))
    }
}

// MARK: - The wire

extension HTTP2Connection: WireHandler {
    func received(_ bytes: UnsafeRawBufferPointer) {
        guard life < .over else { return }
        do {
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

    func receivedEnd() {
        end(fault ?? Failure(.receive, .peerClosed, detail: "the peer closed the connection"))
    }

    func produce(_ limit: Int, _ write: (UnsafeRawBufferPointer) -> Void) {
        tellGivenUp()
        _ = session.takeOutput(limit, write)
        lastTaken = lastOpened
        takeEvents()
    }

    func drain() {
        beginDrain()
    }

    func flushed() {
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
    private func end(_ failure: Failure?) {
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
        for (handler, ending) in told {
            handler.ended(ending)
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

// MARK: - Events

extension HTTP2Connection {
    private func takeEvents() {
        while life < .over, let event = session.nextEvent() {
            take(event)
        }
    }

    private func take(_ event: HTTP2Event) {
        switch event {
        case .head(let id, let fields, let end): heard(head: fields, on: id, end: end)
        case .interim(let id, let fields): streams[id]?.handler?.heard(head: fields, end: false)
        case .chunk(let id, let chunk, let end):
            guard let stream = streams[id] else {
                session.consume(chunk.count, on: id)  // it was given up; the connection's window must not suffer
                return
            }
            if end { stream.marks.insert(.heardEnd) }
            stream.handler?.heard(chunk, end: end)
        case .trailers(let id, let fields):
            guard let stream = streams[id] else { return }
            stream.marks.insert(.heardEnd)
            stream.handler?.heard(trailers: fields)
        case .drained(let id): streams[id]?.handler?.hasRoom()
        case .reset(let id, let code, let byPeer):
            guard let stream = streams.remove(id) else {
                streamEnded()
                return
            }
            let code = ResetCode(rawValue: code)
            stream.finish(byPeer ? stream.peerEnding(code) : stream.sessionEnding(code))
            streamEnded()
        case .closed(let id):
            guard let stream = streams.remove(id) else { return }
            stream.finish(.complete)
            streamEnded()
        case .goAway(let last, let code, let debug): heardGoAway(last, ResetCode(rawValue: code), debug)
        case .pingAck(let opaque): heardPingAck(opaque)
        case .ping: break
        case .settings: heardSettings()
        }
    }

    private func heard(head fields: Fields, on id: Int32, end: Bool) {
        if let stream = streams[id] {
            stream.marks.insert(.heardHead)
            if end { stream.marks.insert(.heardEnd) }
            stream.handler?.heard(head: fields, end: end)
            return
        }
        guard let acceptor else { return }
        let stream = HTTP2Stream(on: loop)
        stream.marks = end ? [.heardHead, .heardEnd] : .heardHead
        stream.join(self, as: id, handler: nil)
        streams.insert(stream)
        lastActivity = loop.now
        let handler = acceptor.accept(fields, end: end, from: wire.peer, on: stream)
        if let ending = stream.adopt(handler) { givenUp.append((handler, ending)) }
    }

    private func streamEnded() {
        lastActivity = loop.now
        observer?.streamEnded(on: self)
        if streams.count == 0, isDraining { wire.wantsFlush() }
    }

    private func heardSettings() {
        guard life == .beginning else { return }
        life = .ready
        startTimers()
        observer?.becameReady(self)
    }

    private func heardGoAway(_ last: Int32, _ code: ResetCode, _ debug: [UInt8]) {
        let words = String(decoding: debug.prefix(128), as: UTF8.self)
        let detail = "the peer said GOAWAY (\(code.text)\(words.isEmpty ? "" : ", \"\(words)\""))"
        if code != .noError { fault = Failure(.receive, .peerGoAway, detail: detail, code: code) }
        let wasDraining = isDraining
        if life < .draining { life = .draining }
        if acceptor == nil {
            for stream in streams.takeAll(where: { $0.id > last }) {
                stream.finish(
                    .failed(Failure(stream.phase, .peerGoAway, detail: detail, reach: .notProcessed, code: code)))
                observer?.streamEnded(on: self)
            }
        }
        if !wasDraining { observer?.beganDraining(self) }
        wire.wantsFlush()
    }

    private func heardPingAck(_ opaque: UInt64) {
        lastActivity = loop.now
        if opaque == HTTP2Connection.drainPing { finishDrain() }
        if opaque == HTTP2Connection.keepalivePing { pingSentAt = nil }
    }
}

extension HTTP2Stream {
    /// The session itself reset the stream: the peer broke a rule on it, or could not be heard to its end.
    fileprivate func sessionEnding(_ code: ResetCode) -> Ending {
        .failed(Failure(phase, .protocolError, detail: "the stream broke a rule of HTTP/2 (\(code.text))", code: code))
    }
}

// MARK: - Ageing and draining

extension HTTP2Connection {
    /// Ends the connection without losing an exchange, in two steps (RFC 9113 §6.8): a notice that allows what is under
    /// way, then, when the peer must have read it, the id of the last stream that is served.
    func beginDrain() {
        guard life < .noticed else { return }
        if acceptor == nil || life == .beginning {
            life = .draining
            observer?.beganDraining(self)
            session.goAway(code: ResetCode.noError.rawValue)
            wire.wantsFlush()
            return
        }
        life = .noticed
        session.shutdownNotice()
        session.ping(HTTP2Connection.drainPing)
        wire.wantsFlush()
        observer?.beganDraining(self)
        timers.append(
            loop.schedule(after: HTTP2Connection.noticeTime) { [unowned self] in finishDrain() })
    }

    private func finishDrain() {
        guard life == .noticed else { return }
        life = .draining
        session.goAway(code: ResetCode.noError.rawValue)
        wire.wantsFlush()
    }

    private func startTimers() {
        if let age = oldestAge() {
            timers.append(loop.schedule(after: age) { [unowned self] in beginDrain() })
        }
        if let idle = limits.idleTimeout { checkIdle(after: idle) }
        if let keepalive = limits.keepalive { checkAlive(after: keepalive) }
    }

    /// How old the connection may get: the limit, +-10 % so that connections of one deployment do not end together, and
    /// no older than the peer's certificate, less a margin.
    private func oldestAge() -> Duration? {
        var age = limits.maxAge.map { limit in
            var chance = Entropy.chance()
            return limit * (0.9 + 0.2 * chance.fraction())
        }
        if let end = wire.peerCertificate?.notAfter {
            let left = Duration.seconds(end.seconds - loop.wall.seconds)
            // A certificate that is nearly over still serves a while: half of what it has left.
            let allowed = left > limits.certificateMargin * 2 ? left - limits.certificateMargin : left / 2
            age = min(age ?? allowed, allowed)
        }
        return age
    }

    private func checkIdle(after delay: Duration) {
        guard let limit = limits.idleTimeout else { return }
        let timer = loop.schedule(after: delay) { [unowned self] in
            guard life == .ready else { return }
            let idle = streams.count == 0 ? lastActivity.duration(to: loop.now) : .zero
            if idle >= limit { beginDrain() } else { checkIdle(after: limit - idle) }
        }
        replaceFired(with: timer)
    }

    private func checkAlive(after delay: Duration) {
        let timer = loop.schedule(after: delay) { [unowned self] in
            guard let interval = limits.keepalive, life < .over else { return }
            if let sent = pingSentAt {
                guard sent.duration(to: loop.now) < limits.keepaliveTimeout else {
                    wire.abort(Failure(.wait, .peerClosed, detail: "the peer did not answer a ping"))
                    return
                }
                checkAlive(after: limits.keepaliveTimeout - sent.duration(to: loop.now))
                return
            }
            if lastActivity.duration(to: loop.now) >= interval {
                pingSentAt = loop.now
                session.ping(HTTP2Connection.keepalivePing)
                wire.wantsFlush()
                checkAlive(after: limits.keepaliveTimeout)
            } else {
                checkAlive(after: interval - lastActivity.duration(to: loop.now))
            }
        }
        replaceFired(with: timer)
    }

    private func replaceFired(with timer: LoopTimer) {
        timers.removeAll { !$0.isPending }
        timers.append(timer)
    }
}

extension ResetCode {
    /// As RFC 9113 §7 writes it.
    var text: String {
        let names = [
            "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
            "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
            "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
        ]
        return Int(rawValue) < names.count ? names[Int(rawValue)] : "code \(rawValue)"
    }
}
