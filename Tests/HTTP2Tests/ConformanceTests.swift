import Bytes
import HTTP2
import Testing

/// Every rule of the table, on every engine: bytes in, and the frames that come out judged.
struct ConformanceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let row: ConformanceRow
        let engine: HTTP2Session.EngineKind
        var testDescription: String { "\(engine.rawValue): \(row.id) \(row.rule)" }
    }

    static let cases = HTTP2Session.EngineKind.allCases.flatMap { engine in
        ConformanceRow.all.map { Case(row: $0, engine: engine) }
    }

    @Test("the table has every case that h2spec has, once, and those that it has not")
    func complete() {
        let ids = ConformanceRow.all.map(\.id)
        #expect(Set(ids).count == ids.count)
        for (section, count) in [("generic/", 44), ("http2/", 95), ("hpack/", 8), ("more/", 33)] {
            #expect(ids.count { $0.hasPrefix(section) } == count)
        }
        #expect(ConformanceRow.all.allSatisfy { !$0.steps.isEmpty && !$0.outcomes.isEmpty })
    }

    @Test("a session answers as the table says", arguments: cases)
    func conforms(_ test: Case) {
        let server = AnsweringServer(test.engine)
        if test.row.steps.first != .bare { server.receive(preface + Frame.settings().bytes + Frame.settingsAck.bytes) }
        for step in test.row.steps {
            switch step {
            case .bare: break
            case .bytes(let bytes): server.receive(bytes)
            case .wait(let condition):
                #expect(server.fulfils(condition), "before the next step, not so: \(condition.joined(separator: " "))")
            }
        }
        server.receive(Frame(6, on: 0, AnsweringServer.lastPing).bytes)
        let wanted = test.row.exceptions[test.engine.rawValue] ?? test.row.outcomes
        let isMet = wanted.contains { choice in choice.allSatisfy(server.fulfils) && server.isQuiet(but: choice) }
        let said = wanted.map { $0.map { $0.joined(separator: " ") }.joined(separator: " & ") }.joined(separator: " | ")
        #expect(isMet, "wanted \(said); said \(server.said.map(\.description)), \(String(describing: server.error))")
    }
}

/// A server that answers every request as gRPC's EmptyCall is answered, and keeps the frames that it says.
private final class AnsweringServer {
    static let lastPing = Array("weftping".utf8)

    private let session: HTTP2Session
    private(set) var said: [Frame] = []
    private(set) var error: HTTP2ConnectionError?
    private var isHead: Set<Int32> = []

    init(_ engine: HTTP2Session.EngineKind) {
        session = HTTP2Session(role: .server, engine: engine)
        run()
    }

    func receive(_ bytes: [UInt8]) {
        let thrown = HTTP2Tests.receive(bytes, session)
        if error == nil { error = thrown }
        run()
    }

    private func run() {
        repeat {
            while let event = session.nextEvent() { heard(event) }
            said += frames(output(of: session))
        } while session.hasOutput
        while let event = session.nextEvent() { heard(event) }
    }

    private func heard(_ event: HTTP2Event) {
        switch event {
        case .head(let stream, let fields, let end):
            if fields[":method"] == "HEAD" { isHead.insert(stream) }
            if end { answer(stream) }
        case .chunk(let stream, let chunk, let end):
            session.consume(chunk.count, on: stream)
            if end { answer(stream) }
        case .trailers(let stream, _): answer(stream)
        default: break
        }
    }

    private func answer(_ stream: Int32) {
        let head: Fields = [":status": "200", "content-type": "application/grpc"]
        guard !isHead.contains(stream) else { return session.send(head: head, on: stream, end: true) }
        session.send(head: head, on: stream, end: false)
        session.send(Chunk([0, 0, 0, 0, 0]), on: stream, end: false)
        session.send(trailers: trailers, on: stream)
    }

    // MARK: Judging

    private static let codes = [
        "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
        "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
        "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
    ]

    private static func isOneOf(_ names: String, _ code: UInt32) -> Bool {
        names.split(separator: ",").contains { codes.firstIndex(of: String($0)) == Int(code) }
    }

    private var goAway: Frame? { said.last { $0.type == 7 } }
    private func resets(_ stream: UInt32) -> [Frame] { said.filter { $0.type == 3 && $0.stream == stream } }
    private func isAcked(_ ping: [UInt8]) -> Bool {
        said.contains { $0.type == 6 && $0.flags == 1 && $0.payload == ping }
    }

    func fulfils(_ outcome: [String]) -> Bool {
        let stream = outcome.count > 1 ? UInt32(outcome[1]) ?? 0 : 0
        switch outcome[0] {
        case "goaway":
            guard let goAway, let error else { return false }
            let code = word(goAway.payload.dropFirst(4))
            return Self.isOneOf(outcome[1], code) && error.code == code && session.wantsClose
                && session.activeStreams == 0 && said.count { $0.type == 7 } == 1
        case "closed": return session.wantsClose
        case "last": return goAway.map { word($0.payload[...]) } == stream
        case "reset":
            let found = resets(stream)
            return found.count == 1 && (outcome.count < 3 || Self.isOneOf(outcome[2], word(found[0].payload[...])))
        case "answer": return said.contains { $0.type <= 1 && $0.stream == stream && $0.flags & Frame.end != 0 }
        case "data":
            let sizes = said.filter { $0.type == 0 && $0.stream == stream }.map(\.payload.count)
            return sizes == outcome.dropFirst(2).compactMap { Int($0) }
        case "ack": return said.count { $0.type == 4 && $0.flags == 1 } == (Int(outcome.last ?? "") ?? 1)
        case "alive": return true
        default: return false
        }
    }

    /// Nothing was said against the peer but what `choice` names, and the connection is alive if nothing says otherwise.
    func isQuiet(but choice: [[String]]) -> Bool {
        let kinds = choice.map { $0[0] }
        let isOver = kinds.contains("goaway") || kinds.contains("closed")
        let named = choice.filter { $0[0] == "reset" }.map { $0[1] }
        let isReset = said.contains { $0.type == 3 && word($0.payload[...]) != 0 && !named.contains("\($0.stream)") }
        return isOver || !isReset && goAway == nil && error == nil && isAcked(Self.lastPing)
    }
}
