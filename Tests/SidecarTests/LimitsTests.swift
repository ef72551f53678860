import Bytes
import Exchange
import MeshPolicy
import Policy
import ProtoWire
import RPC
import Reactor
import Resilience
@testable import ServiceKit
@testable import Sidecar
import Testing
import Timebase
import Transport

/// Limits, shedding and cancellation through a pair of sidecars.
@Suite(.timeLimit(.minutes(1))) struct LimitsTests {
    let town: Town

    init() throws { town = try Town() }

    private func why(_ reply: Client.Reply) -> String? {
        reply.field(.weftWhy).flatMap { Base64.decode($0) }.flatMap { Why(bytes: $0) }?.reason
    }

    /// The sidecar before an application, with rules of its service.
    private func inbound(_ app: SocketAddress, _ rules: ServiceRules) async throws -> (
        sidecar: Sidecar, endpoint: SidecarConfig.Endpoint
    ) {
        var config = SidecarConfig(service: "course", instance: "course-in", membership: .none)
        config.inbound = SidecarConfig.Inbound(
            listen: Town.anyPort, isSecure: true, callers: .anySpiffe(inDomain: "town"), app: app)
        config.policies = ["course": rules]
        let sidecar = try await town.sidecar(config)
        return (sidecar, SidecarConfig.Endpoint(address: try await town.address(of: "inbound", sidecar)))
    }

    @Test func `who calls too often hears when to come back, and the mesh does not try it elsewhere`() async throws {
        let app = try await town.app()
        var rules = ServiceRules()
        rules.rateLimits = [
            RateLimitLayer.Rule(
                "slow", RateLimit(calls: 1, per: .seconds(60), burst: 2),
                for: CallMatch(callers: [CallerPattern("web")]), per: .caller)
        ]
        let (sidecar, endpoint) = try await inbound(app.address, rules)
        let web = town.client(of: try await town.outbound([endpoint]).address)
        #expect(await web.call().status == "0")
        #expect(await web.call("/p.S/Other").status == "0")
        let refused = await web.call()
        #expect(refused.status == "8" && why(refused) == "LIMIT.quota[slow]")
        let pause = try #require(refused.field(.grpcRetryPushback).flatMap { Int($0) })
        #expect((50_000...60_000).contains(pause))
        let shop = town.client(of: try await town.outbound([endpoint], of: "shop").address)
        #expect(await shop.call().status == "0")
        #expect(app.heads.count == 3)
        let text = try await town.on { sidecar.context.metrics.prometheusText }
        #expect(text.contains("weft_rate_limited_total{rule=\"slow\",mode=\"enforce\"} 1"))
        #expect(text.contains("weft_adaptive_limit{mode=\"shadow\"} 20"))
        #expect(text.contains("weft_rate_limit_buckets 1"))
    }

    @Test func `under load the least critical are shed, and what a method is goes on to the application`() async throws
    {
        let app = try await town.app()
        var rules = ServiceRules()
        rules.methods["p.S/Batch"] = MethodRules()
        rules.methods["p.S/Batch"]?.criticality = .sheddable
        rules.shedding.memory = 64 << 20
        let (sidecar, endpoint) = try await inbound(app.address, rules)
        let web = town.client(of: try await town.outbound([endpoint]).address)
        #expect(await web.call("/p.S/Batch").status == "0")
        #expect(await web.call("/p.S/Batch", ["weft-criticality": "critical"]).status == "0")
        #expect(await web.call("/p.S/Get").status == "0")
        #expect(app.heads.map { $0[.weftCriticality] } == ["sheddable", "critical", nil])
        let level = try await town.on {
            sidecar.load.memory = { 60 << 20 }
            sidecar.load.trim = {}
            sidecar.load.look()
            return sidecar.load.state.shedding.level
        }
        #expect(level == .sheddablePlus)
        let shed = await web.call("/p.S/Batch")
        #expect(shed.status == "8" && why(shed) == "ADMIT.overload[memory]")
        #expect(await web.call("/p.S/Get").status == "0")
        #expect(await web.call("/grpc.health.v1.Health/Check", ["weft-criticality": "sheddable"]).status == "0")
        let config = try await town.on { String(decoding: sidecar.configPage().body, as: UTF8.self) }
        #expect(config.contains("\"shedding\":\"sheddable"))
    }

    @Test func `a caller that cancels ends the callee's work, through both sidecars`() async throws {
        let hall = try await town.on { [loop = town.loop] in
            let hall = WaitingHall()
            hall.listener = try Listener.listen(on: Town.anyPort, loop: loop, security: .plaintext, acceptor: hall)
            return hall
        }
        let (sidecar, endpoint) = try await inbound(try #require(hall.listener).localAddress, ServiceRules())
        let out = try await town.outbound([endpoint])
        let pool = ConnectionPool(to: out.address, loop: town.loop, security: .plaintext)
        var news = hall.news.makeAsyncIterator()
        let stream = try await town.on {
            let stream = pool.open(CallIntent(destination: "course"), handler: Nobody())
            stream.send(
                head: [
                    ":method": "POST", ":scheme": "http", ":authority": "course", ":path": "/p.S/Wait",
                    "content-type": "application/grpc", "te": "trailers",
                ], end: true)
            return Held(stream)
        }
        #expect(await news.next() == "came")
        try await town.on { stream.stream.reset(.cancel) }
        // Nobody waits for a time here: the reset itself is what comes, as RST_STREAM over three connections.
        #expect(await news.next() == "CANCEL")
        let inFlight = try await town.on {
            let bulkhead = sidecar.inbound?.stack.layers.lazy.compactMap { $0 as? BulkheadLayer }.first
            return bulkhead?.occupancy.inFlight
        }
        #expect(inFlight == 0)
    }

    /// A flood of names and callers (mesh.md's test 15): what a sidecar keeps of them is bounded.
    @Test func `a million paths and callers leave tables and metrics as they are`() async throws {
        var rules = ServiceRules()
        rules.rateLimits = [RateLimitLayer.Rule("r", RateLimit(calls: 1000))]
        let (sidecar, _) = try await inbound(Town.anyPort, rules)
        try await town.on { [loop = town.loop] in
            let layers = try #require(sidecar.inbound?.stack.layers)
            let table = MethodTable(of: "course")
            func call(_ number: Int) {
                var path = "/flood.S\(number)/M\(number)"
                let method = path.withUTF8 { table.entry(at: $0) }
                let head = CallHead(
                    method: method ?? sidecar.inboundTelemetry.unrouted, caller: "spiffe://town/ns/n/sa/c\(number)",
                    startedAt: loop.now)
                for layer in layers {
                    guard case .go(let token, _) = layer.admit(head, waiting: nil, at: loop.now) else { continue }
                    if layer.hearsEndings {
                        _ = layer.ended(head, token: token, as: Outcome(.success), at: loop.now)
                    }
                }
            }
            for number in 0..<50_000 { call(number) }
            let text = sidecar.context.metrics.prometheusText
            let resident = ResidentMemory.current()
            for number in 50_000..<150_000 { call(number) }
            for number in 150_000..<1_000_000 {
                var path = "/flood.S\(number)/M\(number)"
                _ = path.withUTF8 { table.entry(at: $0) }
            }
            #expect(ResidentMemory.current() - resident < 8 << 20)
            #expect(abs(sidecar.context.metrics.prometheusText.utf8.count - text.utf8.count) < 10_000)
            #expect(text.split(separator: "\n").count < 2 * MetricsRegistry.maxSeries)
        }
    }
}

/// An application that answers nobody, and tells who comes and how they leave.
private final class WaitingHall: Acceptor, @unchecked Sendable {  // touched on its loop alone
    let news: AsyncStream<String>
    private let tell: AsyncStream<String>.Continuation
    var listener: Listener?

    init() { (news, tell) = AsyncStream.makeStream() }

    func accept(_ head: Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream) -> any ExchangeHandler {
        tell.yield("came")
        return Guest(tell)
    }

    private final class Guest: ExchangeHandler {
        private let tell: AsyncStream<String>.Continuation

        init(_ tell: AsyncStream<String>.Continuation) { self.tell = tell }

        func heard(head: Fields, end: Bool) {}
        func heard(_ chunk: Chunk, end: Bool) {}
        func heard(trailers: Fields) {}
        func hasRoom() {}
        func ended(_ ending: Ending) {
            if case .failed(let failure) = ending, failure.code == .cancel {
                tell.yield("CANCEL")
            } else {
                tell.yield("\(ending)")
            }
        }
    }
}

private final class Nobody: ExchangeHandler {
    func heard(head: Fields, end: Bool) {}
    func heard(_ chunk: Chunk, end: Bool) {}
    func heard(trailers: Fields) {}
    func hasRoom() {}
    func ended(_ ending: Ending) {}
}

private final class Held: @unchecked Sendable {  // touched on its loop alone
    let stream: any ExchangeStream
    init(_ stream: any ExchangeStream) { self.stream = stream }
}
