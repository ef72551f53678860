import API
import Bytes
import Exchange
import ProtoWire
import RPC
import Testing

@testable import WebProtocols

/// Requests of browsers, by hand (gRPC PROTOCOL-WEB).
@Suite("gRPC-Web")
struct GRPCWebTests {
    private let scene = Scene()
    private static let binary = [("content-type", "application/grpc-web+proto"), ("x-grpc-web", "1")]
    private static let text = [("content-type", "application/grpc-web-text"), ("accept", "application/grpc-web-text")]

    private static func framed(_ message: some Message) -> [UInt8] {
        MessageFramer.frame(Chunk(message.encoded())).array
    }

    private static func request(_ id: String) -> [UInt8] {
        var request = LearnCourseV1.GetCourseRequest()
        request.id = id
        return framed(request)
    }

    @Test("a reply is followed by its trailers in the body", arguments: [1, 7, .max])
    func unary(pieces: Int) {
        let stream = scene.ask(
            "POST", Paths.get, GRPCWebTests.binary + [("x-echo", "v"), ("content-length", "8")],
            GRPCWebTests.request("c1"), pieces: pieces)
        #expect(
            stream.transcript == """
                :status: 200
                content-type: application/grpc-web+proto
                x-leading: v

                \\00\\00\\00\\00\\17\\0a\\02c1\\12\\0f\\c3\\9cnder "quotes" \\01\
                \\80\\00\\00\\004grpc-status: 0\\0d\\0ax-trailing: v\\0d\\0ax-trailing-bin: /wA\\0d\\0a

                """)
        #expect(scene.isQuiet)
    }

    @Test("an error before anything else stands in the head, where every client looks first")
    func trailersOnly() {
        let stream = scene.ask("POST", Paths.get, GRPCWebTests.binary, GRPCWebTests.request(""))
        #expect(stream.head[.status] == "200")
        #expect(stream.head[.grpcStatus] == "3")
        #expect(stream.head[.grpcMessage] == "the id is \"empty\"%0A")
        #expect(stream.head[.grpcStatusDetails] != nil)
        #expect(stream.body.isEmpty && stream.hasEnded)
        #expect(scene.isQuiet)
    }

    @Test("a method that nobody serves is UNIMPLEMENTED")
    func unknown() {
        let stream = scene.ask("POST", "/a.B/C", GRPCWebTests.binary, GRPCWebTests.request("x"))
        #expect(stream.head[.grpcStatus] == "12")
        #expect(stream.head[.contentType] == "application/grpc-web+proto")
    }

    @Test("the text form is base64 both ways, however it is cut", arguments: [1, 2, 3, 5, .max])
    func text(pieces: Int) throws {
        let body = Base64.encode(GRPCWebTests.request("c1"))
        let stream = scene.ask("POST", Paths.get, GRPCWebTests.text, Array(body.utf8), pieces: pieces)
        #expect(stream.head[.contentType] == "application/grpc-web-text+proto")
        // Each piece is base64 for itself: padding stands where a piece ends.
        let decoded = try stream.pieces.map { try #require(Base64.decode(String(decoding: $0, as: UTF8.self))) }
        #expect(decoded.count == 2 && decoded[0].count == 28)
        #expect(String(escaping: decoded[1]) == "\\80\\00\\00\\00\\10grpc-status: 0\\0d\\0a")
        #expect(stream.consumed == body.utf8.count)
        #expect(scene.isQuiet)
    }

    @Test("pieces of text may be padded one by one, the last one need not be", arguments: [1, 4, 6, .max])
    func padded(pieces: Int) {
        let request = GRPCWebTests.request("c1")
        let text =
            Base64.encode(Array(request[..<1])) + Base64.encode(Array(request[1..<6]))
            + Base64.encode(Array(request[6...]), padded: false)
        let stream = scene.ask("POST", Paths.get, GRPCWebTests.text, Array(text.utf8), pieces: pieces)
        #expect(stream.hasEnded && stream.pieces.count == 2)
    }

    @Test("what is no base64 ends the call", arguments: ["AA!A", "A", "AAAAA", "AA=A", "===="])
    func badText(text: String) {
        let stream = scene.ask("POST", Paths.get, GRPCWebTests.text, Array(text.utf8))
        #expect(stream.head[.grpcStatus] == "13")
        #expect(stream.head[.grpcMessage] == "the body is not base64")
        #expect(scene.isQuiet)
    }

    @Test("messages of a stream go out as they come, and its error comes after them")
    func stream() {
        let stream = scene.ask(
            "POST", Paths.watch, GRPCWebTests.binary + [("x-fail", "1")],
            GRPCWebTests.framed(LearnCourseV1.WatchCoursesRequest()))
        #expect(stream.pieces.count == 3)
        #expect(
            String(escaping: stream.pieces.last ?? [])
                == "\\80\\00\\00\\004grpc-status: 14\\0d\\0agrpc-message: no more\\0d\\0ax-count: 2\\0d\\0a")
    }

    @Test("a client that is full holds the service, and gets its own window back as the service reads")
    func backPressure() {
        let stream = scene.begin("POST", Paths.watch, GRPCWebTests.binary)
        stream.room = 0
        stream.handler?.heard(Chunk(GRPCWebTests.framed(LearnCourseV1.WatchCoursesRequest())), end: true)
        scene.loop.run()
        #expect(stream.pieces.isEmpty)
        stream.room = 1
        stream.handler?.hasRoom()
        scene.loop.run()
        #expect(stream.pieces.count == 3 && stream.hasEnded)
        #expect(stream.consumed == 5)
    }

    @Test("a client that leaves cancels the call")
    func leaves() {
        let stream = scene.begin("POST", Paths.sum, GRPCWebTests.binary)
        scene.loop.run()
        stream.end(.failed(Failure(.receive, .peerReset)))
        scene.loop.run()
        #expect(scene.notes.lines == ["began", "ended CANCELLED"])
        #expect(scene.isQuiet)
    }

    @Test("the deadline is gRPC's, and is told in the client's own form")
    func deadline() {
        let stream = scene.begin("POST", Paths.sum, GRPCWebTests.binary + [("grpc-timeout", "1S")])
        scene.loop.pass(.seconds(1))
        #expect(stream.head[.grpcStatus] == "4")
        #expect(stream.hasEnded)
    }
}
