import Bytes
import Exchange
import MeshPolicy
import Policy
import RPC
import Reactor
@testable import Sidecar
import Synchronization
import Testing
import Timebase
import Transport
import ProtoWire

/// Two sidecars, mTLS between them, over real sockets.
@Suite(.timeLimit(.minutes(1))) struct PairTests {
    let town: Town

    init() throws { town = try Town() }

    private func why(_ reply: Client.Reply) -> Why? {
        reply.field(.weftWhy).flatMap { Base64.decode($0) }.flatMap { Why(bytes: $0) }
    }

    @Test func `unary calls pass, small and large, whatever the chunks`() async throws {
        let app = try await town.app()
        let out = try await town.outbound([town.inbound("course", app: app.address)])
        let client = town.client(of: out.address)
        for (size, step) in [(4, 4), (0, 1), (100_000, 1000), (3 << 20, 16_384)] {
            let body = (0..<size).map { (place: Int) in UInt8(truncatingIfNeeded: place &* 31 &+ (place >> 8)) }
            let reply = await client.call(body: body, step: step)
            #expect(reply.status == "0")
            #expect(reply.body == body)
            #expect(reply.ending == .complete)
        }
    }

    @Test func `a conversation passes while both sides talk`() async throws {
        let app = try await town.app()
        let out = try await town.outbound([town.inbound("course", app: app.address)])
        let body = (0..<50_000).map { UInt8(truncatingIfNeeded: $0) }
        let reply = await town.client(of: out.address).call("/p.S/Chat", body: body, step: 500)
        #expect(reply.status == "0")
        #expect(reply.body == body)
    }

    @Test func `many calls at once pass`() async throws {
        let app = try await town.app()
        let out = try await town.outbound([town.inbound("course", app: app.address)])
        let client = town.client(of: out.address)
        let replies = await withTaskGroup(of: Client.Reply.self) { group in
            for index in 0..<90 {
                group.addTask { await client.call(body: [UInt8](repeating: UInt8(index), count: 3000)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(replies.count { $0.status == "0" && $0.body.count == 3000 } == 90)
    }

    // MARK: What the application is told

    @Test func `the caller is who its certificate says, whatever it says itself`() async throws {
        let app = try await town.app()
        let out = try await town.outbound([town.inbound("course", app: app.address)])
        _ = await town.client(of: out.address).call("/p.S/Get", ["weft-caller": "spiffe://town/ns/default/sa/king"])
        let callers = app.heads[0].filter { $0.name == "weft-caller" }.map(\.value)
        #expect(callers == [Town.id("web")])
    }

    @Test func `a request has an id: its own, or one that is made`() async throws {
        let app = try await town.app()
        let out = try await town.outbound([town.inbound("course", app: app.address)])
        let client = town.client(of: out.address)
        _ = await client.call("/p.S/Get", ["x-request-id": "mine"])
        _ = await client.call()
        _ = await client.call()
        let ids = app.heads.map { $0[.requestID] ?? "" }
        #expect(ids[0] == "mine")
        #expect(ids[1].count == 32 && ids[2].count == 32 && ids[1] != ids[2])
        #expect(app.heads.allSatisfy { head in head.count { $0.name == "x-request-id" } == 1 })
    }

    @Test func `a deadline is smaller at each hop, and bounded by the contract`() async throws {
        let app = try await town.app()
        let rules = ["p.S/Bounded": MethodRules(timeout: .milliseconds(700))]
        let out = try await town.outbound([town.inbound("course", app: app.address)], methods: rules)
        let client = town.client(of: out.address)
        _ = await client.call("/p.S/Get", ["grpc-timeout": "2S"])
        _ = await client.call("/p.S/Bounded", ["grpc-timeout": "2S"])
        _ = await client.call("/p.S/Bounded")
        _ = await client.call("/p.S/Get")
        let left = app.heads.map { $0[.grpcTimeout].flatMap(GRPCTimeout.parse) }
        // Two hops keep a millisecond each.
        #expect(try (1000...1998).contains(#require(left[0]).clampedNanoseconds / 1_000_000))
        #expect(try (100...698).contains(#require(left[1]).clampedNanoseconds / 1_000_000))
        #expect(try (100...698).contains(#require(left[2]).clampedNanoseconds / 1_000_000))
        #expect(left[3] == nil)
    }

    // MARK: The application's own words

    @Test func `an application's own status is passed on as it is`() async throws {
        let app = try await town.app(AppCall.status("5", "no such course"))
        let out = try await town.outbound([town.inbound("course", app: app.address)])
        let reply = await town.client(of: out.address).call()
        #expect(reply.status == "5")
        #expect(reply.message == "no such course")
        #expect(why(reply) == nil)
        #expect(app.heads.count == 1)
    }

    // MARK: Time

    @Test func `an application that does not answer in time is given up, with the reason`() async throws {
        let app = try await town.app { _ in }
        let out = try await town.outbound([town.inbound("course", app: app.address)])
        let reply = await town.client(of: out.address).call("/p.S/Get", ["grpc-timeout": "120m"])
        #expect(reply.status == "4")
        #expect(why(reply)?.reason.hasPrefix("WAIT.deadline[") == true)
    }

    @Test func `a call with no time left is refused before it is sent`() async throws {
        let app = try await town.app()
        let out = try await town.outbound([town.inbound("course", app: app.address)])
        let reply = await town.client(of: out.address).call("/p.S/Get", ["grpc-timeout": "4m"])
        #expect(reply.status == "4")
        #expect(why(reply)?.reason == "ADMIT.deadline_budget[p.S/Get]")
        #expect(app.heads.isEmpty)
    }

    // MARK: Repeating

    @Test func `with the first endpoint gone, no call is lost`() async throws {
        let (one, other) = (try await town.app(), try await town.app())
        let gone = SidecarConfig.Endpoint(address: try await deadAddress())
        let out = try await town.outbound([
            gone, town.inbound("course", app: one.address), town.inbound("course", app: other.address),
        ])
        let client = town.client(of: out.address)
        for _ in 0..<40 {
            let reply = await client.call()
            #expect(reply.status == "0", "\(reply.message)")
        }
        #expect(one.heads.count + other.heads.count == 40)
    }

    @Test func `an endpoint whose application is gone is left, even for what may not be done twice`() async throws {
        let app = try await town.app()
        let out = try await town.outbound([
            town.inbound("course", app: try await deadAddress()), town.inbound("course", app: app.address),
        ])
        let client = town.client(of: out.address)
        for _ in 0..<20 { #expect(await client.call("/p.S/Create").status == "0") }
        #expect(app.heads.count == 20)
    }

    /// An application that does the work and then breaks off.
    private static let breakOff: @Sendable (AppCall) -> Void = { $0.stream.reset(.internalError) }

    @Test func `what may not be done twice is done once`() async throws {
        let (one, other) = (try await town.app(Self.breakOff), try await town.app(Self.breakOff))
        let out = try await town.outbound([
            town.inbound("course", app: one.address), town.inbound("course", app: other.address),
        ])
        let reply = await town.client(of: out.address).call("/p.S/Create")
        #expect(reply.status == "13")
        #expect(one.heads.count + other.heads.count == 1)
    }

    @Test func `what is idempotent by contract is tried twice more, elsewhere first`() async throws {
        let (one, other) = (try await town.app(Self.breakOff), try await town.app(Self.breakOff))
        let out = try await town.outbound(
            [town.inbound("course", app: one.address), town.inbound("course", app: other.address)],
            methods: ["p.S/Get": .init(isIdempotent: true)])
        let reply = await town.client(of: out.address).call("/p.S/Get")
        #expect(reply.status == "13")
        #expect(one.heads.count + other.heads.count == 3)
        #expect(!one.heads.isEmpty && !other.heads.isEmpty)
        let attempts = (one.heads + other.heads).compactMap { $0[.grpcPreviousAttempts] }.sorted()
        #expect(attempts == ["1", "2"])
    }

    @Test func `a server that asks not to be called again is not`() async throws {
        let app = try await town.app {
            $0.stream.send(head: [":status": "200", "grpc-status": "14", "grpc-retry-pushback-ms": "-1"], end: true)
        }
        let out = try await town.outbound(
            [town.inbound("course", app: app.address)], methods: ["p.S/Get": .init(isIdempotent: true)])
        #expect(await town.client(of: out.address).call("/p.S/Get").status == "14")
        #expect(app.heads.count == 1)
    }

    @Test func `a breaker opens for an endpoint that only fails, and says so`() async throws {
        let app = try await town.app(AppCall.status("14", "out of order"))
        let out = try await town.outbound([town.inbound("course", app: app.address)])
        let client = town.client(of: out.address)
        for _ in 0..<5 { #expect(await client.call("/p.S/Create").message == "out of order") }
        let reply = await client.call("/p.S/Create")
        #expect(reply.status == "14")
        #expect(why(reply)?.cause == "breaker_open")
        #expect(reply.message.contains("5 faults in a row"))
        #expect(app.heads.count == 5)
        #expect(town.log.contains("web-out", "breaker of an endpoint is open", "5 faults in a row"))
    }

    /// An address where nobody listens: it was taken, and given back.
    private func deadAddress() async throws -> SocketAddress {
        let app = try await town.app()
        let address = app.address
        try await town.on { app.listener?.close() }
        return address
    }
}
