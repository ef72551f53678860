import BenchAPI
import Exchange
import ProtoWire
import RPC
import Testing
import Timebase

@Suite("Leaving a scope ends its calls, each once")
struct ScopeTests {
    static let streaming: [MethodDescriptor] = [Methods.server, Methods.client, Methods.both]

    /// Handlers that go on until they are stopped, and say how they ended.
    private func serveForever(_ scene: Scene) {
        @Sendable func noting(_ body: () async throws -> Void) async throws {
            do {
                try await body()
                scene.notes.add("handler returned")
            } catch {
                scene.notes.add("handler \(RPCError(describing: error).code)")
                throw error
            }
        }
        scene.router.unary(Methods.unary) { (request: Msg, _) in
            try await noting { try await Gate().wait() }
            return request
        }
        scene.router.serverStreaming(Methods.server) { (request: Msg, replies: MessageWriter<Msg>, _) in
            try await noting { while true { try await replies.write(request) } }
        }
        scene.router.clientStreaming(Methods.client) { (requests: MessageReader<Msg>, _) in
            try await noting { for try await _ in requests {} }
            return Msg("")
        }
        scene.router.bidirectional(Methods.both) { (requests: MessageReader<Msg>, replies: MessageWriter<Msg>, _) in
            try await noting { for try await request in requests { try await replies.write(request) } }
        }
    }

    struct Enough: Error {}

    @Test("a scope that throws", arguments: streaming)
    func throwing(method: MethodDescriptor) {
        let scene = Scene()
        serveForever(scene)
        let gate = Gate()
        let outcome = scene.start(method, [Msg("m")]) {
            try await gate.wait()
            throw Enough()
        }
        scene.loop.run()
        gate.open()
        scene.loop.run()
        #expect(outcome.error is Enough)
        #expect(scene.exchange.initiator.resets == [.cancel])
        #expect(scene.notes.lines == ["began", "ended CANCELLED", "handler CANCELLED"])
        #expect(scene.isQuiet)
    }

    @Test("a task that is cancelled while it waits in a scope", arguments: streaming)
    func cancelled(method: MethodDescriptor) {
        let scene = Scene()
        serveForever(scene)
        let gate = Gate()
        let outcome = scene.start(method, [Msg("m")]) { try await gate.wait() }
        scene.loop.run()
        #expect(outcome.isPending)
        outcome.cancel()
        scene.loop.run()
        #expect(outcome.error is CancellationError)
        #expect(scene.notes.lines == ["began", "ended CANCELLED", "handler CANCELLED"])
        #expect(scene.isQuiet)
    }

    @Test("a task that was cancelled before it called", arguments: streaming + [Methods.unary])
    func cancelledBefore(method: MethodDescriptor) {
        let scene = Scene()
        serveForever(scene)
        let outcome = scene.loop.start { [channel = scene.channel] in
            withUnsafeCurrentTask { $0?.cancel() }
            return try await channel.anyKind(method, [Msg("m")])
        }
        scene.loop.run()
        #expect((outcome.error as? RPCError)?.code == .cancelled)
        #expect(scene.isQuiet)
    }

    @Test("a group that is left with calls under way")
    func group() {
        let scene = Scene()
        serveForever(scene)
        let outcome = scene.loop.start { [channel = scene.channel] in
            try await withThrowingTaskGroup(of: [String].self) { group in
                for method in ScopeTests.streaming + [Methods.unary] {
                    group.addTask { try await channel.anyKind(method, [Msg("m")]) }
                }
                // The first of them is lost, and the others with it.
                throw Enough()
            }
        }
        scene.loop.run()
        #expect(outcome.error is Enough)
        #expect(scene.notes.lines.count { $0 == "ended CANCELLED" } == scene.notes.lines.count { $0 == "began" })
        #expect(scene.isQuiet)
    }

    @Test("a handler that is cancelled takes the calls with it that it made")
    func nested() {
        let scene = Scene()
        serveForever(scene)
        scene.router.unary(Methods.outer) { (request: Msg, _) in
            let _: Msg = try await scene.channel.unary(Methods.unary, request, call: nil, options: CallOptions())
            return request
        }
        let outcome = scene.start(Methods.outer, [Msg("m")])
        scene.loop.run()
        #expect(scene.exchanges.count == 2)
        outcome.cancel()
        scene.loop.run()
        #expect((outcome.error as? RPCError)?.code == .cancelled)
        #expect(scene.notes.lines.count { $0 == "ended CANCELLED" } == 2)
        #expect(scene.isQuiet)
    }

    @Test("readers and writers that outlive their call are told so, and hang nowhere", arguments: [false, true])
    func escaped(atServer: Bool) {
        let scene = Scene()
        let escaped = Box<(MessageReader<Msg>, MessageWriter<Msg>)>()
        scene.router.bidirectional(Methods.both) { (requests: MessageReader<Msg>, replies: MessageWriter<Msg>, _) in
            if atServer { escaped.value = (requests, replies) }
        }
        let outcome = scene.loop.start { [channel = scene.channel] in
            try await channel.bidirectional(Methods.both, call: nil, options: CallOptions()) {
                (requests: MessageWriter<Msg>, replies: MessageReader<Msg>) in
                if atServer { _ = try await replies.next() } else { escaped.value = (replies, requests) }
            }
        }
        scene.loop.run()
        #expect(outcome.error == nil)
        let late = scene.loop.start { () -> [StatusCode?] in
            guard let (reader, writer) = escaped.value else { return [] }
            var codes: [StatusCode?] = []
            do { _ = try await reader.next() } catch { codes.append((error as? RPCError)?.code) }
            do { try await writer.write(Msg("late")) } catch { codes.append((error as? RPCError)?.code) }
            return codes
        }
        scene.loop.run()
        #expect(late.value == [.cancelled, .cancelled])
        #expect(scene.isQuiet)
    }

    @Test("a message that its check refuses ends the call for reader and caller", arguments: [false, true])
    func checking(isReply: Bool) {
        @Sendable func check(_ message: Msg) throws {
            if message.id == "bad" { throw RPCError(.invalidArgument, "bad") }
        }
        let scene = Scene()
        scene.router.bidirectional(Methods.both) { (requests: MessageReader<Msg>, replies: MessageWriter<Msg>, _) in
            let requests = isReply ? requests : requests.checking { try check($0) }
            do {
                for try await request in requests { try await replies.write(request) }
            } catch {
                scene.notes.add("reader \(RPCError(describing: error))")
                // A handler that goes on regardless changes nothing.
            }
        }
        let outcome = scene.loop.start { [channel = scene.channel] in
            try await channel.bidirectional(Methods.both, call: nil, options: CallOptions()) {
                (requests: MessageWriter<Msg>, replies: MessageReader<Msg>) in
                let replies = isReply ? replies.checking { try check($0) } : replies
                for id in ["good", "bad", "more"] { try await requests.write(Msg(id)) }
                await requests.finish()
                return try await replies.ids
            }
        }
        scene.loop.run()
        #expect((outcome.error as? RPCError)?.code == .invalidArgument)
        if !isReply { #expect(scene.notes.lines.contains("reader INVALID_ARGUMENT: bad")) }
        #expect(scene.isQuiet)
    }
}

/// What one task of a test hands to another.
final class Box<Value>: @unchecked Sendable {  // a test runs on one thread
    var value: Value?
}
