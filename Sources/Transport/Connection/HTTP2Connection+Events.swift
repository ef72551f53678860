import Bytes
import Exchange
import HTTP2
import Reactor
import Timebase

// MARK: - Events

extension HTTP2Connection {
    func takeEvents() {
        while life < .over, let event = session.nextEvent() {
            take(event)
        }
    }

    private func take(_ event: consuming HTTP2Event) {
        switch consume event {
        case .head(let id, let fields, let end): heard(head: fields, on: id, end: end)
        case .interim(let id, let fields): streams.find(id)?._withUnsafeGuaranteedRef { $0.hear(interim: fields) }
        case .chunk(let id, let chunk, let end):
            guard let stream = streams.find(id) else {
                session.consume(chunk.count, on: id)  // it was given up; the connection's window must not suffer
                return
            }
            stream._withUnsafeGuaranteedRef { $0.hear(chunk, end: end) }
        case .trailers(let id, let fields): streams.find(id)?._withUnsafeGuaranteedRef { $0.hear(trailers: fields) }
        case .drained(let id): streams.find(id)?._withUnsafeGuaranteedRef { $0.hearRoom() }
        case .reset(let id, let code, let byPeer):
            guard let stream = streams.remove(id) else {
                streamEnded()
                return
            }
            let code = ResetCode(rawValue: code)
            let ending = byPeer ? stream.peerEnding(code) : stream.sessionEnding(code)
            if ending == .complete { counts.succeeded &+= 1 } else { counts.failed &+= 1 }
            stream.finish(ending)
            streamEnded()
        case .closed(let id):
            guard let stream = streams.remove(id) else { return }
            counts.succeeded &+= 1
            stream.finish(.complete)
            streamEnded()
        case .goAway(let last, let code, let debug): heardGoAway(last, ResetCode(rawValue: code), debug)
        case .pingAck(let opaque): heardPingAck(opaque)
        case .ping: heardPing()
        case .settings: heardSettings()
        }
    }

    private func heard(head fields: consuming Fields, on id: Int32, end: Bool) {
        if let stream = streams.find(id) {
            stream._withUnsafeGuaranteedRef { $0.hear(head: fields, end: end) }
            return
        }
        guard let acceptor else { return }
        let stream = HTTP2Stream(on: loop)
        stream.marks = end ? [.heardHead, .heardEnd] : .heardHead
        stream.join(self, as: id)
        streams.insert(stream)
        lastActivity = loop.now
        counts.started &+= 1
        counts.lastStarted = lastActivity
        watchStreams()
        let handler = acceptor.accept(fields, end: end, from: wire.peer, on: stream)
        if let ending = stream.adopt(handler) { givenUp.append((stream, ending)) }
    }

    private func streamEnded() {
        lastActivity = loop.now
        if acceptor == nil { observer?.streamEnded(on: self) }  // a pool may have exchanges that wait for a place
        if streams.count == 0 {
            restLater()
            if isDraining { wire.wantsFlush() }
        }
    }

    private func heardSettings() {
        guard life == .beginning else { return }
        life = .ready
        wire.hasSpoken()
        startTimers()
        observer?.becameReady(self)
    }

    private func heardGoAway(_ last: Int32, _ code: ResetCode, _ debug: [UInt8]) {
        let words = String(decoding: debug.prefix(128), as: UTF8.self)
        let detail = "the peer said GOAWAY (\(code.text)\(words.isEmpty ? "" : ", \"\(words)\""))"
        if code != .noError { fault = Failure(.receive, .peerGoAway, detail: detail, code: code) }
        if code == .enhanceYourCalm, words == HTTP2Connection.tooManyPings { observer?.heardTooManyPings() }
        let wasDraining = isDraining
        if life < .draining { life = .draining }
        if acceptor == nil {
            for stream in streams.takeAll(where: { $0.id > last }) {
                counts.failed &+= 1
                stream.finish(
                    .failed(Failure(stream.phase, .peerGoAway, detail: detail, reach: .notProcessed, code: code)))
                observer?.streamEnded(on: self)
            }
        }
        if !wasDraining { observer?.beganDraining(self) }
        wire.wantsFlush()
    }

    func heardPingAck(_ opaque: UInt64) {
        lastActivity = loop.now
        if opaque == HTTP2Connection.drainPing { finishDrain() }
        if opaque == HTTP2Connection.keepalivePing { pingSentAt = nil }
    }
}

extension HTTP2Stream {
    fileprivate func peerEnding(_ code: ResetCode) -> Ending {
        if code == .noError, marks.contains(.heardEnd) { return .complete }
        if code == .refusedStream {
            return .failed(
                Failure(phase, .refused, detail: "the peer refused the stream", reach: .notProcessed, code: code))
        }
        return .failed(Failure(phase, .peerReset, detail: "the peer reset the stream (\(code.text))", code: code))
    }

    /// The session itself reset the stream: the peer broke a rule on it, or could not be heard to its end.
    fileprivate func sessionEnding(_ code: ResetCode) -> Ending {
        .failed(Failure(phase, .protocolError, detail: "the stream broke a rule of HTTP/2 (\(code.text))", code: code))
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
