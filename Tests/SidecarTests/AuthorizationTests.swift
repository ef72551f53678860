import Exchange
import MeshAPI
import Reactor
@testable import Sidecar
import Testing
import Transport

@Suite struct AuthorizationTests {
    /// `web` calls `course` through the sidecars of both.
    private struct Pair {
        let town: Town
        let app: App
        let course: (address: SocketAddress, sidecar: Sidecar)
        let web: (address: SocketAddress, sidecar: Sidecar)
        let client: Client

        init() async throws {
            town = try Town()
            app = try await town.app()
            course = try await town.front("course", app: app.address)
            web = try await town.caller()
            client = town.client(of: web.address)
            try await town.tell(web.sidecar, .of("course", at: [(course.address, "")]))
        }

        func apply(_ authorization: WeftPolicyV1.Authorization?) async throws {
            let faults = try await town.tell(course.sidecar, .of("course") { $0.authorization = authorization })
            #expect(faults.isEmpty)
        }
    }

    @Test func `a refusal names the policy, and the log its nearest miss`() async throws {
        let pair = try await Pair()
        try await pair.apply(
            .of([
                ("readers", .allow, .of(callers: ["web"], methods: ["p.S/List"])),
                ("no-create", .deny, .of(methods: ["p.S/Create"])),
            ]))
        let denied = await pair.client.call("/p.S/Create")
        #expect(denied.status == "7")
        #expect(denied.message.contains("AUTHZ.policy_denied[no-create]"))
        let lacking = await pair.client.call("/p.S/Get")
        #expect(lacking.status == "7")
        #expect(lacking.message.contains("AUTHZ.policy_denied[no_rule_allows]"))
        #expect(!lacking.message.contains("readers"))
        #expect(pair.town.log.contains("course-in", "note=readers would allow it but for the method"))
        #expect(await pair.client.call("/p.S/List").status == "0")
        #expect(pair.app.heads.count == 1)
        // Whom the rules refuse is no endpoint's fault, and nothing was tried again.
        #expect(await pair.client.call("/grpc.health.v1.Health/Check").status == "0")
    }

    @Test func `in audit mode calls go on, and are told`() async throws {
        let pair = try await Pair()
        try await pair.apply(.of([("no-web", .deny, .of(callers: ["web"]))], mode: .audit))
        #expect(await pair.client.call().status == "0")
        #expect(pair.town.log.contains("a call would be refused", "AUTHZ.policy_denied[no-web]"))
    }

    @Test func `streams that run are ended when they are allowed no more, and others go on`() async throws {
        let pair = try await Pair()
        let chat = Chat(pair.web.address, loop: pair.town.loop)
        let other = Chat(pair.web.address, loop: pair.town.loop, path: "/p.T/Chat")
        for conversation in [chat, other] {
            conversation.say("hello")
            #expect(await conversation.hear(5) == "hello")
        }
        // Rules that allow it leave it alone.
        try await pair.apply(.of([("webs", .allow, .of(callers: ["web"]))]))
        chat.say(" again")
        #expect(await chat.hear(11) == "hello again")
        try await pair.apply(.of([("no-chat", .deny, .of(methods: ["p.S/Chat"]))]))
        let end = await chat.end()
        #expect(end.status == "7")
        #expect(end.message.contains("AUTHZ.policy_denied[no-chat]"))
        #expect(end.message.contains("the rules changed while the call was under way"))
        other.say(" still")
        #expect(await other.hear(11) == "hello still")
        #expect(pair.town.log.contains("calls under way were ended", "calls=1"))
    }
}
