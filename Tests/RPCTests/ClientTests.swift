import BenchAPI
import Bytes
import Exchange
import RPC
import Testing
import Timebase

/// Replies by hand, so that they can be wrong in every way.
@Suite("A client and the replies that it gets")
struct ClientTests {
    private let exchanger = ScriptedExchanger()
    private let channel: Channel

    init() {
        channel = Channel(exchanger, destination: "course", timers: exchanger.loop)
    }

    private func start(_ options: CallOptions = CallOptions(), in call: Call? = nil) -> Outcome<Msg> {
        let outcome = exchanger.loop.start { [channel] in
            try await channel.unary(Methods.unary, Msg("q"), call: call, options: options) as Msg
        }
        exchanger.loop.run()
        return outcome
    }

    private var stream: ScriptedStream { exchanger.streams[exchanger.streams.count - 1] }

    /// What a peer may answer with.
    struct Reply: Sendable {
        var head: Fields?
        var body: [UInt8] = []
        var trailers: Fields?
        var ending: Ending?

        static let ok: Fields = [":status": "200", "content-type": "application/grpc"]
        static let good = Chunk.framed([0x12, 1, 65]).array
    }

    private func answer(_ reply: Reply) {
        let handler = stream.handler
        let isAlone = reply.body.isEmpty && reply.trailers == nil && reply.ending == nil
        if let head = reply.head { handler?.heard(head: head, end: isAlone) }
        if !reply.body.isEmpty {
            handler?.heard(Chunk(reply.body), end: reply.trailers == nil && reply.ending == nil)
        }
        if let trailers = reply.trailers { handler?.heard(trailers: trailers) }
        if let handler = stream.handler {
            stream.handler = nil
            handler.ended(reply.ending ?? .complete)
        }
        exchanger.loop.run()
    }

    @Test("a request says what gRPC wants to know, its own metadata last")
    func request() {
        let options = CallOptions(timeout: .milliseconds(1500), metadata: ["k": "v"])
        _ = start(options, in: Call(requestID: "r1", metadata: ["traceparent": "t1", "secret": "s"]))
        let fields = stream.heads[0].map { "\($0.name): \($0.value)" }
        #expect(
            fields == [
                ":method: POST", ":scheme: http", ":path: /t.S/Unary", ":authority: course", "te: trailers",
                "content-type: application/grpc", "grpc-timeout: 1500000u",
                "grpc-accept-encoding: identity,deflate,gzip", "user-agent: grpc-swift-weft/0.1",
                "x-request-id: r1", "traceparent: t1", "k: v",
            ])
        #expect(stream.hasEnded)
        #expect(exchanger.intents[0].destination == "course")
        #expect(exchanger.intents[0].deadline == exchanger.loop.now.advanced(by: .milliseconds(1500)))
    }

    @Test("a reply is what came before an OK status; interim heads say nothing")
    func reply() {
        let outcome = start()
        stream.handler?.heard(head: [":status": "103"], end: false)
        answer(Reply(head: Reply.ok, body: Reply.good, trailers: ["grpc-status": "0"]))
        #expect(outcome.value?.id == "A")
        #expect(stream.resets.isEmpty)
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let reply: Reply
        let code: StatusCode
        let message: String

        init(_ rule: String, _ reply: Reply, _ code: StatusCode, _ message: String) {
            testDescription = rule
            self.reply = reply
            self.code = code
            self.message = message
        }
    }

    static let bad: [Bad] = [
        Bad(
            "a head alone holds the status", Reply(head: Reply.ok + ["grpc-status": "5", "grpc-message": "no%20one"]),
            .notFound, "no one"),
        Bad(
            "trailers hold the status", Reply(head: Reply.ok, trailers: ["grpc-status": "8", "grpc-message": "m"]),
            .resourceExhausted, "m"),
        Bad(
            "an error counts, whatever came before",
            Reply(head: Reply.ok, body: Reply.good, trailers: ["grpc-status": "13"]), .internal, ""),
        Bad(
            "no message", Reply(head: Reply.ok, trailers: ["grpc-status": "0"]), .unimplemented,
            "no reply, where one is expected"),
        Bad(
            "OK in a head alone is no message either", Reply(head: Reply.ok + ["grpc-status": "0"]), .unimplemented,
            "no reply, where one is expected"),
        Bad(
            "two messages", Reply(head: Reply.ok, body: Reply.good + Reply.good, trailers: ["grpc-status": "0"]),
            .unimplemented, "more than one reply, where one is expected"),
        Bad(
            "half a message", Reply(head: Reply.ok, body: [0, 0, 0, 0, 2, 1], trailers: ["grpc-status": "0"]),
            .internal,
            "the body ended within a message"),
        Bad(
            "no message of its type",
            Reply(head: Reply.ok, body: Chunk.framed([0xff]).array, trailers: ["grpc-status": "0"]),
            .internal, "a message is no bench.Msg"),
        Bad(
            "compressed without a word", Reply(head: Reply.ok, body: [1, 0, 0, 0, 0], trailers: ["grpc-status": "0"]),
            .internal, "a message is compressed"),
        Bad(
            "no status", Reply(head: Reply.ok, body: Reply.good), .internal, "the peer ended its reply without a status"
        ),
        Bad("no status in a head alone", Reply(head: Reply.ok), .internal, "the peer ended its reply without a status"),
        Bad(
            "trailers without a status", Reply(head: Reply.ok, trailers: ["a": "b"]), .internal,
            "the peer ended its reply without"),
        Bad("a status that is none", Reply(head: Reply.ok, trailers: ["grpc-status": "x"]), .unknown, ""),
        Bad(
            "HTTP's own refusal", Reply(head: [":status": "503"]), .unavailable,
            "the peer ended its reply without a status"),
        Bad(
            "HTTP's own refusal with a page", Reply(head: [":status": "404", "content-type": "text/html"], body: [60]),
            .unimplemented, "the peer answered with HTTP status 404"),
        Bad(
            "a page", Reply(head: [":status": "200", "content-type": "text/html"], body: [60]), .unknown,
            "the peer's reply is not gRPC but text/html"),
        Bad(
            "an encoding that was not offered", Reply(head: Reply.ok + ["grpc-encoding": "zstd"], body: [1]), .internal,
            "the peer compressed its reply with 'zstd'"),
        Bad(
            "lost before the head", Reply(ending: .failed(Failure(.wait, .peerClosed, detail: "gone"))), .unavailable,
            "gone"),
        Bad(
            "lost within the body",
            Reply(head: Reply.ok, body: Reply.good, ending: .failed(Failure(.receive, .peerClosed, detail: "gone"))),
            .unavailable, "gone"),
        Bad(
            "reset by the peer",
            Reply(head: Reply.ok, ending: .failed(Failure(.receive, .peerReset, detail: "r", code: .enhanceYourCalm))),
            .resourceExhausted, "r"),
    ]

    @Test("a reply that is not right fails the call, once", arguments: bad)
    func badReply(row: Bad) throws {
        let outcome = start(CallOptions(timeout: .seconds(60)))
        answer(row.reply)
        let error = try #require(outcome.error as? RPCError)
        #expect(error.code == row.code)
        #expect(error.message.hasPrefix(row.message), "\(error.message)")
        #expect(stream.handler == nil, "the exchange is over")
        #expect(exchanger.loop.pendingTimers == 0)
    }

    @Test("a reply over the limit is given up before it is read")
    func tooLarge() throws {
        let outcome = start()
        stream.handler?.heard(head: Reply.ok, end: false)
        stream.handler?.heard(Chunk([0, 0, 64, 0, 1]), end: false)
        exchanger.loop.run()
        #expect((outcome.error as? RPCError)?.code == .resourceExhausted)
        #expect(stream.resets == [.cancel])
    }

    @Test("the deadline ends a call that nobody answers, and tells the peer")
    func deadline() throws {
        let outcome = start(CallOptions(timeout: .seconds(1)))
        exchanger.loop.pass(.milliseconds(999))
        #expect(outcome.isPending)
        exchanger.loop.pass(.milliseconds(1))
        let error = try #require(outcome.error as? RPCError)
        #expect(error.code == .deadlineExceeded)
        #expect(error.origin == .local)
        #expect(stream.resets == [.cancel])
    }

    @Test("a reset that comes with the deadline is the deadline's")
    func resetAtDeadline() {
        let outcome = exchanger.loop.start { [channel, loop = exchanger.loop] in
            let deadline = loop.now.advanced(by: .seconds(1))
            return try await channel.unary(
                Methods.unary, Msg("q"), call: Call(deadline: deadline), options: CallOptions()) as Msg
        }
        exchanger.loop.run()
        // The peer's clock was a little ahead: its reset is heard in the turn in which our own timer is due.
        let handler = stream.handler
        let end = exchanger.loop.now.advanced(by: .seconds(1))
        exchanger.loop.jump(to: end)
        stream.handler = nil
        handler?.ended(.failed(Failure(.wait, .peerReset, code: .cancel)))
        exchanger.loop.run()
        #expect((outcome.error as? RPCError)?.code == .deadlineExceeded)
    }

    @Test("a status of CANCELLED that comes when the time is over is the deadline's", arguments: [false, true])
    func cancelledAtDeadline(isLate: Bool) {
        let outcome = start(CallOptions(timeout: .seconds(1)))
        exchanger.loop.jump(to: exchanger.loop.now.advanced(by: isLate ? .seconds(1) : .milliseconds(999)))
        answer(Reply(head: Reply.ok + ["grpc-status": "1"]))
        #expect((outcome.error as? RPCError)?.code == (isLate ? .deadlineExceeded : .cancelled))
    }

    @Test("the scheme is that of the connection")
    func scheme() {
        exchanger.isSecure = true
        _ = start()
        #expect(stream.heads[0][.scheme] == "https")
    }

    @Test("what a call wants of its client goes with it")
    func intent() {
        _ = start(CallOptions(timeout: .seconds(1), waitsForReady: true))
        _ = start(CallOptions(waitsForReady: false))
        _ = start()
        #expect(exchanger.intents.map(\.waitsForReady) == [true, false, nil])
        #expect(exchanger.intents.map(\.answersOnce) == [true, true, true])
        #expect(exchanger.loop.pendingTimers == 1)
    }

    @Test("who keeps deadlines itself is believed: no timer of ours, and its word is the deadline's")
    func keptDeadline() {
        exchanger.keepsDeadlines = true
        let outcome = start(CallOptions(timeout: .seconds(1)))
        #expect(exchanger.loop.pendingTimers == 0)
        answer(Reply(ending: .failed(Failure(.wait, .deadline, subject: "a"))))
        let error = outcome.error as? RPCError
        #expect(error?.code == .deadlineExceeded && error?.origin == .local)
    }

    @Test("a call whose time is over is not sent")
    func tooLate() {
        let outcome = start(CallOptions(timeout: .zero))
        #expect((outcome.error as? RPCError)?.code == .deadlineExceeded)
        #expect((outcome.error as? RPCError)?.reachedPeer == false)
        #expect(exchanger.streams.isEmpty)
    }

    @Test("the earlier of the two deadlines counts")
    func earlier() {
        let call = Call(deadline: exchanger.loop.now.advanced(by: .seconds(2)))
        _ = start(CallOptions(timeout: .seconds(5)), in: call)
        #expect(stream.heads[0][.grpcTimeout] == "2000000u")
        _ = start(CallOptions(timeout: .seconds(1)), in: call)
        #expect(stream.heads[0][.grpcTimeout] == "1000000u")
    }

    @Test("a cancelled task cancels its call")
    func cancelled() {
        let outcome = start()
        outcome.cancel()
        exchanger.loop.run()
        #expect((outcome.error as? RPCError)?.code == .cancelled)
        #expect(stream.resets == [.cancel])
    }

    @Test("what came beside the reply is recorded, without what belongs to the protocol")
    func record() {
        let record = CallRecord()
        let outcome = start(CallOptions(record: record))
        answer(
            Reply(
                head: Reply.ok + ["a": "1", "server": "s"], body: Reply.good,
                trailers: ["grpc-status": "0", "t-bin": "AQ", "a": "2"]))
        #expect(outcome.value != nil)
        #expect(record.metadata.description == "a: 1, server: s")
        #expect(record.trailers.description == "t-bin: AQ, a: 2")
        #expect(record.trailers.binaryValues("t-bin") == [[1]])
    }

    @Test("an error brings its trailers with it")
    func errorMetadata() throws {
        let outcome = start()
        answer(Reply(head: Reply.ok + ["grpc-status": "9", "retry-info": "x"]))
        let error = try #require(outcome.error as? RPCError)
        #expect(error.metadata["retry-info"] == "x")
        #expect(error.origin == .peer)
    }
}

extension Fields {
    static func + (left: Fields, right: Fields) -> Fields {
        var both = left
        both.append(contentsOf: right)
        return both
    }
}
