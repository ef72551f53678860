import Bytes
import HTTP2
import Testing

/// Frames that no honest peer sends: what they cost the peer, a stream or the connection (RFC 9113, after h2spec's list).
@Suite(.onEveryEngine)
struct HostileTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var code: UInt32
        /// What native answers where the RFC asks for a stream error and the library takes the connection, as it may
        /// (RFC 9113 §5.4.1).
        var nativeReset: String?

        init(_ rule: String, _ code: UInt32, native nativeReset: String? = nil, _ frames: Frame...) {
            testDescription = rule
            self.code = code
            self.nativeReset = nativeReset
            bytes = frames.flatMap(\.bytes)
        }
    }

    static let open = Frame.headers(1, end: false)

    static let connectionRows: [Row] = [
        Row("DATA on a stream that is idle", 1, .data(1, "x")),
        Row("RST_STREAM on a stream that is idle", 1, .reset(1)),
        Row("WINDOW_UPDATE on a stream that is idle", 1, .window(1, 5)),
        Row("DATA on stream 0", 1, .data(0, "x")),
        Row("HEADERS on stream 0", 1, .headers(0)),
        Row("HEADERS on a stream of our own numbers", 1, .headers(2)),
        Row("RST_STREAM on stream 0", 1, .reset(0)),
        Row("RST_STREAM of a wrong size", 6, open, Frame(3, on: 1, [0, 0, 8])),
        Row("SETTINGS on a stream", 1, open, Frame(4, on: 1)),
        Row("SETTINGS of a wrong size", 6, Frame(4, on: 0, [0, 1, 2])),
        Row("SETTINGS that acknowledge with a payload", 6, Frame(4, 1, on: 0, [0, 1, 0, 0, 0, 0])),
        Row("ENABLE_PUSH that is no truth value", 1, .settings([(2, 2)])),
        Row("an initial window that is too large", 3, .settings([(4, 1 << 31)])),
        Row("a largest frame that is too small", 1, .settings([(5, 100)])),
        Row("a largest frame that is too large", 1, .settings([(5, 1 << 24)])),
        Row("an acknowledgement of nothing", 1, .settingsAck),
        Row("PING on a stream", 1, Frame(6, on: 1, [1, 2, 3, 4, 5, 6, 7, 8])),
        Row("PING of a wrong size", 6, Frame(6, on: 0, [1, 2, 3])),
        Row("GOAWAY on a stream", 1, Frame(7, on: 1, big(0) + big(0))),
        Row("GOAWAY of a wrong size", 6, Frame(7, on: 0, [1])),
        Row("WINDOW_UPDATE by nothing", 1, .window(0, 0)),
        Row("WINDOW_UPDATE by nothing on a stream", 1, native: "rst 1 1", open, .window(1, 0)),
        Row("WINDOW_UPDATE of a wrong size", 6, Frame(8, on: 0, [1])),
        Row("a connection's window that overflows", 3, .window(0, 0x7FFF_FFFF)),
        Row("CONTINUATION without HEADERS", 1, Frame(9, 4, on: 1)),
        Row("another frame within a header block", 1, Frame(1, 0, on: 1, hpack(Frame.goodHead)), .ping),
        Row(
            "another stream's CONTINUATION within a header block", 1, Frame(1, 0, on: 1, hpack(Frame.goodHead)),
            Frame(9, 4, on: 3)),
        Row("a frame larger than we allow", 6, open, Frame(0, on: 1, [UInt8](repeating: 0, count: 16_385))),
        Row("PUSH_PROMISE to a server", 1, open, Frame(5, 4, on: 1, big(2))),
        Row("an index of no field", 9, Frame(1, 5, on: 1, [0xFF, 0xFF, 0x01])),
        Row("a string that ends too late", 9, Frame(1, 5, on: 1, [0x10, 0x7F])),
        Row("a table size above what we allow", 9, Frame(1, 5, on: 1, [0x3F, 0xFF, 0xFF, 0x01])),
        Row("padding that is larger than its frame", 1, open, Frame(0, 8, on: 1, [9, 0])),
        Row("DATA behind the end", 5, native: "rst 1 5", .headers(1, end: true), .data(1, "x")),
        Row(
            "a stream above the limit that we know the peer knows", 1, native: "rst 3 7", .headers(1, end: false),
            .headers(3)),
    ]

    @Test("the connection ends with the code of the rule that was broken", arguments: connectionRows)
    func connection(_ row: Row) {
        var settings = HTTP2Settings()
        settings.maxConcurrentStreams = 1
        let lone = Lone(.server, settings: settings)
        lone.send(row.bytes)
        let answers = lone.answers()
        if let reset = row.nativeReset, Engines.current.server == .native {
            #expect(answers.contains(reset) && lone.error == nil)
            return
        }
        #expect(lone.error?.code == row.code, "\(String(describing: lone.error))")
        #expect(answers.last?.hasPrefix("goaway ") == true && answers.last?.hasSuffix(" \(row.code)") == true)
        #expect(answers.count { $0.hasPrefix("goaway") } == 1)
        #expect(lone.session.wantsClose && lone.session.activeStreams == 0)
        #expect(!(lone.error?.reason.isEmpty ?? true))
        lone.send(Frame.headers(9))
        #expect(!lone.session.hasOutput)
    }

    @Test("a first frame that is not SETTINGS, or no preface, ends the connection")
    func prefaces() {
        for bytes in [preface + Frame.headers(1).bytes, Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)] {
            let session = makeSession(.server)
            #expect(receive(bytes, session)?.code == 1)
            #expect(frames(output(of: session)).last?.description == "goaway 0 1")
            #expect(session.wantsClose)
        }
    }

    struct HeadRow: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var fields: [(String, String)]
    }

    static func head(_ rule: String, _ fields: (String, String)..., dropping: String = "") -> HeadRow {
        HeadRow(testDescription: rule, fields: Frame.goodHead.filter { $0.0 != dropping } + fields)
    }

    static let headRows: [HeadRow] = [
        head("an upper-case name", ("X-A", "b")),
        head("a name with a space", ("x a", "b")),
        head("an empty name", ("", "b")),
        head("a value with a NUL", ("x", "a\0b")),
        head("a value with a line end", ("x", "a\r\nb")),
        head("a connection field", ("connection", "close")),
        head("a keep-alive field", ("keep-alive", "1")),
        head("an upgrade field", ("upgrade", "h2c")),
        head("a transfer coding", ("transfer-encoding", "chunked")),
        head("te other than trailers", ("te", "gzip")),
        head("two content lengths", ("content-length", "0"), ("content-length", "0")),
        head("a content length that is no number", ("content-length", "x")),
        head("no method", dropping: ":method"),
        head("no path", dropping: ":path"),
        head("no scheme", dropping: ":scheme"),
        head("two paths", (":path", "/b")),
        head("an empty path", (":path", ""), dropping: ":path"),
        head("a pseudo-header field that nobody knows", (":what", "x")),
        head("a pseudo-header field of responses", (":status", "200")),
        HeadRow(
            testDescription: "a pseudo-header field behind others",
            fields: [("x", "y")] + Frame.goodHead),
    ]

    @Test("a malformed head costs its stream alone, and nobody hears of it", arguments: headRows)
    func malformed(_ row: HeadRow) {
        let lone = Lone(.server)
        lone.send(.headers(1, row.fields))
        #expect(lone.answers() == ["rst 1 1"])
        #expect(lone.heard == [] && lone.error == nil && lone.session.activeStreams == 0)
        lone.send(.headers(3))
        #expect(lone.heard == ["3 head :method=GET :scheme=http :path=/ :authority=a end"])
    }

    static let streamRows: [Row] = [
        Row("a stream's window that overflows", 3, .window(1, 0x7FFF_FFFF)),
        Row("trailers without an end", 1, .headers(1, [("x", "y")], end: false)),
        Row("a pseudo-header field in trailers", 1, .headers(1, [(":path", "/")])),
        Row("more bytes than the content length says", 1, .data(1, "1234")),
        Row("fewer bytes than the content length says", 1, .data(1, "12", end: true)),
    ]

    @Test("an error on a stream resets it and says so", arguments: streamRows)
    func stream(_ row: Row) {
        let lone = Lone(.server)
        lone.send(.headers(1, Frame.goodHead + [("content-length", "3")], end: false))
        lone.send(row.bytes)
        #expect(lone.answers().contains("rst 1 \(row.code)"))
        #expect(lone.heard.last == "1 reset \(row.code)" && lone.error == nil)
        #expect(lone.session.activeStreams == 0)
    }

    @Test("a stream number that goes down opens nothing")
    func numberGoesDown() {
        let lone = Lone(.server).send(.headers(5), .headers(3))
        #expect(lone.heard == ["5 head :method=GET :scheme=http :path=/ :authority=a end"])
        switch Engines.current.server {
        case .native: #expect(lone.error?.code == 1)
        // The library takes it for trailers of a stream that was forgotten, and reads on.
        case .nghttp2: #expect(lone.error == nil && lone.session.activeStreams == 1)
        }
    }

    @Test("a client's connection ends when a server pushes, and streams when responses are malformed")
    func client() throws {
        let pushing = Lone(.client)
        _ = try pushing.session.openStream(request, end: true)
        _ = pushing.answers()
        pushing.send(Frame(5, 4, on: 1, big(2) + hpack(Frame.goodHead)))
        #expect(pushing.error?.code == 1)
        for fields in [[("x", "y")], [(":status", "abc")], [(":path", "/")], [(":status", "200"), (":status", "200")]] {
            let lone = Lone(.client)
            _ = try lone.session.openStream(request, end: true)
            _ = lone.answers()
            lone.send(.headers(1, fields))
            #expect(lone.answers() == ["rst 1 1"])
            #expect(lone.heard == ["1 reset 1"])
        }
    }
}

/// Peers that obey the grammar and ask for too much.
@Suite(.onEveryEngine)
struct FloodTests {
    static let limits: HTTP2Limits = {
        var limits = HTTP2Limits()
        limits.resetBurst = 5
        limits.resetsPerSecond = 1
        limits.maxFaults = 5
        limits.maxQueuedAcks = 20
        limits.maxEmptyFrames = 5
        limits.maxContinuations = 3
        limits.maxSettings = 4
        limits.maxEvents = 50
        limits.maxHeaderList = 1000
        return limits
    }()

    @Test("streams that are opened and reset end the connection when they are too many")
    func rapidReset() {
        let lone = Lone(.server, limits: Self.limits)
        for stream in 0..<UInt32(20) {
            lone.send(.headers(2 * stream + 1), .reset(2 * stream + 1))
            _ = lone.answers()
        }
        #expect(lone.error != nil && lone.session.wantsClose)
        #expect(lone.heard.count { $0.contains(" head ") } < 10)
    }

    @Test("a few resets are what callers do that run out of time")
    func someResets() {
        let lone = Lone(.server, limits: Self.limits)
        for stream in 0..<UInt32(4) { lone.send(.headers(2 * stream + 1), .reset(2 * stream + 1)) }
        #expect(lone.error == nil && !lone.answers().contains { $0.hasPrefix("goaway") })
    }

    @Test("streams that a peer makes us reset end the connection when they are too many")
    func faults() {
        let lone = Lone(.server, limits: Self.limits)
        for stream in 0..<UInt32(10) where lone.error == nil {
            lone.send(.headers(2 * stream + 1), .window(2 * stream + 1, 0x7FFF_FFFF))
            _ = lone.answers()
        }
        #expect(lone.error?.code == 11)
        #expect(lone.heard.count { $0.contains(" head ") } == 6)
    }

    @Test("faults are paid off by streams that end well")
    func faultsPaidOff() {
        let lone = Lone(.server, limits: Self.limits)
        for stream in 0..<UInt32(20) {
            let bad = 4 * stream + 1
            lone.send(.headers(bad), .window(bad, 0x7FFF_FFFF), .headers(bad + 2))
            lone.session.send(head: response, on: Int32(bad + 2), end: true)
            _ = lone.answers()
        }
        #expect(lone.error == nil)
    }

    @Test("a peer that sends and does not read cannot queue acknowledgements", arguments: ["ping", "settings"])
    func acknowledgements(_ kind: String) {
        var limits = Self.limits
        limits.maxEvents = 10_000
        let lone = Lone(.server, limits: limits)
        for _ in 0..<30 { lone.send(kind == "ping" ? .ping : .settings()) }
        #expect(lone.error?.code == 11)
        #expect(frames(output(of: lone.session)).last?.description == "goaway 0 11")
    }

    @Test("DATA without bytes ends the connection when it goes on and on")
    func emptyData() {
        let lone = Lone(.server, limits: Self.limits)
        lone.send(.headers(1, end: false))
        for _ in 0..<5 { lone.send(.data(1)) }
        lone.send(.data(1, "x"))
        for _ in 0..<5 { lone.send(.data(1)) }
        #expect(lone.error == nil)
        lone.send(.data(1))
        #expect(lone.error?.code == 11)
    }

    @Test("a header block of many CONTINUATIONs ends the connection")
    func continuations() {
        let lone = Lone(.server, limits: Self.limits)
        lone.send(Frame(1, 1, on: 1, hpack(Frame.goodHead)))
        for _ in 0..<5 { lone.send(Frame(9, 0, on: 1)) }
        #expect(lone.error?.code == 11)
    }

    @Test("SETTINGS of many entries end the connection")
    func settings() {
        let lone = Lone(.server, limits: Self.limits)
        lone.send(.settings((0..<5).map { _ in (3, 1) }))
        #expect(lone.error?.code == 11)
    }

    @Test("events that nobody takes end the connection, and stay bounded")
    func events() {
        let session = makeSession(.server, limits: Self.limits)
        var bytes = preface + Frame.settings().bytes + Frame.headers(1, end: false).bytes
        for _ in 0..<100 { bytes += Frame.data(1, "x").bytes }
        #expect(receive(bytes, session)?.code == 11)
        var count = 0
        while session.nextEvent() != nil { count += 1 }
        #expect(count == 50)
    }

    @Test("a header list that is too large costs its stream, and the next one is understood")
    func headerList() {
        let lone = Lone(.server, limits: Self.limits)
        // The first block adds a field to the decoder's table that the next one names, though its stream is refused.
        let indexed: [UInt8] = [0x40, 1, UInt8(ascii: "k"), 1, UInt8(ascii: "v")]
        lone.send(
            Frame(1, 4, on: 1, hpack(Frame.goodHead + [("x", String(repeating: "y", count: 1000))]) + indexed),
            .data(1, "body"))
        #expect(lone.answers() == ["rst 1 11"])
        lone.send(Frame(1, 5, on: 3, hpack(Frame.goodHead) + [0x80 | 62]))
        #expect(lone.heard == ["3 head :method=GET :scheme=http :path=/ :authority=a k=v end"])
        #expect(lone.error == nil)
    }

    @Test("streams above a limit that the peer may not know yet are refused")
    func refused() {
        var settings = HTTP2Settings()
        settings.maxConcurrentStreams = 1
        let session = makeSession(.server, settings: settings)
        let bytes = preface + Frame.settings().bytes + Frame.headers(1).bytes + Frame.headers(3).bytes
        #expect(receive(bytes, session) == nil)
        #expect(frames(output(of: session)).contains { $0.description == "rst 3 7" })
        #expect(session.activeStreams == 1)
    }

    @Test("debug data of a GOAWAY is kept up to its limit")
    func debugData() {
        var limits = Self.limits
        limits.maxDebugData = 3
        let lone = Lone(.client, limits: limits)
        lone.send(Frame(7, on: 0, big(0) + big(0) + Array("abcdef".utf8)))
        #expect(lone.heard == ["goaway 0 0 abc"])
    }
}
