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

    init(_ role: HTTP2Session.Role, settings: HTTP2Settings, limits: HTTP2Limits) {
        self.role = role
        native = Twin(role, .native, settings, limits)
        library = Twin(role, .nghttp2, settings, limits)
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
        case .closed(let stream), .reset(let stream, _, _): open.remove(stream)
        default: break
        }
    }

    /// A command that nobody asked for, on a stream that there is as a rule.
    func act(_ chance: inout Chance) -> ((Twin) -> Void)? {
        let ids = open.sorted()
        let id = ids.randomElement(using: &chance) ?? 1
        let count = Int.random(in: 0...40_000, using: &chance)
        switch Int.random(in: 0...11, using: &chance) {
        case 0...2: return { $0.session.consume(count, on: id) }
        case 3 where role == .server && open.contains(id) && headed.insert(id).inserted:
            return { $0.session.send(head: response, on: id, end: false) }
        case 4 where role == .server && headed.contains(id) && finished.insert(id).inserted:
            return { $0.session.send(trailers: trailers, on: id) }
        case 5...6 where headed.contains(id) && !finished.contains(id):
            return { $0.session.send(Chunk([UInt8](repeating: 1, count: count)), on: id, end: false) }
        case 7:
            return { $0.session.reset(id, code: 8) }
        case 8 where role == .client:
            headed.formUnion([])
            return { twin in _ = try? twin.session.openStream(request, end: count % 2 == 0) }
        case 9: return { $0.session.ping(7) }
        case 10 where count < 1000: return { $0.session.goAway() }
        default: return nil
        }
    }
}

/// One of two sessions that are told the same.
final class Twin {
    let session: HTTP2Session
    private(set) var events: [HTTP2Event] = []
    private(set) var error: HTTP2ConnectionError?
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
        var outcome = Outcome(code: error?.code, isOver: session.wantsClose)
        // How chunks are cut is nobody's business, nor how events of different streams interleave.
        for event in events { outcome.add(describe(event), on: stream(of: event)) }
        for frame in frames(Array(written.dropFirst(written.starts(with: preface) ? preface.count : 0))) {
            say(frame, &outcome)
        }
        return outcome
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
        case 8: outcome.updates[frame.stream, default: 0] += word(frame.payload[...])
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

/// What a session made of a step, by stream; stream 0 is the connection.
struct Outcome: Equatable, CustomStringConvertible {
    var code: UInt32?
    var isOver: Bool
    var heard: [Int32: [String]] = [:]
    var sent: [UInt32: String] = [:]
    var updates: [UInt32: UInt32] = [:]

    init(code: UInt32?, isOver: Bool) {
        self.code = code
        self.isOver = isOver
    }

    mutating func add(_ line: String, on stream: Int32) {
        heard[stream, default: []].append(line)
    }

    /// A lost connection hears and says nothing more but why: what was said before it depends on who judges first.
    static func == (left: Outcome, right: Outcome) -> Bool {
        guard left.code == right.code, left.isOver == right.isOver else { return false }
        guard left.code == nil else { return true }
        return left.heard.mapValues(merged) == right.heard.mapValues(merged) && left.sent == right.sent
            && left.updates == right.updates
    }

    /// Chunks in a row as one.
    private static func merged(_ lines: [String]) -> [String] { joined(lines.map(Self.plain)) }

    private static func plain(_ line: String) -> String { line }

    var description: String {
        "code \(code.map(String.init) ?? "-") over \(isOver) heard \(heard.sorted { $0.key < $1.key }) "
            + "sent \(sent.sorted { $0.key < $1.key }) updates \(updates.sorted { $0.key < $1.key })"
    }
}
