import BenchAPI
import Bytes
import Compression
import Exchange
import ProtoWire
import RPC
import Testing

@Suite("Compressed messages in calls")
struct CompressedCallTests {
    static let encodings: [MessageEncoding] = [.deflate, .gzip]

    /// Answers `id` as it came, says in `n` whether the request was compressed, and compresses as `responseCompression` asks.
    private func serve(_ scene: Scene, _ reply: MessageEncoding?) {
        scene.router.unary(Methods.unary) { (request: Msg, call) in
            call.replyCompression = reply
            return Msg(answering: request, call)
        }
        scene.router.bidirectional(Methods.both) {
            (requests: MessageReader<Msg>, replies: MessageWriter<Msg>, call) in
            call.replyCompression = reply
            for try await request in requests {
                try await replies.write(Msg(answering: request, call), compressed: !request.id.hasPrefix("plain"))
            }
        }
    }

    @Test("requests and replies are compressed each for itself", arguments: encodings, encodings + [nil])
    func unary(request: MessageEncoding, reply: MessageEncoding?) throws {
        let scene = Scene()
        serve(scene, reply)
        let record = CallRecord()
        let outcome = scene.call(
            Msg("a", size: 10_000), options: CallOptions(record: record, compression: request))
        scene.loop.run()
        let answer = try #require(outcome.value)
        #expect(answer.id == "a" && answer.payload.count == 10_000)
        #expect(answer.n == 1, "the handler knows")
        #expect(record.replyWasCompressed == (reply != nil))
        #expect(scene.exchange.initiator.sentBytes < 200)
        #expect((scene.exchange.responder.sentBytes < 200) == (reply != nil))
        #expect(scene.isQuiet)
    }

    @Test("without compression nothing is marked, and the handler knows that too")
    func plain() throws {
        let scene = Scene()
        serve(scene, nil)
        let record = CallRecord()
        let outcome = scene.call(Msg("a", size: 1000), options: CallOptions(record: record))
        scene.loop.run()
        #expect(outcome.value?.n == 0)
        #expect(!record.replyWasCompressed)
        #expect(scene.exchange.heads.allSatisfy { $0[.grpcEncoding] == nil })
    }

    @Test("a message that compression would make larger goes as it is")
    func tiny() throws {
        let scene = Scene()
        serve(scene, .gzip)
        let record = CallRecord()
        let outcome = scene.call(Msg("a"), options: CallOptions(record: record, compression: .gzip))
        scene.loop.run()
        #expect(outcome.value?.n == 0)
        #expect(!record.replyWasCompressed)
        #expect(scene.exchange.heads.map { $0[.grpcEncoding] } == ["gzip", "gzip"])
    }

    @Test("in a stream each message says for itself", arguments: encodings)
    func stream(encoding: MessageEncoding) {
        let scene = Scene()
        serve(scene, encoding)
        let outcome = scene.loop.start { [channel = scene.channel] in
            let options = CallOptions(compression: encoding)
            return try await channel.bidirectional(Methods.both, call: nil, options: options) {
                (requests: MessageWriter<Msg>, replies: MessageReader<Msg>) in
                var seen: [String] = []
                for (id, compressed) in [("a", true), ("plain b", false), ("c", false), ("plain d", true), ("e", true)]
                {
                    try await requests.write(Msg(id, size: 1000), compressed: compressed)
                    let reply = try await replies.next()
                    seen.append("\(reply?.id ?? "?") \(reply?.n ?? -1) \(await replies.lastWasCompressed)")
                }
                return seen
            }
        }
        scene.loop.run()
        #expect(outcome.value == ["a 1 true", "plain b 0 false", "c 0 true", "plain d 1 false", "e 1 true"])
    }

    @Test(
        "replies are compressed only as the caller accepts",
        arguments: [
            ("gzip", true), ("identity,deflate,gzip", true), ("deflate, gzip", true), ("identity", false),
            ("deflate", false), ("xgzip", false), (nil, false),
        ] as [(String?, Bool)])
    func accepted(list: String?, isCompressed: Bool) {
        var limits = RouterLimits()
        limits.compression = .gzip
        let request = HandRequest(limits: limits, changes: [(.grpcAcceptEncoding, list)])
        request.router.unary(Methods.unary) { (request: Msg, _) in Msg("r", size: 1000) }
        request.send(.framed([]))
        #expect(request.stream.status?.code == .ok)
        #expect((request.stream.body.first == 1) == isCompressed)
        #expect(request.stream.heads[0][.grpcEncoding] == (isCompressed ? "gzip" : nil))
    }

    @Test("a handler's word goes before the router's")
    func handlersWord() {
        var limits = RouterLimits()
        limits.compression = .gzip
        let request = HandRequest(limits: limits, changes: [(.grpcAcceptEncoding, "gzip")])
        request.router.unary(Methods.unary) { (_: Msg, call) in
            call.replyCompression = .identity
            return Msg("r", size: 1000)
        }
        request.send(.framed([]))
        #expect(request.stream.body.first == 0)
    }

    /// A compressed message as it travels.
    private static func packed(_ bytes: [UInt8], _ encoding: MessageEncoding) -> [UInt8] {
        var deflater = Deflater(encoding)
        return MessageFramer.frame(deflater.compress(Chunk(bytes)), isCompressed: true).array
    }

    struct Broken: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let encoding: MessageEncoding?
        let body: [UInt8]
        let code: StatusCode
        let message: String

        init(_ rule: String, _ encoding: MessageEncoding?, _ body: [UInt8], _ code: StatusCode, _ message: String) {
            testDescription = rule
            self.encoding = encoding
            self.body = body
            self.code = code
            self.message = message
        }
    }

    static let broken: [Broken] = [
        Broken(
            "marked, and no encoding", nil, packed([], .gzip), .internal, "a message is compressed, but no encoding"),
        Broken(
            "marked, and identity", .identity, packed([], .gzip), .internal, "a message is compressed, but no encoding"),
        Broken("another format", .deflate, packed([], .gzip), .internal, "a compressed message is no deflate"),
        Broken(
            "cut short", .gzip, MessageFramer.frame(Chunk(Array(packed([], .gzip)[5..<15])), isCompressed: true).array,
            .internal, "a compressed message ends before"
        ),
        Broken(
            "a bomb", .gzip, packed([UInt8](repeating: 0, count: 100 << 10), .gzip), .resourceExhausted,
            "a compressed message inflates to more than the limit of 1000"
        ),
        Broken(
            "too long as it is", .gzip, [1, 0, 0, 3, 0xE9], .resourceExhausted,
            "a message of 1001 bytes is over the limit of 1000"
        ),
    ]

    @Test("what cannot be inflated ends the call with its code, at the server", arguments: broken)
    func brokenRequest(row: Broken) {
        var limits = RouterLimits()
        limits.maxMessageBytes = 1000
        for path in ["/t.S/Unary", "/t.S/Client"] {
            let request = HandRequest(
                limits: limits, changes: [(.grpcEncoding, row.encoding?.rawValue), (.path, path)])
            request.router.unary(Methods.unary) { (request: Msg, _) in request }
            request.router.clientStreaming(Methods.client) { (requests: MessageReader<Msg>, _) in
                for try await _ in requests {}
                return Msg("")
            }
            request.send(Chunk(row.body))
            #expect(request.stream.status?.code == row.code)
            #expect(request.stream.status?.message.hasPrefix(row.message) == true, "\(request.stream.status as Any)")
        }
    }

    @Test("and at the client", arguments: broken)
    func brokenReply(row: Broken) {
        let exchanger = ScriptedExchanger()
        let channel = Channel(exchanger, destination: "t", timers: exchanger.loop)
        let outcome = exchanger.loop.start {
            try await channel.unary(Methods.unary, Msg("q"), call: nil, options: CallOptions(maxReplyBytes: 1000))
                as Msg
        }
        exchanger.loop.run()
        var head: Fields = [":status": "200", "content-type": "application/grpc"]
        if let encoding = row.encoding { head.append(.grpcEncoding, encoding.rawValue) }
        let stream = exchanger.streams[0]
        stream.handler?.heard(head: head, end: false)
        stream.handler?.heard(Chunk(row.body), end: false)
        exchanger.loop.run()
        let error = outcome.error as? RPCError
        #expect(error?.code == row.code)
        #expect(error?.message.hasPrefix(row.message) == true)
        #expect(stream.resets == [.cancel])
    }

    @Test("a message over this side's own limit is not sent", arguments: [false, true])
    func ownLimit(isReply: Bool) {
        var limits = RouterLimits()
        if isReply { limits.maxReplyBytes = 100 }
        let scene = Scene(limits: limits)
        serve(scene, nil)
        let outcome = scene.call(
            Msg("a", size: 1000), options: CallOptions(maxRequestBytes: isReply ? nil : 100))
        scene.loop.run()
        let error = outcome.error as? RPCError
        #expect(error?.code == .resourceExhausted)
        #expect(error?.origin == (isReply ? .peer : .local))
        #expect(scene.isQuiet)
    }
}

extension Bench.Msg {
    init(answering request: Msg, _ call: Call) {
        self = request
        n = call.requestWasCompressed ? 1 : 0
    }
}
