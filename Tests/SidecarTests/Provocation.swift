import Bytes
import Exchange
import MeshPolicy
import Policy
import Reactor
import Resilience
@testable import Sidecar
import Testing
import Timebase
import Transport

/// One reason, brought about as it comes about: what must be told of it, and by whom.
struct Provocation: Sendable, CustomTestStringConvertible {
    struct Scene {
        var reply: Client.Reply
        var id: String
        /// The caller's sidecar.
        var sidecar: Sidecar
        /// The callee's, if it was asked.
        var inner: Sidecar?
    }

    let reason: String
    let reporter: String
    let play: @Sendable (Town) async throws -> Scene

    var testDescription: String { reason }

    init(_ reason: String, by reporter: String, _ play: @escaping @Sendable (Town) async throws -> Scene) {
        self.reason = reason
        self.reporter = reporter
        self.play = play
    }

    private static let caller = "web-out/outbound"
    private static let callee = "course-in/inbound"

    static let all: [Provocation] = [
        Provocation("ROUTE.no_route[curse]", by: caller) { try await $0.scene(authority: "curse") },
        Provocation("ROUTE.unknown_method[p.S/None]", by: caller) { town in
            try await town.scene(
                path: "/p.S/None",
                arrange: { out in
                    let method = MethodEntry(service: "course", fullName: "p.S/Get")
                    out.destinations["course"]?.replace(methods: MethodTable(of: "course", methods: [method]))
                })
        },
        Provocation("PICK.no_endpoints[course]", by: caller) { town in
            try await town.scene(arrange: { out in out.destinations["course"]?.replace([], at: town.loop.now) })
        },
        Provocation("CONNECT.connect_refused", by: caller) { town in
            try await town.scene(
                fields: ["grpc-timeout": "2S"],
                endpoints: [SidecarConfig.Endpoint(address: try await town.closedPort())])
        },
        Provocation("TLS.tls_identity_mismatch", by: caller) { town in
            let app = try await town.app()
            return try await town.scene(endpoints: [town.inbound("progress", app: app.address)])
        },
        Provocation("CONNECT.connect_refused", by: callee) { town in
            try await town.scene(app: try await town.closedPort(), fields: ["grpc-timeout": "900m"])
        },
        Provocation("AUTHZ.policy_denied[p.S/Get]", by: callee) { town in
            try await town.scene(
                app: try await town.app().address,
                methods: ["p.S/Get": MethodRules(roles: ["teacher"])])
        },
        Provocation("WAIT.deadline", by: caller) { town in
            try await town.scene(app: try await town.app { _ in }.address, fields: ["grpc-timeout": "60m"])
        },
        Provocation("ADMIT.deadline_budget", by: caller) { town in
            try await town.scene(app: try await town.app().address, fields: ["grpc-timeout": "2m"])
        },
        Provocation("WAIT.peer_reset", by: callee) { town in
            let app = try await town.app { $0.stream.reset(.internalError) }
            return try await town.scene(app: app.address)
        },
        Provocation("RETRY.app_status[course]", by: caller) { town in
            let app = try await town.app(AppCall.status("14", "not now"))
            return try await town.scene(
                app: app.address, outMethods: ["p.S/Get": MethodRules(isIdempotent: true)])
        },
        Provocation("LIMIT.bulkhead_full[p.S/Get]", by: callee) { town in
            let slow = try await town.app { _ in }
            return try await town.scene(
                app: slow.address, methods: ["p.S/Get": MethodRules(maxInFlight: 1, maxQueue: 0)],
                fields: ["grpc-timeout": "900m"]
            ) { client in
                Task { await client.call("/p.S/Get", ["grpc-timeout": "900m"]) }
                try await town.eventually("the first call") { slow.heads.count == 1 }
            }
        },
        Provocation("QUEUE.deadline_budget[p.S/Get]", by: callee) { town in
            let slow = try await town.app { _ in }
            return try await town.scene(
                app: slow.address, methods: ["p.S/Get": MethodRules(maxInFlight: 1, maxQueue: 5)],
                fields: ["grpc-timeout": "150m"]
            ) { client in
                Task { await client.call("/p.S/Get", ["grpc-timeout": "900m"]) }
                try await town.eventually("the first call") { slow.heads.count == 1 }
            }
        },
        Provocation("LIMIT.breaker_open", by: caller) { town in
            let app = try await town.app(AppCall.status("13", "broken"))
            return try await town.scene(app: app.address) { client in
                for _ in 0..<5 { _ = await client.call() }
            }
        },
    ]
}

extension Town {
    /// A caller's sidecar, and, if an application is named, the callee's before it; and one call that fails.
    func scene(
        app: SocketAddress? = nil, path: String = "/p.S/Get", authority: String = "course",
        methods: [String: MethodRules] = [:],
        outMethods: [String: MethodRules] = [:], fields: Fields = [:],
        endpoints: [SidecarConfig.Endpoint]? = nil, before: @Sendable (Client) async throws -> Void = { _ in },
        arrange: @escaping @Sendable (Sidecar) throws -> Void = { _ in }
    ) async throws -> Provocation.Scene {
        var inner: Sidecar?
        var reached = endpoints ?? [SidecarConfig.Endpoint(address: Town.anyPort)]
        if let app {
            var config = SidecarConfig(service: "course", instance: "course-in", membership: .none)
            config.inbound = SidecarConfig.Inbound(
                listen: Self.anyPort, isSecure: true, callers: .anySpiffe(inDomain: "town"), app: app)
            config.methods = methods
            let made = try await sidecar(config)
            inner = made
            reached = [SidecarConfig.Endpoint(address: try await address(of: "inbound", made))]
        }
        let out = try await outbound(reached, methods: outMethods)
        try await on { try arrange(out.sidecar) }
        let client = client(of: out.address)
        try await before(client)
        var head = fields
        head.append(.requestID, "provoked-1")
        let reply = await client.call(path, authority: authority, head)
        return Provocation.Scene(reply: reply, id: "provoked-1", sidecar: out.sidecar, inner: inner)
    }

    /// A port on which nobody listens.
    func closedPort() async throws -> SocketAddress {
        let app = try await app()
        let address = app.address
        try await on { app.listener?.close() }
        return address
    }

    /// Waits for what another part of the loop is about to do.
    func eventually(_ what: String, _ condition: @Sendable () -> Bool) async throws {
        for _ in 0..<1000 where !condition() {
            try await loop.sleep(for: .milliseconds(2))
        }
        #expect(condition(), "\(what)")
    }
}
