import API
import Bytes
import Compression
import Exchange
import InteropAPI
import ProtoWire
import RPC
import Testing

@testable import WebProtocols

/// Streams of Connect, by hand (connectrpc.com, "Streaming RPCs").
@Suite("Connect, streaming")
struct ConnectStreamingTests {
    private let scene = Scene()
    private static let json = [("content-type", "application/connect+json")]
    private static let proto = [("content-type", "application/connect+proto")]

    private static func envelope(_ text: String, flags: UInt8 = 0) -> [UInt8] {
        EnvelopeReader.frame(Chunk(text), flags: flags).array
    }

    private static func request(_ size: Int) -> String {
        #"{"payload":{"body":"\#(String(repeating: "A", count: size))"}}"#
    }

    @Test("each reply is an envelope, and the status is the last one")
    func serverStream() {
        let stream = scene.ask(
            "POST", Paths.watch, ConnectStreamingTests.json, ConnectStreamingTests.envelope("{}"))
        #expect(
            stream.transcript == #"""
                :status: 200
                content-type: application/connect+json
                connect-accept-encoding: gzip

                \00\00\00\00`{"kind":"KIND_CREATED","course":{"id":"a","title":"\c3\9cnder \5c"quotes\5c"","level":"LEVEL_BEGINNER"}}\#
                \00\00\00\00`{"kind":"KIND_CREATED","course":{"id":"b","title":"\c3\9cnder \5c"quotes\5c"","level":"LEVEL_BEGINNER"}}\#
                \02\00\00\00\1e{"metadata":{"x-count":["2"]}}

                """#)
        #expect(stream.pieces.count == 3)
        #expect(scene.isQuiet)
    }

    @Test("an error comes in the last envelope, with what was sent before it")
    func failure() {
        let stream = scene.ask(
            "POST", Paths.watch, ConnectStreamingTests.proto + [("x-fail", "1")],
            ConnectStreamingTests.envelope(""))
        #expect(stream.head[.status] == "200" && stream.pieces.count == 3)
        #expect(
            String(decoding: stream.pieces[2].dropFirst(5), as: UTF8.self)
                == #"{"error":{"code":"unavailable","message":"no more"},"metadata":{"x-count":["2"]}}"#)
    }

    @Test("a call that never began is an end alone, and still 200")
    func early() {
        let stream = scene.ask(
            "POST", Paths.watch, ConnectStreamingTests.json + [("connect-timeout-ms", "x")],
            ConnectStreamingTests.envelope("{}"))
        #expect(stream.head[.status] == "200" && stream.pieces.count == 1)
        #expect(stream.body.first == 2)
        #expect(stream.transcript.contains(#"{"error":{"code":"invalid_argument""#))
        #expect(scene.isQuiet)
    }

    @Test("many requests in JSON are read one by one, however they are cut", arguments: [1, 3, 11, .max])
    func clientStream(pieces: Int) {
        let body = [4, 8, 16].flatMap { ConnectStreamingTests.envelope(ConnectStreamingTests.request($0)) }
        let stream = scene.ask("POST", Paths.sum, ConnectStreamingTests.json, body, pieces: pieces)
        #expect(
            String(escaping: stream.body) == #"\00\00\00\00\1c{"aggregatedPayloadSize":21}\02\00\00\00\02{}"#)
        #expect(stream.consumed == body.count)
        #expect(scene.isQuiet)
    }

    @Test(
        "compressed envelopes are read, and replies compressed where that is agreed and worth it",
        arguments: [false, true])
    func gzip(isJSON: Bool) throws {
        var deflater = Deflater(.gzip)
        var inflater = Inflater(.gzip)
        var request = GrpcTesting.StreamingOutputCallRequest()
        request.responseParameters = [5000 as Int32, 1].map { size in
            var parameters = GrpcTesting.ResponseParameters()
            parameters.size = size
            return parameters
        }
        let message =
            isJSON ? Array(#"{"responseParameters":[{"size":5000},{"size":1}]}"#.utf8) : request.encoded()
        let body = EnvelopeReader.frame(deflater.compress(Chunk(message)), flags: 1).array
        let stream = scene.ask(
            "POST", Paths.duplex,
            (isJSON ? ConnectStreamingTests.json : ConnectStreamingTests.proto)
                + [("connect-content-encoding", "gzip"), ("connect-accept-encoding", "gzip")], body)
        #expect(stream.head["connect-content-encoding"] == "gzip")
        #expect(stream.pieces.map { $0[0] } == [1, 0, 2])
        let reply = try inflater.inflate(Chunk(Array(stream.pieces[0].dropFirst(5))), limit: 10_000)
        #expect(isJSON ? reply.count > 6600 : reply.count > 5000)
        #expect(stream.pieces[0].count < 200)
        #expect(scene.isQuiet)
    }

    @Test(
        "an envelope that no request has ends the call",
        arguments: [
            (2 as UInt8, "{}", "invalid_argument"), (0x80, "{}", "invalid_argument"), (1, "{}", "internal"),
            (0, "[", "invalid_argument"), (0, "", "invalid_argument"),
        ])
    func badEnvelopes(flags: UInt8, text: String, code: String) {
        let stream = scene.ask(
            "POST", Paths.sum, ConnectStreamingTests.json, ConnectStreamingTests.envelope(text, flags: flags))
        #expect(stream.transcript.contains(#"{"error":{"code":"\#(code)""#), "\(stream.transcript)")
        #expect(stream.hasEnded && scene.isQuiet)
    }

    @Test("a body that ends within an envelope, or promises too much, ends the call", arguments: [true, false])
    func cutOff(isTooLong: Bool) {
        let length: [UInt8] = isTooLong ? [0, 0x7F, 0, 0, 0] : [0, 0, 0, 0, 9]
        let stream = scene.ask("POST", Paths.sum, ConnectStreamingTests.json, length + [0x20])
        #expect(stream.transcript.contains(isTooLong ? "resource_exhausted" : "invalid_argument"))
        #expect(stream.hasEnded && scene.isQuiet && stream.consumed == 6)
    }

    @Test("the client's window comes back when the service has read what came", arguments: [true, false])
    func inbound(isJSON: Bool) {
        // One that reads nothing before it is cancelled: the duplex call waits for room to reply.
        let one =
            isJSON
            ? ConnectStreamingTests.envelope(#"{"responseParameters":[{"size":1}]}"#) : [0, 0, 0, 0, 4, 0x12, 2, 8, 1]
        let stream = scene.begin(
            "POST", Paths.duplex, isJSON ? ConnectStreamingTests.json : ConnectStreamingTests.proto)
        stream.room = 0
        for _ in 0..<10 { stream.handler?.heard(Chunk(one), end: false) }
        scene.loop.run()
        #expect(stream.consumed <= one.count, "only what the service has read is given back")
        stream.room = 1000
        stream.handler?.hasRoom()
        scene.loop.run()
        #expect(stream.consumed == one.count * 10)
        #expect(stream.pieces.count == 10)
        stream.handler?.heard(.empty, end: true)
        scene.loop.run()
        #expect(stream.hasEnded)
    }

    @Test("a message longer than any window passes")
    func longMessage() {
        let text = ConnectStreamingTests.request(400_000)
        let stream = scene.begin("POST", Paths.sum, ConnectStreamingTests.json)
        var rest = Chunk(ConnectStreamingTests.envelope(text))
        while !rest.isEmpty {
            let before = stream.consumed
            let piece = rest.takePrefix(min(16_384, rest.count))
            stream.handler?.heard(piece, end: false)
            scene.loop.run()
            #expect(stream.consumed == before + piece.count || rest.isEmpty, "a client with a small window can go on")
        }
        stream.handler?.heard(.empty, end: true)
        scene.loop.run()
        #expect(String(decoding: stream.body, as: UTF8.self).contains(#"{"aggregatedPayloadSize":300000}"#))
    }
}
