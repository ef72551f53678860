import API
import Bytes
import Compression
import Exchange
import ProtoWire
import RPC
import Testing

@testable import WebProtocols

/// Unary calls of Connect, by hand (connectrpc.com, "Connect Protocol Reference").
@Suite("Connect, unary")
struct ConnectUnaryTests {
    private let scene = Scene()
    private static let json = [("content-type", "application/json"), ("connect-protocol-version", "1")]
    private static let proto = [("content-type", "application/proto")]

    @Test("JSON in, JSON out; trailers are fields", arguments: [1, 5, .max])
    func json(pieces: Int) {
        let stream = scene.ask(
            "POST", Paths.get, ConnectUnaryTests.json + [("x-echo", "v"), ("connect-timeout-ms", "1000")],
            Array(#"{"id":"c1","new":{}}"#.utf8), pieces: pieces)
        #expect(
            stream.transcript == #"""
                :status: 200
                content-type: application/json
                content-length: 64
                x-leading: v
                trailer-x-trailing: v
                trailer-x-trailing-bin: /wA

                {"id":"c1","title":"\c3\9cnder \5c"quotes\5c"","level":"LEVEL_BEGINNER"}

                """#)
        #expect(scene.notes.lines == ["began", "get c1 with deadline", "ended OK"])
        #expect(scene.isQuiet)
        #expect(stream.consumed == 20)
    }

    @Test("the binary form is the message and nothing else")
    func proto() throws {
        var request = LearnCourseV1.GetCourseRequest()
        request.id = "c1"
        let stream = scene.ask("POST", Paths.get, ConnectUnaryTests.proto, request.encoded())
        #expect(stream.head[.contentType] == "application/proto")
        #expect(try LearnCourseV1.Course(decoding: stream.body).id == "c1")
        let empty = scene.ask("POST", Paths.create, ConnectUnaryTests.proto, [])
        #expect(empty.head[.status] == "200" && empty.head[.contentLength] == "0")
    }

    @Test("an error is JSON with its details, and its status is HTTP's")
    func error() {
        let stream = scene.ask("POST", Paths.get, ConnectUnaryTests.json + [("x-echo", "v")], Array("{}".utf8))
        #expect(
            stream.transcript == #"""
                :status: 400
                content-type: application/json
                content-length: 119
                x-leading: v
                trailer-x-trailing: v
                trailer-x-trailing-bin: /wA

                {"code":"invalid_argument","message":"the id is \5c"empty\5c"\5cn","details":[{"type":"google.rpc.ErrorInfo","value":"YWI"}]}

                """#)
        #expect(scene.isQuiet)
    }

    @Test(
        "a request that cannot be read is refused in words, and its call ends",
        arguments: [
            ("application/json", "", "", "{", "400", "invalid_argument"),
            ("application/json", "", "", "", "400", "invalid_argument"),
            ("application/json", "", "", "[]", "400", "invalid_argument"),
            ("application/json", "connect-protocol-version", "2", "{}", "400", "invalid_argument"),
            ("application/json", "connect-timeout-ms", "1s", "{}", "400", "invalid_argument"),
            ("application/json", "connect-timeout-ms", "12345678901", "{}", "400", "invalid_argument"),
            ("application/json", "connect-timeout-ms", "", "{}", "400", "invalid_argument"),
            ("application/json", "connect-timeout-ms", "0", "{}", "504", "deadline_exceeded"),
            ("application/json", "content-encoding", "br", "{}", "501", "unimplemented"),
            ("application/json", "content-encoding", "gzip", "{}", "400", "invalid_argument"),
            ("application/proto", "", "", "\u{7F}", "500", "internal"),
        ])
    func refusals(type: String, name: String, value: String, body: String, status: String, code: String) {
        var fields = [("content-type", type)]
        if !name.isEmpty { fields.append((name, value)) }
        let stream = scene.ask("POST", Paths.get, fields, Array(body.utf8))
        #expect(stream.head[.status] == status, "\(stream.transcript)")
        #expect(stream.head[.contentType] == "application/json")
        #expect(String(decoding: stream.body, as: UTF8.self).hasPrefix(#"{"code":"\#(code)","message":""#))
        #expect(stream.hasEnded && scene.isQuiet)
        if value == "br" { #expect(stream.head["accept-encoding"] == "gzip") }
    }

    @Test(
        "what is no call of Connect is HTTP's business",
        arguments: [
            ("POST", Paths.get, "text/plain", "415"), ("POST", Paths.get, "", "415"),
            ("POST", Paths.get, "application/json; charset=latin1", "415"),
            ("POST", Paths.get, "application/connect+json", "415"), ("POST", Paths.watch, "application/json", "415"),
            ("POST", "/a.B/C", "application/json", "404"), ("GET", "/a.B/C", "", "404"), ("GET", "/", "", "404"),
            ("PUT", Paths.get, "application/json", "405"), ("GET", Paths.create, "", "405"),
            ("GET", Paths.delete, "", "405"), ("GET", Paths.watch, "", "405"),
            ("POST", Paths.get, "application/json; charset=utf-8", "200"),
            ("POST", Paths.get, "Application/JSON", "200"),
        ])
    func routes(method: String, path: String, type: String, status: String) {
        let stream = scene.ask(
            method, path, type.isEmpty ? [] : [("content-type", type)], Array(#"{"id":"a"}"#.utf8))
        #expect(stream.head[.status] == status, "\(stream.transcript)")
        #expect((stream.head["accept-post"] != nil) == (status == "415"))
        #expect((stream.head["allow"] != nil) == (status == "405"))
        #expect(stream.hasEnded && scene.isQuiet)
    }

    @Test(
        "GET asks for what has no effects",
        arguments: [
            ("connect=v1&encoding=json&message=%7B%22id%22%3A%22c1%22%7D", "200"),
            ("encoding=json&base64=1&message=eyJpZCI6ImMxIn0", "200"),
            ("encoding=json&base64=1&message=eyJpZCI6ImMxIn0%3D", "200"),
            ("encoding=proto&base64=1&message=CgJjMQ&other=1", "200"),
            ("encoding=proto&message=%0A%02c1", "200"),
            ("connect=v2&encoding=json&message=%7B%7D", "400"), ("encoding=xml&message=a", "400"),
            ("encoding=json", "400"), ("message=%7B%7D", "400"), ("encoding=json&message=%7", "400"),
            ("encoding=json&message=%7B%7D&message=%7B%7D", "400"), ("", "400"),
            ("encoding=json&base64=1&message=!", "400"), ("encoding=json&message=%7B%7D&compression=br", "501"),
            ("encoding=json&message=%7B", "400"),
        ])
    func get(query: String, status: String) {
        let stream = scene.ask("GET", "\(Paths.get)?\(query)")
        #expect(stream.head[.status] == status, "\(stream.transcript)")
        #expect(stream.hasEnded && scene.isQuiet)
        guard status == "200" else { return }
        #expect(stream.head["vary"] == "Accept-Encoding")
        #expect(scene.notes.lines == ["began", "get c1 without deadline", "ended OK"])
    }

    @Test("a query has a bounded number of parameters")
    func manyParameters() {
        let query = (0..<17).map { "p\($0)=1" }.joined(separator: "&")
        #expect(scene.ask("GET", "\(Paths.get)?\(query)").head[.status] == "400")
    }

    @Test("bodies are gzip both ways where that is agreed and worth it")
    func gzip() throws {
        var deflater = Deflater(.gzip)
        let json = Array(#"{"title":"\#(String(repeating: "a", count: 5000))"}"#.utf8)
        let body = json.withUnsafeBytes { deflater.compress($0) }.array
        let fields = ConnectUnaryTests.json + [("content-encoding", "gzip"), ("accept-encoding", "br;q=1, gzip;q=0.5")]
        let stream = scene.ask("POST", Paths.create, fields, body, pieces: 7)
        #expect(stream.head[.status] == "200" && stream.head["content-encoding"] == "gzip")
        #expect(stream.body.count < 100 && stream.head[.contentLength] == String(stream.body.count))
        var inflater = Inflater(.gzip)
        #expect(try inflater.inflate(Chunk(stream.body), limit: 6000).array == json)
        let small = scene.ask(
            "POST", Paths.get, fields.dropLast(2) + [("accept-encoding", "gzip")], Array("{\"id\":\"a\"}".utf8))
        #expect(small.head["content-encoding"] == nil, "a short reply is not worth it")
    }

    @Test(
        "gzip is taken if it is listed and not excluded",
        arguments: [
            ("gzip", true), ("br, gzip", true), ("*", true), ("GZIP ; q=0.1", true), ("gzip;q=0", false),
            ("gzip;q=0.000", false), ("br", false), ("", false), ("xgzip", false),
        ])
    func acceptEncoding(list: String, isTaken: Bool) {
        #expect(ContentCodings.takesGzip(list) == isTaken)
    }

    @Test("a body over the limit is refused before it is read, compressed or not", arguments: [false, true])
    func tooLarge(isCompressed: Bool) {
        let scene = Scene { $0.maxMessageBytes = 1000 }
        var body = Array(#"{"title":"\#(String(repeating: "a", count: 2000))"}"#.utf8)
        var fields = ConnectUnaryTests.json
        if isCompressed {
            var deflater = Deflater(.gzip)
            body = deflater.compress(Chunk(body)).array
            fields.append(("content-encoding", "gzip"))
        }
        let stream = scene.ask("POST", Paths.create, fields, body, pieces: 600)
        #expect(stream.head[.status] == "429")
        #expect(String(decoding: stream.body, as: UTF8.self).hasPrefix(#"{"code":"resource_exhausted""#))
        #expect(stream.consumed == body.count, "what is dropped is given back")
        #expect(scene.isQuiet)
    }

    @Test("a reply over the limit is an error, not a broken answer")
    func tooLargeReply() {
        let scene = Scene { $0.maxReplyBytes = 1000 }
        let stream = scene.ask(
            "POST", Paths.large, ConnectUnaryTests.json, Array(#"{"responseSize":2000}"#.utf8))
        #expect(stream.head[.status] == "429" && stream.hasEnded)
    }

    @Test("who sends on after a refusal is cut off")
    func lingers() {
        let scene = Scene { $0.maxMessageBytes = 10 }
        let stream = scene.begin("POST", Paths.create, ConnectUnaryTests.json)
        stream.handler?.heard(Chunk([UInt8](repeating: 0x20, count: 11)), end: false)
        #expect(stream.hasEnded && stream.resets.isEmpty)
        stream.handler?.heard(Chunk([UInt8](repeating: 0x20, count: 11)), end: false)
        #expect(stream.consumed == 22)
        scene.loop.pass(.seconds(2))
        #expect(stream.resets == [.noError])
        #expect(scene.isQuiet)
    }

    @Test("the deadline begins with the head, and ends the handler")
    func deadline() {
        let stream = scene.begin("POST", Paths.get, ConnectUnaryTests.json + [("connect-timeout-ms", "50")])
        stream.handler?.heard(Chunk(#"{"id":"wait"}"#), end: true)
        scene.loop.run()
        #expect(stream.heads.isEmpty)
        scene.loop.pass(.milliseconds(50))
        #expect(stream.head[.status] == "504")
        stream.end(.complete)
        #expect(scene.notes.lines == ["began", "get wait with deadline", "cancelled", "ended DEADLINE_EXCEEDED"])
    }

    @Test("a client that leaves cancels the handler", arguments: [false, true])
    func leaves(isWhole: Bool) {
        let stream = scene.begin("POST", Paths.get, ConnectUnaryTests.json)
        stream.handler?.heard(Chunk(#"{"id":"wait"}"#), end: isWhole)
        scene.loop.run()
        stream.end(.failed(Failure(.receive, .peerReset)))
        scene.loop.run()
        #expect(scene.notes.lines.last == "ended CANCELLED" && scene.notes.lines.contains("cancelled") == isWhole)
        #expect(scene.isQuiet)
    }

    @Test("every code has its word and its status")
    func codes() {
        let table = StatusCode.allCases.dropFirst().map { "\($0.connectName) \($0.connectStatus)" }
        #expect(
            table == [
                "canceled 499", "unknown 500", "invalid_argument 400", "deadline_exceeded 504", "not_found 404",
                "already_exists 409", "permission_denied 403", "resource_exhausted 429", "failed_precondition 400",
                "aborted 409", "out_of_range 400", "unimplemented 501", "internal 500", "unavailable 503",
                "data_loss 500", "unauthenticated 401",
            ])
    }

    @Test(
        "details that cannot be read are left out",
        arguments: [[0x1A, 5], [0x1A, 2, 0x0A, 9], [7], [0x1A, 2, 0x0F, 1]])
    func badDetails(bytes: [UInt8]) {
        let error = ConnectError(RPCError(.notFound, "\u{1}é", details: bytes))
        #expect(String(decoding: error.json, as: UTF8.self) == #"{"code":"not_found","message":"\u0001é"}"#)
    }
}
