import BenchAPI
import Exchange
import RPC
import Testing
import Timebase

@Suite("Calls, from stub to handler and back, in memory")
struct CallTests {
    private func serveAll(_ scene: Scene) {
        scene.router.unary(Methods.unary) { (request: Msg, _) in Msg("re " + request.id, size: request.payload.count) }
        scene.router.serverStreaming(Methods.server) { (request: Msg, replies: MessageWriter<Msg>, _) in
            for index in 0..<request.n { try await replies.write(Msg("\(index)", size: request.payload.count)) }
        }
        scene.router.clientStreaming(Methods.client) { (requests: MessageReader<Msg>, _) in
            var ids: [String] = []
            for try await request in requests { ids.append(request.id) }
            return Msg(ids.joined(separator: ","))
        }
        scene.router.bidirectional(Methods.both) { (requests: MessageReader<Msg>, replies: MessageWriter<Msg>, _) in
            for try await request in requests {
                try await replies.write(Msg("re " + request.id, size: request.payload.count))
            }
        }
    }

    @Test("each kind of call, with bodies cut in every size", arguments: [1, 3, 7, 4096, Int.max])
    func kinds(pieceSize: Int) {
        let scene = Scene()
        serveAll(scene)
        scene.exchanger.pieceSize = pieceSize
        scene.exchanger.window = 1000
        let unary = scene.call(Msg("a", size: 5000))
        let server = scene.loop.start { [channel = scene.channel] in
            var request = Msg("s", size: 700)
            request.n = 5
            return try await channel.serverStreaming(Methods.server, request, call: nil, options: CallOptions()) {
                (replies: MessageReader<Msg>) in
                var ids: [String] = []
                for try await reply in replies { ids.append(reply.id) }
                return ids
            }
        }
        let client = scene.loop.start { [channel = scene.channel] in
            try await channel.clientStreaming(Methods.client, call: nil, options: CallOptions()) {
                (requests: MessageWriter<Msg>) in
                for id in ["x", "y", "z"] { try await requests.write(Msg(id, size: 900)) }
            } as Msg
        }
        let both = scene.loop.start { [channel = scene.channel] in
            try await channel.bidirectional(Methods.both, call: nil, options: CallOptions()) {
                (requests: MessageWriter<Msg>, replies: MessageReader<Msg>) in
                var ids: [String] = []
                for id in ["1", "2", "3"] {
                    try await requests.write(Msg(id, size: 1500))
                    ids.append(try await replies.next()?.id ?? "")
                }
                await requests.finish()
                return try await replies.next() == nil ? ids : []
            }
        }
        scene.loop.run()
        #expect(unary.value?.id == "re a" && unary.value?.payload.count == 5000)
        #expect(server.value == ["0", "1", "2", "3", "4"])
        #expect(client.value?.id == "x,y,z")
        #expect(both.value == ["re 1", "re 2", "re 3"])
        #expect(scene.isQuiet)
    }

    struct Strange: Error {}

    @Test("what a handler throws is what its caller gets, and nothing of the service's insides")
    func thrown() {
        let cases: [(any Error & Sendable, StatusCode, String)] = [
            (RPCError(.notFound, "no such course"), .notFound, "no such course"),
            (RPCError(.ok, "fine?"), .unknown, "fine?"), (Strange(), .unknown, "the handler failed"),
            (CancellationError(), .cancelled, "the handler was cancelled"),
        ]
        for (error, code, message) in cases {
            let scene = Scene()
            scene.router.unary(Methods.unary) { (_: Msg, _) -> Msg in throw error }
            let outcome = scene.call(Msg("a"))
            scene.loop.run()
            #expect((outcome.error as? RPCError)?.code == code)
            #expect((outcome.error as? RPCError)?.message == message)
            #expect((outcome.error as? RPCError)?.origin == .peer)
            #expect(scene.isQuiet)
        }
    }

    @Test("metadata goes both ways, with a reply and with an error", arguments: [false, true])
    func metadata(fails: Bool) throws {
        let scene = Scene()
        scene.router.unary(Methods.unary) { (request: Msg, call) in
            call.responseMetadata = ["initial": call.metadata["asked"] ?? "nothing"]
            call.responseTrailers = ["trailing": "t"]
            if fails { throw RPCError(.aborted, "no", metadata: ["of-error": "e"], details: [1]) }
            return request
        }
        let record = CallRecord()
        let outcome = scene.call(Msg("a"), options: CallOptions(metadata: ["asked": "yes"], record: record))
        scene.loop.run()
        #expect(record.metadata["initial"] == "yes")
        #expect(record.trailers["trailing"] == "t")
        guard fails else { return #expect(outcome.value != nil) }
        let error = try #require(outcome.error as? RPCError)
        #expect(error.metadata["of-error"] == "e")
        #expect(error.details == [1])
    }

    @Test("a call within a call hands down deadline, id and trace")
    func withinCall() {
        let scene = Scene()
        scene.router.unary(Methods.unary) { (request: Msg, call) in
            scene.notes.add(
                "\(request.id) \(call.requestID) \(call.traceParent ?? "") \(call.deadline?.nanoseconds ?? 0)")
            if request.id == "inner" { return request }
            return try await scene.channel.unary(Methods.unary, Msg("inner"), call: call, options: CallOptions())
        }
        let outer = Call(
            requestID: "r", deadline: scene.loop.now.advanced(by: .seconds(1)), metadata: ["traceparent": "t"])
        let outcome = scene.call(Msg("outer"), in: outer)
        scene.loop.run()
        #expect(outcome.value?.id == "inner")
        let said = scene.notes.lines.filter { $0.contains("er r") }
        #expect(said == ["outer r t 2000000000", "inner r t 2000000000"])
        #expect(scene.isQuiet)
    }

    struct Wrap: ServerInterceptor {
        let name: String
        let notes: Notes
        var error: RPCError?

        func respond(to call: Call, next: @Sendable () async throws -> Void) async throws {
            notes.add("> \(name)")
            if let error { throw error }
            try await next()
            notes.add("< \(name)")
        }
    }

    @Test("interceptors stand around the handler, first one outermost; one that throws answers")
    func interceptors() {
        let notes = Notes()
        let scene = Scene(interceptors: [Wrap(name: "a", notes: notes), Wrap(name: "b", notes: notes)])
        serveAll(scene)
        let outcome = scene.call(Msg("x"))
        scene.loop.run()
        #expect(outcome.value?.id == "re x")
        #expect(notes.lines == ["> a", "> b", "< b", "< a"])
        let refusing = Scene(interceptors: [
            Wrap(name: "c", notes: notes, error: RPCError(.unauthenticated, "who")), Wrap(name: "d", notes: notes),
        ])
        serveAll(refusing)
        let refused = refusing.call(Msg("x"))
        refusing.loop.run()
        #expect((refused.error as? RPCError)?.code == .unauthenticated)
        #expect(notes.lines.last == "> c")
        #expect(refusing.isQuiet)
    }

    @Test("a service may answer before it has read everything")
    func earlyAnswer() {
        let scene = Scene()
        scene.exchanger.window = 1000
        scene.router.clientStreaming(Methods.client) { (requests: MessageReader<Msg>, _) in
            Msg("enough after " + (try await requests.next()?.id ?? ""))
        }
        let outcome = scene.loop.start { [channel = scene.channel] in
            try await channel.clientStreaming(Methods.client, call: nil, options: CallOptions()) {
                (requests: MessageWriter<Msg>) in
                for index in 0..<1000 { try await requests.write(Msg("\(index)", size: 500)) }
            } as Msg
        }
        scene.loop.run()
        #expect(outcome.value?.id == "enough after 0")
        #expect(scene.isQuiet)
    }

    @Test("a client that has ended may not write; a service that has answered hears nothing")
    func afterTheEnd() {
        let scene = Scene()
        serveAll(scene)
        let outcome = scene.loop.start { [channel = scene.channel] in
            try await channel.bidirectional(Methods.both, call: nil, options: CallOptions()) {
                (requests: MessageWriter<Msg>, replies: MessageReader<Msg>) in
                await requests.finish()
                await requests.finish()
                _ = try await replies.next()
                try await requests.write(Msg("late"))
            }
        }
        scene.loop.run()
        #expect(outcome.error is RPCError)
        #expect(scene.isQuiet)
    }

    @Test("a scope that is left early ends its call")
    func leftEarly() {
        let scene = Scene()
        serveAll(scene)
        let outcome = scene.loop.start { [channel = scene.channel] in
            var request = Msg("s", size: 100)
            request.n = 100_000
            return try await channel.serverStreaming(Methods.server, request, call: nil, options: CallOptions()) {
                (replies: MessageReader<Msg>) in try await replies.next()?.id
            }
        }
        scene.loop.run()
        #expect(outcome.value == "0")
        #expect(scene.exchange.initiator.resets == [.cancel])
        #expect(scene.notes.lines == ["began", "ended CANCELLED"])
        #expect(scene.isQuiet)
    }

    @Test("a unary call on its loop goes there to begin and to go on, and for nothing else", arguments: [1, 10])
    func hops(calls: Int) {
        let scene = Scene()
        serveAll(scene)
        let outcome = scene.loop.start { [channel = scene.channel] in
            for _ in 0..<calls {
                let _: Msg = try await channel.unary(Methods.unary, Msg("a"), call: nil, options: CallOptions())
            }
        }
        scene.loop.run()
        #expect(!outcome.isPending)
        #expect(scene.loop.enqueued == 1 + calls)
    }
}
