import Bytes
import HTTP2
import Testing

/// Floods of frames on every engine, with a driver that obeys the session's law: each ends the connection within its
/// bound, or costs nothing that stays.
struct FloodEngineTests {
    struct Flood: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Before the flood.
        var opening: [Frame] = []
        /// What is sent again and again; the argument counts from 0.
        let piece: @Sendable (UInt32) -> [Frame]
        /// The code of the GOAWAY, or nil where the flood is borne.
        let code: UInt32?
        /// By then it must be over.
        var bound = 200
        var exceptions: [HTTP2Session.EngineKind: UInt32] = [:]

        init(
            _ rule: String, code: UInt32?, bound: Int = 200, opening: [Frame] = [],
            exceptions: [HTTP2Session.EngineKind: UInt32] = [:], _ piece: @escaping @Sendable (UInt32) -> [Frame]
        ) {
            testDescription = rule
            self.code = code
            self.bound = bound
            self.opening = opening
            self.exceptions = exceptions
            self.piece = piece
        }
    }

    static let floods: [Flood] = [
        // nghttp2 calls a flood of resets an internal error.
        Flood("requests that are reset at once", code: 11, exceptions: [.nghttp2: 2]) {
            [.headers(2 * $0 + 1, end: false), .reset(2 * $0 + 1)]
        },
        Flood("requests whose windows overflow", code: 11) {
            [.headers(2 * $0 + 1, end: false), .window(2 * $0 + 1, 0x7FFF_FFFF)]
        },
        Flood("requests that end before their content-length", code: 11) {
            [
                .headers(2 * $0 + 1, Frame.goodHead + [("content-length", "9")], end: false),
                .data(2 * $0 + 1, end: true),
            ]
        },
        Flood("requests that are malformed", code: 11) { [.headers(2 * $0 + 1, Frame.goodHead + [("Upper", "x")])] },
        Flood("requests with trailers that do not end them", code: 11) {
            [.headers(2 * $0 + 1, end: false), .headers(2 * $0 + 1, [("x", "y")], end: false)]
        },
        Flood("header lists that are too large", code: 11) {
            let large = [("x", String(repeating: "y", count: 2000))]
            return [.headers(2 * $0 + 1, Frame.goodHead + large)]
        },
        Flood(
            "a large field that is named by single octets", code: 11,
            opening: [
                Frame(
                    1, 5, on: 1,
                    hpack(Frame.goodHead) + [0x40, 1, 0x78, 0x7F, 0x01] + [UInt8](repeating: 0x79, count: 128))
            ]
        ) { [Frame(1, 5, on: 2 * $0 + 3, hpack(Frame.goodHead) + [UInt8](repeating: 0xBE, count: 16_000))] },
        Flood("CONTINUATION without an end", code: 11, opening: [Frame(1, 1, on: 1, hpack(Frame.goodHead))]) { _ in
            [Frame(9, 0, on: 1, hpack([("x", "y")]))]
        },
        Flood("CONTINUATION without octets", code: 11, opening: [Frame(1, 1, on: 1, hpack(Frame.goodHead))]) { _ in
            [Frame(9, 0, on: 1)]
        },
        Flood("DATA without octets", code: 11, opening: [.headers(1, end: false)]) { _ in [.data(1)] },
        Flood("SETTINGS of many entries", code: 11) { _ in [.settings((0..<60).map { _ in (3, 1) })] },
        Flood("SETTINGS that are acknowledged", code: nil) { _ in [.settings()] },
        Flood("PINGs that are acknowledged", code: nil) { _ in [.ping] },
        Flood("DATA of one octet", code: nil, opening: [.headers(1, end: false)]) { _ in [.data(1, "x")] },
        Flood("PRIORITY of streams that nobody opened", code: nil) { [Frame(2, on: 2 * $0 + 1, big(0) + [255])] },
        Flood("WINDOW_UPDATE by one", code: nil, opening: [.headers(1, end: false)]) { _ in
            [.window(0, 1), .window(1, 1)]
        },
        Flood("frames of an unknown type", code: nil) { _ in [Frame(0x42, 0xFF, on: 5, [1, 2, 3])] },
    ]

    static let limits: HTTP2Limits = {
        var limits = FloodTests.limits
        limits.maxFaults = 20
        return limits
    }()

    struct Case: Sendable, CustomTestStringConvertible {
        let flood: Flood
        let engine: HTTP2Session.EngineKind
        var testDescription: String { "\(engine.rawValue): \(flood.testDescription)" }
    }

    static let cases = HTTP2Session.EngineKind.allCases.flatMap { engine in
        floods.map { Case(flood: $0, engine: engine) }
    }

    @Test("a flood ends the connection with its code, or nothing of it stays", arguments: cases)
    func isBounded(_ test: Case) {
        let session = HTTP2Session(role: .server, limits: Self.limits, engine: test.engine)
        let start = preface + Frame.settings().bytes + Frame.settingsAck.bytes
        var error = receive(start + test.flood.opening.flatMap(\.bytes), session)
        var rounds = 0
        var lastGoAway: Frame?
        while error == nil, rounds < test.flood.bound * (test.flood.code == nil ? 10 : 1) {
            error = receive(test.flood.piece(UInt32(rounds)).flatMap(\.bytes), session)
            var events = 0
            while let event = session.nextEvent() {
                events += 1
                if case .chunk(let stream, let chunk, _) = event { session.consume(chunk.count, on: stream) }
            }
            let answered = frames(output(of: session))
            lastGoAway = answered.last { $0.type == 7 } ?? lastGoAway
            #expect(events <= 4 && answered.count <= 4, "a piece of the flood makes few events and frames")
            rounds += 1
        }
        guard let code = test.flood.exceptions[test.engine] ?? test.flood.code else {
            #expect(error == nil && lastGoAway == nil && !session.hasOutput && session.activeStreams <= 1)
            return
        }
        #expect(error?.code == code, "after \(rounds) rounds: \(String(describing: error))")
        #expect(lastGoAway.map { word($0.payload.dropFirst(4)) } == code)
        #expect(session.wantsClose && session.activeStreams == 0 && !session.hasOutput)
    }
}
