import BenchAPI
import Bytes
import Exchange
import RPC
import Testing

/// Requests by hand, so that they can be wrong in every way.
@Suite("A router and the requests that it gets")
struct RouterTests {
    private let loop = ManualLoop()
    private let router: Router
    private let stream: ScriptedStream
    private let notes = Notes()

    init() {
        router = Router(timers: loop, observer: Observer(notes: notes))
        stream = ScriptedStream(loop: loop)
        router.unary(Methods.unary) { (request: Msg, _) in request }
        router.clientStreaming(Methods.client) { (requests: MessageReader<Msg>, _) in
            var count = 0
            for try await _ in requests { count += 1 }
            return Msg("\(count)")
        }
    }

    private static let head: Fields = [
        ":method": "POST", ":scheme": "http", ":path": "/t.S/Unary", ":authority": "a", "te": "trailers",
        "content-type": "application/grpc",
    ]

    private func accept(_ changes: [(Fields.Name, String?)] = [], end: Bool = false) -> any ExchangeHandler {
        var head = RouterTests.head
        for (name, value) in changes {
            if let value { head.set(name, value) } else { head.removeAll(name) }
        }
        let handler = router.accept(head, end: end, from: Peer(address: "p"), on: stream)
        stream.handler = handler
        return handler
    }

    @Test(
        "what is no gRPC is answered as HTTP",
        arguments: [
            (Fields.Name.method, "GET" as String?, "405"), (.method, "post", "405"), (.contentType, nil, "415"),
            (.contentType, "application/grpcfoo", "415"), (.contentType, "application/grpc-web", "415"),
            (.contentType, "application/json", "415"), (.contentType, "", "415"),
            (.contentType, "application/grp", "415"), (.contentType, "application/grpc+json", "415"),
            (.contentType, "application/grpc+protobuf", "415"), (.contentType, "application/grpc+", "415"),
            (.contentType, "application/grpc x", "415"),
        ])
    func notGRPC(name: Fields.Name, value: String?, status: String) {
        _ = accept([(name, value)], end: true)
        #expect(stream.heads.map { $0[.status] } == [status])
        #expect(stream.hasEnded && stream.status == nil)
        #expect(notes.lines.isEmpty)
    }

    @Test(
        "each content type of gRPC is served",
        arguments: [
            "application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8", "application/grpc ; a=b",
            "application/grpc+proto;a=b", "application/grpc ",
        ])
    func contentTypes(type: String) {
        accept([(.contentType, type)]).heard(.framed([]), end: true)
        loop.run()
        #expect(stream.status?.code == .ok)
        #expect(stream.heads[0][.contentType] == "application/grpc")
        #expect(loop.pendingTimers == 0, "nobody waits for more of a request that has ended")
    }

    @Test("what a handler leaves unread is given back once it has answered")
    func unread() {
        let gate = Gate()
        router.clientStreaming(Methods.both) { (_: MessageReader<Msg>, _) in
            try await gate.wait()
            return Msg("done")
        }
        let handler = accept([(.path, "/t.S/Both")])
        handler.heard(.framed([], [], []), end: false)
        loop.run()
        #expect(stream.consumed == 0)
        gate.open()
        loop.run()
        #expect(stream.status?.code == .ok)
        #expect(stream.consumed == 15)
    }

    @Test(
        "a path that names no method is UNIMPLEMENTED; one that is no path is HTTP's 404 as well",
        arguments: [
            ("/t.S/Other", "200"), ("/t.S", "200"), ("/", "200"), ("/t.S/Unary/", "200"), ("/T.S/Unary", "200"),
            ("t.S/Unary", "404"), ("//t.S/Unary", "404"), ("", "404"), ("*", "404"),
        ])
    func paths(path: String, status: String) {
        _ = accept([(.path, path)], end: true)
        #expect(stream.heads.map { $0[.status] } == [status])
        #expect(stream.status?.code == .unimplemented)
    }

    @Test(
        "a request in an unknown encoding is UNIMPLEMENTED, and hears what would be understood",
        arguments: ["zstd", "", "GZIP"])
    func foreignEncoding(name: String) {
        _ = accept([(.grpcEncoding, name)], end: true)
        #expect(stream.status?.code == .unimplemented)
        #expect(stream.heads[0][.grpcAcceptEncoding] == "identity,deflate,gzip")
    }

    @Test("identity is no compression")
    func identity() {
        accept([(.grpcEncoding, "identity")]).heard(.framed([]), end: true)
        loop.run()
        #expect(stream.status?.code == .ok)
    }

    @Test("a timeout that is none is refused; one that is over is answered before the handler runs")
    func timeouts() {
        _ = accept([(.grpcTimeout, "1 S")], end: true)
        #expect(stream.status?.code == .internal)
        let late = RouterTests()
        _ = late.accept([(.grpcTimeout, "0n")], end: true)
        #expect(late.stream.status?.code == .deadlineExceeded)
        #expect(late.notes.lines == ["began", "ended DEADLINE_EXCEEDED"])
    }

    @Test(
        "one message where one is expected, or the call fails",
        arguments: [
            ([UInt8](), StatusCode.unimplemented, "no request message, where one is expected"),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], .unimplemented, "more than one request message, where one is expected"),
            ([0, 0, 0, 0], .internal, "the body ended within a message"),
            ([0, 0, 0, 0, 2, 8], .internal, "the body ended within a message"),
            ([0, 0, 0, 0, 0, 0], .internal, "the body ended within a message"),
            ([1, 0, 0, 0, 0], .internal, "a message is compressed, but no encoding was named"),
            ([4, 0, 0, 0, 0], .internal, "a message has the unknown flags 4"),
            ([0, 0, 64, 0, 1], .resourceExhausted, "a message of 4194305 bytes is over the limit of 4194304"),
        ])
    func cardinality(body: [UInt8], code: StatusCode, message: String) {
        for isCut in [false, true] {
            let trial = RouterTests()
            let handler = trial.accept()
            if isCut {
                for byte in body { handler.heard(Chunk([byte]), end: false) }
                handler.heard(.empty, end: true)
            } else {
                handler.heard(Chunk(body), end: true)
            }
            trial.loop.run()
            #expect(trial.stream.status?.code == code)
            #expect(trial.stream.status?.message == message)
            #expect(trial.stream.heads.count == 1 && trial.stream.trailers == nil, "a head alone")
            #expect(trial.stream.consumed == body.count)
        }
    }

    @Test("a request that is no message of its type is INTERNAL")
    func undecodable() {
        accept().heard(.framed([0xff, 0xff]), end: true)
        #expect(stream.status?.code == .internal)
        #expect(stream.status?.message.hasPrefix("a message is no bench.Msg: ") == true)
    }

    @Test("a request may end with its head, with a message, with nothing or with trailers")
    func ends() {
        accept([(.path, "/t.S/Client")], end: true).ended(.complete)
        loop.run()
        #expect(stream.status?.code == .ok)
        for way in 0..<3 {
            let trial = RouterTests()
            let handler = trial.accept([(.path, "/t.S/Client")])
            handler.heard(.framed([], []), end: way == 0)
            if way == 1 { handler.heard(.empty, end: true) }
            if way == 2 { handler.heard(trailers: ["a": "b"]) }
            trial.loop.run()
            #expect(trial.stream.status?.code == .ok)
            #expect(trial.stream.body.last == UInt8(ascii: "2"))
            #expect(trial.stream.consumed == 10)
        }
    }

    @Test("a stream that breaks off within a message fails for its reader")
    func truncatedStream() {
        accept([(.path, "/t.S/Client")]).heard(Chunk([0, 0, 0, 0, 9, 1]), end: true)
        loop.run()
        #expect(stream.status?.code == .internal)
        #expect(notes.lines == ["began", "ended INTERNAL"])
    }

    @Test("who goes on sending after the answer is heard for a while, and then cut off without an error")
    func lingering() {
        let handler = accept()
        handler.heard(.framed([], []), end: false)
        #expect(stream.status?.code == .unimplemented)
        handler.heard(Chunk([UInt8](repeating: 1, count: 1000)), end: false)
        #expect(stream.consumed == 1010)
        loop.pass(.milliseconds(1999))
        #expect(stream.resets.isEmpty)
        loop.pass(.milliseconds(1))
        #expect(stream.resets == [.noError])
        #expect(loop.pendingTimers == 0)
    }

    @Test("who stops sending after the answer is not cut off")
    func noLingering() {
        let handler = accept()
        handler.heard(.framed([], []), end: false)
        handler.heard(.empty, end: true)
        stream.handler = nil
        handler.ended(.complete)
        loop.pass(.seconds(10))
        #expect(stream.resets.isEmpty)
        #expect(loop.pendingTimers == 0)
    }

    @Test("a refused request that goes on is cut off in the same way")
    func refusedLingers() {
        let handler = accept([(.path, "/t.S/Other")])
        handler.heard(Chunk([1, 2, 3]), end: false)
        #expect(stream.consumed == 3)
        loop.pass(.seconds(2))
        #expect(stream.resets == [.noError])
    }
}
