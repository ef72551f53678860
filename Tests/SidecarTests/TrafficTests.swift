import Bytes
import Exchange
import MeshAPI
import Policy
import Reactor
import Resilience
@testable import Sidecar
import Testing
import Transport

@Suite struct TrafficTests {
    /// A town with two versions of `course`, and a caller's sidecar that knows of both.
    struct Versions {
        let town: Town
        let v1: App
        let v2: App
        let instances: [(address: SocketAddress, version: String)]
        let web: (address: SocketAddress, sidecar: Sidecar)
        let client: Client

        init(v2 behave: @escaping @Sendable (AppCall) -> Void = AppCall.echo) async throws {
            town = try Town()
            v1 = try await town.app()
            v2 = try await town.app(behave)
            instances = [
                (try await town.inbound("course", app: v1.address).address, "v1"),
                (try await town.inbound("course", app: v2.address).address, "v2"),
            ]
            web = try await town.caller()
            client = town.client(of: web.address)
        }

        func apply(
            _ instances: [(address: SocketAddress, version: String)]? = nil,
            _ change: (inout WeftPolicyV1.ServicePolicy) -> Void
        ) async throws {
            let faults = try await town.tell(
                web.sidecar, .of("course", at: instances ?? self.instances, change),
                // What each version's own sidecar goes by does not matter here.
                .of("other"))
            #expect(faults.isEmpty)
        }

        func statuses(_ count: Int, _ fields: Fields = [:]) async -> [String?] {
            var statuses: [String?] = []
            for _ in 0..<count { statuses.append(await client.call("/p.S/Get", authority: "course", fields).status) }
            return statuses
        }
    }

    // MARK: Splits

    @Test func `blue and green change places at once, and calls under way go on`() async throws {
        let mesh = try await Versions()
        try await mesh.apply { $0.splits = [.of("s", nil, .of(version: "v1", weight: 1), .of(version: "v2"))] }
        #expect(await mesh.statuses(6) == Array(repeating: "0", count: 6))
        #expect((mesh.v1.heads.count, mesh.v2.heads.count) == (6, 0))
        try await mesh.apply { $0.splits = [.of("s", nil, .of(version: "v1"), .of(version: "v2", weight: 1))] }
        #expect(await mesh.statuses(6) == Array(repeating: "0", count: 6))
        #expect((mesh.v1.heads.count, mesh.v2.heads.count) == (6, 6))
        #expect(
            try await mesh.town.metric(
                mesh.web.sidecar, "weft_split_attempts_total", ["split": "s", "backend": "course@v2"]) == 6)
    }

    @Test func `a header leads to the canary, and all others go where they went`() async throws {
        let mesh = try await Versions()
        try await mesh.apply {
            $0.splits = [
                .of("canary", .of(header: ("x-canary", "yes")), .of(version: "v2", weight: 1)),
                .of("rest", nil, .of(version: "v1", weight: 1)),
            ]
        }
        _ = await mesh.statuses(4, ["x-canary": "yes"])
        _ = await mesh.statuses(5, ["x-canary": "no"])
        #expect((mesh.v1.heads.count, mesh.v2.heads.count) == (5, 4))
    }

    @Test func `a weight for instances that are not there counts as nothing until they are`() async throws {
        let mesh = try await Versions()
        let split = { (policy: inout WeftPolicyV1.ServicePolicy) in
            policy.splits = [.of("s", nil, .of(version: "v1", weight: 1), .of(version: "v2", weight: 99))]
        }
        try await mesh.apply([mesh.instances[0]], split)
        #expect(await mesh.statuses(10) == Array(repeating: "0", count: 10))
        #expect(mesh.v1.heads.count == 10)
        try await mesh.apply(nil, split)
        _ = await mesh.statuses(20)
        #expect(mesh.v2.heads.count > 0)
    }

    @Test func `without ready instances anywhere the refusal names the group`() async throws {
        let mesh = try await Versions()
        try await mesh.apply { $0.splits = [.of("s", nil, .of(version: "v3", weight: 1))] }
        let reply = await mesh.client.call()
        #expect(reply.status == "14")
        #expect(reply.message.contains("PICK.no_endpoints[course@v3]"))
    }

    @Test func `a split may lead to another service`() async throws {
        let mesh = try await Versions()
        let app = try await mesh.town.app()
        let other = try await mesh.town.inbound("other", app: app.address).address
        try await mesh.town.tell(
            mesh.web.sidecar,
            .of("course", at: mesh.instances) { $0.splits = [.of("s", nil, .of("other", weight: 1))] },
            .of("other", at: [(other, "")]))
        #expect(await mesh.statuses(3) == ["0", "0", "0"])
        #expect(app.heads.count == 3)
    }

    // MARK: Mirrors

    @Test func `a mirror gets copies, and the answer is the service's own`() async throws {
        let mesh = try await Versions(v2: AppCall.status("13", "nobody hears this"))
        try await mesh.apply([mesh.instances[0], mesh.instances[1]]) {
            $0.splits = [.of("s", nil, .of(version: "v1", weight: 1))]
            $0.mirrors = [.of("shadow", to: .of(version: "v2"))]
        }
        let reply = await mesh.client.call(body: Array(repeating: 7, count: 40_000))
        #expect(reply.status == "0")
        #expect(reply.body.count == 40_000)
        try await mesh.wait { $0.v2.heads.count == 1 }
        #expect(mesh.v2.heads.first?["weft-mirror"] == "shadow")
        #expect(mesh.v1.heads.first?["weft-mirror"] == nil)
        // The copy was whole: the application answers what is over.
        try await mesh.wait {
            try await $0.town.metric(
                $0.web.sidecar, "weft_mirrored_total", ["mirror": "shadow", "result": "failed"]) == 1
        }
    }

    @Test func `a mirror that is not there costs a call nothing`() async throws {
        let mesh = try await Versions()
        // Nobody listens there: the port of a listener that is closed.
        let gone = try await mesh.town.app()
        try await mesh.town.on { gone.listener?.close() }
        try await mesh.town.tell(
            mesh.web.sidecar,
            .of("course", at: [mesh.instances[0]]) { $0.mirrors = [.of("shadow", to: .of("other"))] },
            .of("other", at: [(gone.address, "")]))
        #expect(await mesh.statuses(20) == Array(repeating: "0", count: 20))
        #expect(mesh.v1.heads.count == 20)
    }

    @Test func `a mirror that never answers holds so many copies and no more`() async throws {
        let mesh = try await Versions(v2: { _ in })
        try await mesh.apply {
            $0.splits = [.of("s", nil, .of(version: "v1", weight: 1))]
            $0.mirrors = [.of("shadow", to: .of(version: "v2"))]
        }
        #expect(await mesh.statuses(130) == Array(repeating: "0", count: 130))
        try await mesh.wait {
            try await $0.town.metric(
                $0.web.sidecar, "weft_mirrored_total", ["mirror": "shadow", "result": "skipped"]) == 30
        }
        #expect(mesh.v1.heads.count == 130)
    }

    @Test func `a mirror that cannot keep up is left behind`() async throws {
        // It takes nothing: its window fills, and the copy is given up while the call goes on.
        let mesh = try await Versions()
        let gone = try await mesh.town.app { _ in }
        try await mesh.town.tell(
            mesh.web.sidecar,
            .of("course", at: [mesh.instances[0]]) { $0.mirrors = [.of("shadow", to: .of("other"))] },
            // A listener that speaks no TLS: the connection never comes about.
            .of("other", at: [(gone.address, "")]))
        let reply = await mesh.client.call(body: Array(repeating: 1, count: 1 << 20))
        #expect(reply.status == "0")
        #expect(reply.body.count == 1 << 20)
        try await mesh.wait {
            try await $0.town.metric(
                $0.web.sidecar, "weft_mirrored_total", ["mirror": "shadow", "result": "failed"]) == 1
        }
    }

    // MARK: Faults

    @Test func `an abort answers with its code, says so, and is not held against anybody`() async throws {
        let mesh = try await Versions()
        try await mesh.apply { $0.faults = [.of("broken", .abort(14), .of(callers: ["web"]))] }
        for _ in 0..<10 {
            let reply = await mesh.client.call()
            #expect(reply.status == "14")
            #expect(reply.message.contains("ADMIT.fault_injected[broken]"))
        }
        #expect(mesh.v1.heads.count + mesh.v2.heads.count == 0)
        let phases = try await mesh.town.on {
            mesh.web.sidecar.destinations["course"]?.balancer.members.map {
                $0.stack.layers.lazy.compactMap { $0 as? BreakerLayer }.first?.phase
            }
        }
        #expect(phases == [.closed, .closed])
        // It ends by itself: a time that has been is over.
        try await mesh.apply { $0.faults = [.of("broken", .abort(14), until: 1000)] }
        #expect(await mesh.client.call().status == "0")
    }

    @Test func `a fault for others leaves calls alone`() async throws {
        let mesh = try await Versions()
        try await mesh.apply { $0.faults = [.of("broken", .abort(14), .of(callers: ["admin"]))] }
        #expect(await mesh.client.call().status == "0")
    }

    @Test func `only so many a second meet a fault`() async throws {
        let mesh = try await Versions()
        try await mesh.apply { $0.faults = [.of("broken", .abort(13), perSecond: 0.001)] }
        #expect(await mesh.statuses(5) == ["13", "0", "0", "0", "0"])
        // Rules that change elsewhere do not fill it again.
        try await mesh.apply {
            $0.faults = [.of("broken", .abort(13), perSecond: 0.001)]
            $0.deadline = "7s"
        }
        #expect(await mesh.statuses(2) == ["0", "0"])
    }

    @Test func `a delay that outlasts the deadline says that it was made`() async throws {
        let mesh = try await Versions()
        try await mesh.apply { $0.faults = [.of("slow", .delay("60s"))] }
        let reply = await mesh.client.call("/p.S/Get", authority: "course", ["grpc-timeout": "50m"])
        #expect(reply.status == "4")
        #expect(reply.message.contains("WAIT.fault_injected[slow]"))
        #expect(mesh.v1.heads.count + mesh.v2.heads.count == 0)
    }

    @Test func `an attempt that is reset was sent, and is tried again where that is safe`() async throws {
        let mesh = try await Versions()
        try await mesh.apply {
            $0.faults = [.of("reset", .reset(true), perSecond: 0.001)]
            var method = WeftPolicyV1.MethodOverride()
            method.method = "p.S/Get"
            method.idempotent = true
            $0.methods = [method]
        }
        #expect(await mesh.client.call().status == "0")
        #expect(mesh.v1.heads.count + mesh.v2.heads.count == 2)
        // Where it is not, the caller hears why.
        try await mesh.apply { $0.faults = [.of("reset-2", .reset(true))] }
        let reply = await mesh.client.call("/p.S/Create")
        #expect(reply.status == "14")
        #expect(reply.message.contains("RECV.fault_injected[reset-2]"))
    }

    @Test func `a connection that says GOAWAY loses no call`() async throws {
        let mesh = try await Versions()
        try await mesh.apply([mesh.instances[0]]) { _ in }
        #expect(await mesh.client.call().status == "0")
        try await mesh.apply([mesh.instances[0]]) { $0.faults = [.of("bye", .goaway(true), perSecond: 0.001)] }
        #expect(await mesh.statuses(3, [:]) == ["0", "0", "0"])
        #expect(
            try await mesh.town.metric(
                mesh.web.sidecar, "weft_faults_injected_total", ["fault": "bye"]) == 1)
    }
}

extension TrafficTests.Versions {
    /// Looks on the loop until it is so: what others do takes turns of the loop, and no time that could be named.
    fileprivate func wait(until isSo: @Sendable (Self) async throws -> Bool) async throws {
        for _ in 0..<20_000 {
            if try await isSo(self) { return }
            await Task.yield()
        }
        Issue.record("it never came about")
    }
}
