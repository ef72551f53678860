import Bytes
import HTTP2

/// A session under bytes, cut anywhere, and commands, at any time: `HTTP2Session`'s law holds whatever comes.
///
/// The first octet chooses role and engine; then each octet is a step: to 0x7F so many octets of the peer, else a command.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP2(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let data, count > 1 else { return 0 }
    var input = FuzzInput(data, count)
    let choice = input.octet()
    let driver = FuzzDriver(
        choice & 1 == 0 ? .server : .client, choice & 2 == 0 ? .native : .nghttp2, isTight: choice & 4 != 0)
    if choice & 8 == 0 { driver.greet() }
    while !input.isEmpty { driver.step(&input) }
    driver.finish()
    return 0
}

/// Whoever uses the session: it obeys the law and checks that the session does.
private final class FuzzDriver {
    private struct Stream {
        var didSendHead = false
        var didSendEnd = false
    }

    private let session: HTTP2Session
    private var open: [Int32: Stream] = [:]
    private var ids: [Int32] = []
    private var ended: Set<Int32> = []
    private var failed = false
    private var output: [UInt8] = []
    private let request: Fields = [":method": "POST", ":scheme": "http", ":path": "/a", ":authority": "b"]

    init(_ role: HTTP2Session.Role, _ engine: HTTP2Session.EngineKind, isTight: Bool) {
        var settings = HTTP2Settings()
        var limits = HTTP2Limits()
        limits.resetBurst = 100_000
        limits.maxFaults = 100_000
        if isTight {
            settings.maxConcurrentStreams = 3
            settings.initialWindow = 300
            settings.connectionWindow = 70_000
            limits.highMark = 500
            limits.lowMark = 100
            limits.maxHeaderList = 400
            limits.maxHeldBytes = 1000
            limits.maxFaults = 10
            limits.resetBurst = 10
        }
        session = HTTP2Session(role: role, settings: settings, limits: limits, engine: engine)
    }

    func greet() {
        let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0]
        receive((session.role == .server ? Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) : []) + settings)
        takeOutput(.max)
    }

    func step(_ input: inout FuzzInput) {
        let octet = input.octet()
        let pick = Int(octet & 0x0F)
        let id = ids.isEmpty ? Int32(pick) : ids[pick % ids.count]
        switch octet {
        case 0...0x7F: receive(input.take(Int(octet) + 1))
        case 0x80...0x8F: takeOutput(pick * 64)
        case 0x90...0x9F where session.role == .client: begin(end: pick & 1 == 1)
        case 0x90...0x9F: answer(id, interim: pick & 1 == 1)
        case 0xA0...0xBF: send(id, Int(input.octet()) * 64, end: octet & 1 == 1)
        case 0xC0...0xCF: sendTrailers(id)
        case 0xD0...0xDF: session.reset(id, code: UInt32(input.octet() % 15))
        case 0xE0...0xEF: session.consume(Int(input.octet()) * 16, on: id)
        case 0xF0: session.ping(7)
        case 0xF1: session.goAway(code: 0, debug: "bye")
        case 0xF2: session.shutdownNotice()
        default: _ = (session.room(on: id), session.queuedBytes(on: id))
        }
        takeEvents()
    }

    func finish() {
        takeOutput(.max)
        takeOutput(.max)
        precondition(session.activeStreams == (failed ? 0 : open.count) || !failed, "streams that nobody knows of")
        if failed { precondition(session.wantsClose && session.activeStreams == 0, "a failed session is over") }
        checkOutput()
    }

    private func receive(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            do throws(HTTP2ConnectionError) {
                try session.receive(bytes)
            } catch {
                precondition(!error.reason.isEmpty)
                failed = true
            }
        }
        takeEvents()
    }

    private func takeOutput(_ limit: Int) {
        _ = session.takeOutput(limit) { output.append(contentsOf: $0) }
        takeEvents()
    }

    private func begin(end: Bool) {
        guard let id = try? session.openStream(request, end: end) else { return }
        precondition(id & 1 == 1 && open[id] == nil && !ended.contains(id), "an id is used once")
        open[id] = Stream(didSendHead: true, didSendEnd: end)
        ids.append(id)
    }

    private func answer(_ id: Int32, interim: Bool) {
        guard open[id]?.didSendHead == false else { return }
        if !interim { open[id]?.didSendHead = true }
        session.send(head: [":status": interim ? "103" : "200"], on: id, end: false)
    }

    private func send(_ id: Int32, _ count: Int, end: Bool) {
        guard let stream = open[id], stream.didSendHead, !stream.didSendEnd else { return }
        if end { open[id]?.didSendEnd = true }
        session.send(Chunk([UInt8](repeating: 7, count: count)), on: id, end: end)
    }

    private func sendTrailers(_ id: Int32) {
        guard let stream = open[id], stream.didSendHead, !stream.didSendEnd else { return }
        open[id]?.didSendEnd = true
        session.send(trailers: ["grpc-status": "0"], on: id)
    }

    private func takeEvents() {
        while let event = session.nextEvent() {
            switch event {
            case .head(let id, let fields, _):
                precondition(!ended.contains(id) && !fields.isEmpty, "a head of a stream that is over, or of nothing")
                if session.role == .server {
                    precondition(id & 1 == 1 && open[id] == nil, "a request begins once")
                    open[id] = Stream()
                    ids.append(id)
                } else {
                    precondition(open[id] != nil, "an answer to nobody")
                }
            case .interim(let id, _), .chunk(let id, _, _), .trailers(let id, _), .drained(let id):
                precondition(open[id] != nil, "news of a stream that nobody knows")
            case .reset(let id, _, _), .closed(let id):
                precondition(open.removeValue(forKey: id) != nil && ended.insert(id).inserted, "a stream ends once")
            case .goAway, .ping, .pingAck, .settings: break
            }
        }
    }

    /// What a session writes is whole frames of lawful sizes.
    private func checkOutput() {
        var at = session.role == .client ? 24 : 0
        while at + 9 <= output.count {
            let length = Int(output[at]) << 16 | Int(output[at + 1]) << 8 | Int(output[at + 2])
            precondition(length <= 16_384, "no peer of this fuzzer allows larger frames, unless its SETTINGS say so")
            at += 9 + length
        }
    }
}
