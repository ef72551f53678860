import Bytes
import HTTP2
import Testing
import Timebase

/// Random bytes and random frames never stop a session, and it never keeps more than its limits say.
@Suite(.onEveryEngine)
struct FuzzTests {
    static let limits: HTTP2Limits = {
        var limits = HTTP2Limits()
        limits.maxEvents = 1000
        limits.resetBurst = 100_000
        limits.maxFaults = 100_000
        return limits
    }()

    /// A frame of any kind, most of the time one that makes sense.
    static func frame(_ chance: inout Chance, _ role: HTTP2Session.Role) -> [UInt8] {
        let stream = UInt32.random(in: 0...12, using: &chance)
        let end = Bool.random(using: &chance)
        let status = [(":status", ["200", "103", "x"].randomElement(using: &chance) ?? "")]
        var bytes: [UInt8]
        switch Int.random(in: 0...13, using: &chance) {
        case 0...2: bytes = Frame.headers(stream, role == .server ? Frame.goodHead : status, end: end).bytes
        case 3...5: bytes = Frame.data(stream, String(repeating: "x", count: Int(stream) * 30), end: end).bytes
        case 6: bytes = Frame.reset(stream).bytes
        case 7:
            bytes =
                Frame.settings([
                    (UInt16.random(in: 0...8, using: &chance), UInt32.random(in: 0...1 << 20, using: &chance))
                ]).bytes
        case 8: bytes = Frame.window(stream, UInt32.random(in: 0...70_000, using: &chance)).bytes
        case 9: bytes = Frame.ping.bytes
        case 10: bytes = Frame.headers(stream, [("grpc-status", "0")]).bytes
        case 11: bytes = Frame(7, on: 0, big(stream) + big(0)).bytes
        case 12: bytes = Frame(9, 4, on: stream).bytes
        default:
            let payload = (0..<Int(stream)).map { _ in UInt8.random(in: 0...255, using: &chance) }
            bytes =
                Frame(
                    UInt8.random(in: 0...16, using: &chance), UInt8.random(in: 0...255, using: &chance), on: stream,
                    payload
                ).bytes
        }
        if Int.random(in: 0...40, using: &chance) == 0 {
            bytes[Int.random(in: 0..<bytes.count, using: &chance)] = UInt8.random(in: 0...255, using: &chance)
        }
        return bytes
    }

    /// Answers what was heard, or does something that nobody asked for.
    static func act(_ session: HTTP2Session, _ stream: Int32, _ open: inout Set<Int32>, _ chance: inout Chance) {
        switch Int.random(in: 0...9, using: &chance) {
        case 0 where session.role == .server && open.contains(stream):
            open.remove(stream)
            session.send(head: response, on: stream, end: false)
            session.send(
                Chunk([UInt8](repeating: 1, count: Int.random(in: 0...9000, using: &chance))), on: stream, end: false)
            session.send(trailers: trailers, on: stream)
        case 1:
            open.remove(stream)
            session.reset(stream, code: UInt32.random(in: 0...8, using: &chance))
        case 2...5: session.consume(Int.random(in: 0...1000, using: &chance), on: stream)
        case 6 where session.role == .client:
            _ = try? session.openStream(request, end: true)
        case 7 where Int.random(in: 0...20, using: &chance) == 0: session.goAway()
        case 8: session.ping(1)
        default: break
        }
    }

    @Test("random frames, cut anywhere", arguments: 0..<300)
    func frames(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let role: HTTP2Session.Role = seed % 2 == 0 ? .server : .client
        let lone = makeSession(role, limits: Self.limits)
        var bytes = (role == .server ? preface : []) + Frame.settings().bytes
        for _ in 0..<150 { bytes += Self.frame(&chance, role) }
        var announced: Set<Int32> = []
        var ended: Set<Int32> = []
        var open: Set<Int32> = []
        var failed = false
        if role == .client { for _ in 0..<5 { _ = try? lone.openStream(request, end: true) } }
        while !bytes.isEmpty {
            let piece = Int.random(in: 1...200, using: &chance)
            let thrown = receive(Array(bytes.prefix(piece)), lone)
            bytes.removeFirst(min(piece, bytes.count))
            failed = failed || thrown != nil
            if Bool.random(using: &chance) { _ = output(of: lone, limit: Int.random(in: 0...500, using: &chance)) }
            while let event = lone.nextEvent() {
                switch event {
                case .head(let stream, _, _):
                    announced.insert(stream)
                    open.insert(stream)
                    Self.act(lone, stream, &open, &chance)
                case .chunk(let stream, _, _), .trailers(let stream, _), .interim(let stream, _):
                    #expect(!ended.contains(stream), "nothing is heard of a stream that ended")
                    Self.act(lone, stream, &open, &chance)
                case .closed(let stream), .reset(let stream, _, _):
                    #expect(ended.insert(stream).inserted, "a stream ends once")
                    open.remove(stream)
                default: break
                }
            }
        }
        _ = output(of: lone)
        if !failed, role == .server { #expect(lone.activeStreams <= announced.subtracting(ended).count + 1) }
        if failed { #expect(lone.activeStreams == 0 && lone.wantsClose) }
    }

    @Test("random bytes behind a preface", arguments: 0..<100)
    func bytes(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let lone = makeSession(.server, limits: Self.limits)
        _ = receive(preface + Frame.settings().bytes, lone)
        for _ in 0..<50 {
            let bytes = (0..<Int.random(in: 1...300, using: &chance)).map { _ in
                UInt8.random(in: 0...255, using: &chance)
            }
            _ = receive(bytes, lone)
            while lone.nextEvent() != nil {}
            _ = output(of: lone)
        }
        #expect(lone.activeStreams <= 50)
    }
}
