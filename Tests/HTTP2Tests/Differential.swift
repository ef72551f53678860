import Bytes
@testable import HTTP2
import Testing
import Timebase

/// The same bytes and the same commands for both engines, and what comes of each step.
final class Twins {
    let role: HTTP2Session.Role
    let native: Twin
    let library: Twin
    /// Streams that were announced and have not ended, which both twins agree on.
    private(set) var open: Set<Int32> = []
    /// Those of them that gave their head, or their end.
    private var headed: Set<Int32> = []
    private var finished: Set<Int32> = []
    private var opened: [Int32] = []
    private var ended: [Int32] = []

    init(_ role: HTTP2Session.Role, settings: HTTP2Settings, limits: HTTP2Limits) {
        self.role = role
        native = Twin(role, .native, settings, limits)
        library = Twin(role, .nghttp2, settings, limits)
    }

    /// Where frames begin and end in what was received.
    private(set) var cuts = FrameCuts()

    /// Hands both the same bytes.
    func receive(_ bytes: [UInt8]) -> (native: Outcome, library: Outcome)? {
        cuts.read(role == .server && bytes.starts(with: preface) ? Array(bytes.dropFirst(preface.count)) : bytes)
        return step { $0.receive(bytes) }
    }

    /// What both make of a step; nil while they agree.
    func step(_ body: (Twin) -> Void) -> (native: Outcome, library: Outcome)? {
        body(native)
        body(library)
        let outcomes = (native.outcome(), library.outcome())
        guard outcomes.0 == outcomes.1 else { return outcomes }
        for event in native.events { note(event) }
        return nil
    }

    private func note(_ event: HTTP2Event) {
        switch event {
        case .head(let stream, _, _): open.insert(stream)
        case .closed(let stream), .reset(let stream, _, _):
            open.remove(stream)
            ended.append(stream)
        default: break
        }
    }

    /// Streams that a client opened since the last time.
    func takeOpened() -> [Int32] {
        defer { opened = [] }
        return opened
    }

    /// Streams that ended since the last time.
    func takeEnded() -> [Int32] {
        defer { ended = [] }
        return ended
    }

    /// A command that nobody asked for, on a stream that there is as a rule.
    func act(_ chance: inout Chance) -> ((Twin) -> Void)? {
        let ids = open.sorted()
        let id = ids.randomElement(using: &chance) ?? 1
        let count = Int.random(in: 0...40_000, using: &chance)
        switch Int.random(in: 0...11, using: &chance) {
        case 0...2: return { $0.session.consume(count, on: id) }
        case 3 where role == .client && headed.contains(id) && finished.insert(id).inserted:
            return { $0.session.send(.empty, on: id, end: true) }
        case 3 where role == .server && open.contains(id) && headed.insert(id).inserted:
            return { $0.session.send(head: response, on: id, end: false) }
        case 4 where role == .server && headed.contains(id) && finished.insert(id).inserted:
            return { $0.session.send(trailers: trailers, on: id) }
        case 5...6 where headed.contains(id) && !finished.contains(id):
            return { $0.session.send(Chunk([UInt8](repeating: 1, count: count)), on: id, end: false) }
        case 7:
            return { $0.session.reset(id, code: 8) }
        case 8...9 where role == .client:
            return { twin in
                guard let stream = try? twin.session.openStream(request, end: count % 2 == 0) else { return }
                guard twin === self.native else { return }
                self.opened.append(stream)
                self.open.insert(stream)
                self.headed.insert(stream)
                if count % 2 == 0 { self.finished.insert(stream) }
            }
        case 10 where count % 2 == 0: return { $0.session.ping(7) }
        case 10 where count < 500: return { $0.session.goAway() }
        default: return nil
        }
    }
}

/// One of two sessions that are told the same.
final class Twin {
    let session: HTTP2Session
    private(set) var events: [HTTP2Event] = []
    private(set) var error: HTTP2ConnectionError?
    /// Streams whose peer's half ended: the library gives window for them all the same.
    private var ended: Set<Int32> = []
    private var decoder = HPACKDecoder(listLimit: 1 << 20)

    init(
        _ role: HTTP2Session.Role, _ engine: HTTP2Session.EngineKind, _ settings: HTTP2Settings, _ limits: HTTP2Limits
    ) {
        session = HTTP2Session(role: role, settings: settings, limits: limits, engine: engine)
    }

    func receive(_ bytes: [UInt8]) {
        let thrown = HTTP2Tests.receive(bytes, session)
        if error == nil { error = thrown }
    }

    /// What happened since the last time.
    func outcome() -> Outcome {
        events = []
        while let event = session.nextEvent() { events.append(event) }
        let written = output(of: session)
        while let event = session.nextEvent() { events.append(event) }
        var outcome = Outcome(code: error?.code, reason: error?.reason, isOver: session.wantsClose)
        // How chunks are cut is nobody's business, nor how events of different streams interleave.
        for event in events { noteEnd(event) }
        for event in events { outcome.add(describe(event), on: stream(of: event)) }
        for frame in frames(Array(written.dropFirst(written.starts(with: preface) ? preface.count : 0))) {
            say(frame, &outcome)
        }
        return outcome
    }

    private func noteEnd(_ event: HTTP2Event) {
        switch event {
        case .head(let stream, _, end: true), .chunk(let stream, _, end: true), .trailers(let stream, _),
            .reset(let stream, _, _):
            ended.insert(stream)
        default: break
        }
    }

    private func say(_ frame: Frame, _ outcome: inout Outcome) {
        switch frame.type {
        case 0:
            outcome.sent[frame.stream, default: ""] += String(repeating: "d", count: frame.payload.count)
            if frame.flags & Frame.end != 0 { outcome.sent[frame.stream, default: ""] += " end" }
        case 1:
            var fields = Fields()
            let extent = frame.payload.withUnsafeBytes { try? decoder.decode($0, into: &fields) }
            outcome.sent[frame.stream, default: ""] += " head \(describe(fields)) \(extent == .whole) \(frame.flags) "
        case 7: outcome.sent[0, default: ""] += " goaway \(word(frame.payload.dropFirst(4)))"
        case 8 where !ended.contains(Int32(frame.stream)):
            outcome.updates[frame.stream, default: 0] += word(frame.payload[...])
        case 8: break
        default: outcome.sent[frame.stream, default: ""] += " \(frame)"
        }
    }

    private func stream(of event: HTTP2Event) -> Int32 {
        switch event {
        case .head(let stream, _, _), .interim(let stream, _), .chunk(let stream, _, _), .trailers(let stream, _),
            .drained(let stream), .reset(let stream, _, _), .closed(let stream):
            stream
        default: 0
        }
    }
}

/// Frames as they are cut out of a run of bytes, which both engines agree on.
struct FrameCuts {
    /// The headers of the frames that the last bytes were of.
    private(set) var headers: [[UInt8]] = []
    private var header: [UInt8] = []
    private var left = 0
    /// A header block began and has not ended.
    private(set) var isWithinBlock = false

    /// The last bytes did not end a frame.
    var isWithinFrame: Bool { left > 0 || !header.isEmpty && header.count < 9 }

    mutating func read(_ bytes: [UInt8]) {
        headers = left > 0 ? [header] : []
        for byte in bytes {
            if left > 0 {
                left -= 1
                continue
            }
            if header.count == 9 { header = [] }
            header.append(byte)
            guard header.count == 9 else { continue }
            headers.append(header)
            left = Int(word([0] + header[..<3]))
            if header[3] == 1 || header[3] == 9 { isWithinBlock = header[4] & Frame.endHeaders == 0 }
        }
    }

    func has(_ type: UInt8, flag: UInt8 = 0) -> Bool {
        headers.contains { $0[3] == type && $0[4] & flag == flag }
    }
}

/// What a session made of a step, by stream; stream 0 is the connection.
struct Outcome: Equatable, CustomStringConvertible {
    var code: UInt32?
    var reason: String?
    var isOver: Bool
    var heard: [Int32: [String]] = [:]
    var sent: [UInt32: String] = [:]
    var updates: [UInt32: UInt32] = [:]

    init(code: UInt32?, reason: String?, isOver: Bool) {
        self.code = code
        self.reason = reason
        self.isOver = isOver
    }

    mutating func add(_ line: String, on stream: Int32) {
        heard[stream, default: []].append(line)
    }

    /// A lost connection hears and says nothing more but why: what was said before it depends on who judges first.
    static func == (left: Outcome, right: Outcome) -> Bool {
        guard left.code == right.code, left.isOver == right.isOver else { return false }
        guard left.code == nil else { return true }
        return left.heard == right.heard && left.sent == right.sent && left.updates == right.updates
    }

    var description: String {
        "code \(code.map(String.init) ?? "-") \(reason ?? "") over \(isOver) heard \(heard.sorted { $0.key < $1.key }) "
            + "sent \(sent.sorted { $0.key < $1.key }) updates \(updates.sorted { $0.key < $1.key })"
    }
}
