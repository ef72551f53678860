import BenchAPI
import Exchange
import ProtoWire
import RPC
import Testing
import Timebase

@Suite("Interceptors, at both ends of all four kinds of call")
struct InterceptionTests {
    static let kinds: [MethodDescriptor] = [Methods.unary, Methods.server, Methods.client, Methods.both]

    /// Writes down what it sees, and marks each message with its name.
    struct Marking: ServerInterceptor, ClientInterceptor {
        let name: String
        let notes: Notes

        func respond(to call: Call, next: @Sendable () async throws -> Void) async throws {
            notes.add("\(name) > \(call.method.name)")
            try await noting { try await next() }
        }

        func intercept<Result: Sendable>(
            _ call: ClientCall, next: (ClientCall) async throws -> Result
        ) async throws -> Result {
            notes.add("\(name) > \(call.method.name)")
            return try await noting { try await next(call) }
        }

        private func noting<Result>(_ body: () async throws -> Result) async throws -> Result {
            do {
                let result = try await body()
                notes.add("\(name) < OK")
                return result
            } catch {
                notes.add("\(name) < \(RPCError(describing: error).code)")
                throw error
            }
        }

        func received<M: Message>(_ message: M, of call: Call) async throws -> M { marked(message, "<") }
        func sending<M: Message>(_ message: M, of call: Call) async throws -> M { marked(message, ">") }
        func received<M: Message>(_ message: M, of call: ClientCall) async throws -> M { marked(message, "<") }
        func sending<M: Message>(_ message: M, of call: ClientCall) async throws -> M { marked(message, ">") }

        private func marked<M: Message>(_ message: M, _ direction: String) -> M {
            guard var ours = message as? Msg else { return message }
            ours.id += " \(direction)\(name)"
            return ours as? M ?? message
        }
    }

    @Test("messages pass all interceptors, inwards in order and outwards in reverse", arguments: kinds)
    func messages(method: MethodDescriptor) {
        let notes = Notes()
        let scene = Scene(
            interceptors: [Marking(name: "s1", notes: notes), Marking(name: "s2", notes: notes)],
            clientInterceptors: [Marking(name: "c1", notes: notes), Marking(name: "c2", notes: notes)])
        scene.serveEcho()
        let outcome = scene.start(method, [Msg("m")])
        scene.loop.run()
        #expect(outcome.value == ["m >c1 >c2 <s1 <s2 >s2 >s1 <c2 <c1"])
        #expect(
            notes.lines == [
                "c1 > \(method.name)", "c2 > \(method.name)", "s1 > \(method.name)", "s2 > \(method.name)", "s2 < OK",
                "s1 < OK", "c2 < OK", "c1 < OK",
            ])
        #expect(scene.isQuiet)
    }

    @Test("an error passes all interceptors, at both ends", arguments: kinds)
    func errors(method: MethodDescriptor) {
        let notes = Notes()
        let scene = Scene(
            interceptors: [Marking(name: "s", notes: notes)], clientInterceptors: [Marking(name: "c", notes: notes)])
        scene.serveEcho(throwing: RPCError(.aborted, "no"))
        let outcome = scene.start(method, [Msg("m")])
        scene.loop.run()
        #expect((outcome.error as? RPCError)?.code == .aborted)
        #expect(notes.lines.filter { $0.contains("<") } == ["s < ABORTED", "c < ABORTED"])
        #expect(scene.isQuiet)
    }

    /// Refuses each message with a certain text, in one direction.
    struct Refusing: ServerInterceptor, ClientInterceptor {
        var received: String?
        var sent: String?

        private func check<M: Message>(_ message: M, _ text: String?) throws -> M {
            if let text, (message as? Msg)?.id == text { throw RPCError(.permissionDenied, "not \(text)") }
            return message
        }

        func received<M: Message>(_ message: M, of call: Call) async throws -> M { try check(message, received) }
        func sending<M: Message>(_ message: M, of call: Call) async throws -> M { try check(message, sent) }
        func received<M: Message>(_ message: M, of call: ClientCall) async throws -> M { try check(message, received) }
        func sending<M: Message>(_ message: M, of call: ClientCall) async throws -> M { try check(message, sent) }
    }

    @Test("a message that is refused ends the call, wherever that is", arguments: kinds)
    func refused(method: MethodDescriptor) {
        let all: [(Refusing?, Refusing?)] = [
            (Refusing(received: "m"), nil), (Refusing(sent: "m"), nil), (nil, Refusing(received: "m")),
            (nil, Refusing(sent: "m")),
        ]
        for (server, client) in all {
            let scene = Scene(
                interceptors: server.map { [$0] } ?? [], clientInterceptors: client.map { [$0] } ?? [])
            scene.serveEcho()
            let outcome = scene.start(method, [Msg("m")])
            scene.loop.run()
            #expect((outcome.error as? RPCError)?.code == .permissionDenied)
            #expect(scene.isQuiet)
        }
    }

    /// Any interception that a test writes down as a closure over a unary call's reply.
    struct Around: ClientInterceptor {
        let body: @Sendable (ClientCall, (ClientCall) async throws -> Void) async throws -> Void

        func intercept<Result: Sendable>(
            _ call: ClientCall, next: (ClientCall) async throws -> Result
        ) async throws -> Result {
            var result: Result?
            try await body(call) { result = try await next($0) }
            guard let result else { throw RPCError(.cancelled, "nobody called") }
            return result
        }
    }

    @Test("a client's interceptor may change the options, and sees what came back beside the reply")
    func options() {
        let notes = Notes()
        let scene = Scene(clientInterceptors: [
            Around { call, next in
                var call = call
                try call.options.metadata.add("token", "t")
                call.options.timeout = .seconds(1)
                let record = CallRecord()
                call.options.record = record
                try await next(call)
                notes.add(record.trailers["said"] ?? "nothing")
            }
        ])
        scene.router.unary(Methods.unary) { (request: Msg, call) in
            call.responseTrailers = ["said": "\(call.metadata["token"] ?? "") \(call.deadline?.nanoseconds ?? 0)"]
            return request
        }
        let outcome = scene.call(Msg("a"))
        scene.loop.run()
        #expect(outcome.value?.id == "a")
        #expect(notes.lines == ["t 2000000000"])
    }

    @Test("a client's interceptor may refuse a call before anything is sent")
    func refusedAtOnce() {
        let scene = Scene(clientInterceptors: [Around { _, _ in throw RPCError(.unauthenticated, "no token") }])
        let outcome = scene.call(Msg("a"))
        scene.loop.run()
        #expect((outcome.error as? RPCError)?.code == .unauthenticated)
        #expect(scene.exchanges.isEmpty)
    }

    @Test("a unary call may be repeated by an interceptor; one that streams may not be begun twice")
    func repeated() {
        let attempts = Notes()
        let twice = Around { call, next in
            do { try await next(call) } catch { try await next(call) }
        }
        for method in InterceptionTests.kinds {
            let scene = Scene(clientInterceptors: [twice])
            scene.serveEcho(throwing: RPCError(.unavailable, "again"), times: 1)
            let outcome = scene.start(method, [Msg("m")])
            scene.loop.run()
            attempts.add("\(method.name) \(scene.exchanges.count)")
            if method.kind == .unary {
                #expect(outcome.value == ["m"])
            } else {
                #expect((outcome.error as? RPCError)?.code == .internal)
            }
            #expect(scene.isQuiet)
        }
        #expect(attempts.lines == ["Unary 2", "Server 1", "Client 1", "Both 1"])
    }

    @Test("interceptors that a channel gets later stand inside those that it has")
    func added() {
        let notes = Notes()
        let scene = Scene(clientInterceptors: [Marking(name: "a", notes: notes)])
        scene.serveEcho()
        let channel = scene.channel.intercepted(by: Marking(name: "b", notes: notes))
        let outcome = scene.loop.start {
            try await channel.unary(Methods.unary, Msg("m"), call: nil, options: CallOptions()) as Msg
        }
        scene.loop.run()
        #expect(outcome.value?.id == "m >a >b <b <a")
    }

    @Test("a server's interceptor may change what the handler sees of the metadata")
    func serverMetadata() {
        struct Cleaning: ServerInterceptor {
            func respond(to call: Call, next: @Sendable () async throws -> Void) async throws {
                var metadata = call.metadata
                metadata.remove("secret")
                try metadata.add("user", "ann")
                call.metadata = metadata
                try await next()
            }
        }
        let scene = Scene(interceptors: [Cleaning()])
        scene.router.unary(Methods.unary) { (_: Msg, call) in Msg(call.metadata.description) }
        let outcome = scene.call(Msg(""), options: CallOptions(metadata: ["secret": "s", "kept": "k"]))
        scene.loop.run()
        #expect(outcome.value?.id == "kept: k, user: ann")
    }
}
