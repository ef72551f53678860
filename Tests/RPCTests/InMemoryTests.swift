import BenchAPI
import Exchange
import RPC
import Testing
import Timebase

/// As the author of a service sees it: generated protocol and stub, a router, a loop, and nothing else.
@Suite("A service and its stub, joined in memory")
struct InMemoryTests {
    /// Echoes; `n` says how often in a stream.
    struct EchoService: Bench.Echo {
        func unary(_ request: Bench.Msg, in call: Call) async throws -> Bench.Msg {
            if request.id.isEmpty { throw RPCError(.invalidArgument, "id is missing").adding(request) }
            call.responseTrailers = ["caller": call.peer.identity ?? "nobody"]
            return request
        }

        func stream(
            _ requests: MessageReader<Bench.Msg>, to replies: MessageWriter<Bench.Msg>, in call: Call
        ) async throws {
            for try await request in requests {
                for _ in 0..<max(request.n, 1) { try await replies.write(request) }
            }
        }
    }

    private let loop = InMemoryLoop()
    private let echo: Bench.EchoClient
    private let transport: InMemoryTransport

    init() {
        let router = Router(timers: loop)
        router.add(EchoService())
        transport = InMemoryTransport(
            serving: router, on: loop, as: Peer(address: "memory", identity: "spiffe://test/ns/a/sa/b"))
        echo = Bench.EchoClient(transport.channel())
    }

    @Test("a unary call is a function: a reply, or an error with all that belongs to it")
    func unary() async throws {
        let record = CallRecord()
        let reply = try await echo.unary(Msg("a", size: 1 << 20), options: CallOptions(record: record))
        #expect(reply.id == "a" && reply.payload.count == 1 << 20)
        #expect(record.trailers["caller"] == "spiffe://test/ns/a/sa/b")
        let error = await #expect(throws: RPCError.self) { try await echo.unary(Msg("", size: 1)) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.detail(Bench.Msg.self)?.payload.count == 1)
    }

    @Test("streams are sequences and writers, and a slow reader holds a fast writer")
    func stream() async throws {
        let count = try await echo.stream { requests, replies in
            var request = Msg("s", size: 10_000)
            request.n = 500
            // The service's 5 MB wait behind a window of 64 KiB until they are read.
            try await requests.write(request)
            await requests.finish()
            var count = 0
            for try await reply in replies { count += reply.payload.count }
            return count
        }
        #expect(count == 5_000_000)
    }

    @Test("many calls at once, from any thread")
    func parallel() async throws {
        try await withThrowingTaskGroup(of: String.self) { group in
            for index in 0..<200 {
                group.addTask { try await echo.unary(Msg("\(index)", size: index * 100)).id }
            }
            var seen: Set<String> = []
            for try await id in group { seen.insert(id) }
            #expect(seen.count == 200)
        }
    }

    @Test("a deadline ends what nobody answers")
    func deadline() async throws {
        let error = await #expect(throws: RPCError.self) {
            try await echo.stream(options: CallOptions(timeout: .milliseconds(5))) { requests, replies in
                try await replies.next()
            }
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test("a task that is cancelled ends its call")
    func cancelled() async throws {
        let task = Task { try await echo.stream { requests, replies in try await replies.next() } }
        task.cancel()
        let result = await task.result
        #expect(throws: RPCError.self) { try result.get() }
    }

    @Test("what is not served is UNIMPLEMENTED")
    func unserved() async {
        let empty = InMemoryTransport(serving: Router(timers: loop), on: loop)
        let error = await #expect(throws: RPCError.self) { try await Bench.EchoClient(empty.channel()).unary(Msg("a")) }
        #expect(error?.code == .unimplemented)
    }
}
