import Bytes
import Exchange
import MeshPolicy
import Policy
import ProtoWire
import RPC
import Reactor
@testable import Sidecar
import Testing
import Timebase
import Transport

/// What a pair of sidecars refuses, and how it says why.
@Suite(.timeLimit(.minutes(1))) struct RefusalTests {
    let town: Town

    init() throws { town = try Town() }

    private func why(_ reply: Client.Reply) -> Why? {
        reply.field(.weftWhy).flatMap { Base64.decode($0) }.flatMap { Why(bytes: $0) }
    }

    @Test func `a name that nobody has is said to be unknown`() async throws {
        let out = try await town.outbound([town.inbound("course", app: Town.anyPort)])
        let reply = await town.client(of: out.address).call("/p.S/Get", authority: "curse:80", ["x-request-id": "r7"])
        #expect(reply.status == "14")
        #expect(why(reply)?.reason == "ROUTE.no_route[curse]")
        #expect(why(reply)?.reporter == "web-out/outbound")
        #expect(why(reply)?.requestID == "r7")
        #expect(town.log.contains("call failed", "ROUTE.no_route[curse]", "request_id=r7"))
    }

    @Test func `a name may have a port`() async throws {
        let app = try await town.app()
        let out = try await town.outbound([town.inbound("course", app: app.address)])
        #expect(await town.client(of: out.address).call(authority: "course:8080").status == "0")
    }

    @Test func `a method that the contract does not have is refused before it is sent`() async throws {
        let app = try await town.app()
        let out = try await town.outbound([town.inbound("course", app: app.address)])
        try await town.on {
            let method = MethodEntry(service: "course", fullName: "p.S/Get")
            out.sidecar.destinations["course"]?.replace(methods: MethodTable(of: "course", methods: [method]))
        }
        let client = town.client(of: out.address)
        #expect(await client.call("/p.S/Get").status == "0")
        let reply = await client.call("/p.S/Gte")
        #expect(reply.status == "12")
        #expect(why(reply)?.reason == "ROUTE.unknown_method[p.S/Gte]")
        #expect(await client.call("/grpc.health.v1.Health/Check").status == "0")
        #expect(app.heads.count == 2)
    }

    @Test func `a service without instances is said to have none`() async throws {
        let out = try await town.outbound([town.inbound("course", app: Town.anyPort)])
        try await town.on { [loop = town.loop] in
            out.sidecar.destinations["course"]?.replace([], at: loop.now)
        }
        let reply = await town.client(of: out.address).call()
        #expect(reply.status == "14")
        #expect(why(reply)?.reason == "PICK.no_endpoints[course]")
    }

    // MARK: Identity

    @Test func `an endpoint that is somebody else is refused, and both sides say why`() async throws {
        let app = try await town.app()
        let out = try await town.outbound([town.inbound("progress", app: app.address)])
        let reply = await town.client(of: out.address).call()
        #expect(reply.status == "14")
        #expect(why(reply)?.cause == "tls_identity_mismatch")
        #expect(reply.message.contains(Town.id("progress")) && reply.message.contains(Town.id("course")))
        #expect(app.heads.isEmpty)
        #expect(town.log.contains("web-out", "TLS.tls_identity_mismatch", Town.id("progress")))
        try await eventually { town.log.contains("progress-in", "a connection was refused", "TLS.") }
    }

    @Test func `a caller that is somebody else is refused, and both sides say why`() async throws {
        let app = try await town.app()
        let inbound = try await town.inbound("course", app: app.address, callers: .spiffe(Town.id("edge")))
        let out = try await town.outbound([inbound])
        let reply = await town.client(of: out.address).call()
        #expect(reply.status == "14")
        #expect(why(reply)?.phase == "TLS")
        #expect(app.heads.isEmpty)
        #expect(town.log.contains("course-in", "TLS.tls_identity_mismatch", Town.id("web")))
    }

    @Test func `a caller of another mesh is refused`() async throws {
        let app = try await town.app()
        let stranger = try Town()
        let inbound = try await town.inbound("course", app: app.address)
        let out = try await stranger.outbound([inbound])
        let reply = await stranger.client(of: out.address).call()
        #expect(reply.status == "14")
        #expect(why(reply)?.cause == "tls_untrusted")
        #expect(app.heads.isEmpty)
    }

    @Test func `a caller without a certificate gets nothing`() async throws {
        let app = try await town.app()
        let inbound = try await town.inbound("course", app: app.address)
        let pool = ConnectionPool(
            to: inbound.address, loop: town.loop,
            security: .tls(
                TLSClientContext(identity: IdentityBox(Identity(roots: town.authority.roots)), serverRule: .trusted)))
        let reply = await Client(pool).call()
        #expect(reply.head == nil)
        #expect(app.heads.isEmpty)
    }

    // MARK: Roles

    private static let teachersOnly = ["p.S/Create": MethodRules(roles: ["teacher"])]

    @Test func `a caller without the role is refused, with its name`() async throws {
        let app = try await town.app()
        let out = try await town.outbound([
            town.inbound("course", app: app.address, methods: Self.teachersOnly)
        ])
        let client = town.client(of: out.address)
        let reply = await client.call("/p.S/Create")
        #expect(reply.status == "7")
        #expect(why(reply)?.reason == "AUTHZ.policy_denied[p.S/Create]")
        #expect(reply.message.contains(Town.id("web")))
        #expect(await client.call("/p.S/Get").status == "0")
        #expect(app.heads.count == 1)
    }

    @Test(arguments: [Town.id("web"), "web"])
    func `a role is given to an id or to a service`(caller: String) async throws {
        let app = try await town.app()
        var policy = SidecarConfig.Policy()
        policy.roles = [caller: ["teacher"]]
        let out = try await town.outbound([
            town.inbound("course", app: app.address, policy: policy, methods: Self.teachersOnly)
        ])
        #expect(await town.client(of: out.address).call("/p.S/Create").status == "0")
    }

    @Test func `in audit mode the call goes on, and the log says what would have been`() async throws {
        let app = try await town.app()
        var policy = SidecarConfig.Policy()
        policy.authorization = .audit
        let out = try await town.outbound([
            town.inbound("course", app: app.address, policy: policy, methods: Self.teachersOnly)
        ])
        #expect(await town.client(of: out.address).call("/p.S/Create").status == "0")
        #expect(town.log.contains("course-in", "would be refused", "AUTHZ.policy_denied[p.S/Create]"))
    }

    // MARK: Limits

    @Test func `a full bulkhead refuses, and the caller may go elsewhere`() async throws {
        let slow = try await town.app { _ in }
        let rules = ["p.S/Slow": MethodRules(maxInFlight: 1, maxQueue: 0)]
        let out = try await town.outbound([town.inbound("course", app: slow.address, methods: rules)])
        let client = town.client(of: out.address)
        async let first = client.call("/p.S/Slow", ["grpc-timeout": "900m"])
        try await eventually { slow.heads.count == 1 }
        let second = await client.call("/p.S/Slow", ["grpc-timeout": "900m"])
        #expect(second.status == "8")
        #expect(why(second)?.reason == "LIMIT.bulkhead_full[p.S/Slow]")
        #expect(await first.status == "4")
    }

    /// Waits for what another part of the loop is about to do.
    private func eventually(_ condition: @Sendable () -> Bool) async throws {
        for _ in 0..<500 where !condition() {
            try await town.loop.sleep(for: .milliseconds(2))
        }
        #expect(condition())
    }
}
