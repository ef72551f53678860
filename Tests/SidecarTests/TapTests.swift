import Bytes
import Exchange
import MeshAPI
import Policy
import Reactor
@testable import Sidecar
import Testing
import Transport

@Suite struct TapTests {
    // MARK: Messages in bytes

    @Test func `messages are found however the bytes come`() {
        let bytes: [UInt8] =
            [0, 0, 0, 0, 3, 1, 2, 3] + [0, 0, 0, 0, 0] + [1, 0, 0, 0, 5, 9, 8, 7, 6, 5] + [0, 0, 0, 0, 9, 1]
        let expected = [
            MessageSampler.Sample(size: 3, content: [1, 2, 3], isCompressed: false),
            MessageSampler.Sample(size: 0, content: [], isCompressed: false),
            MessageSampler.Sample(size: 5, content: [9, 8, 7, 6], isCompressed: true),
        ]
        for step in 1...bytes.count {
            var sampler = MessageSampler(keeps: 4)
            var found: [MessageSampler.Sample] = []
            for start in stride(from: 0, to: bytes.count, by: step) {
                found += sampler.take(Chunk(Array(bytes[start..<min(start + step, bytes.count)])))
            }
            #expect(found == expected)
        }
    }

    // MARK: Metadata

    @Test(arguments: [
        "authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "x-auth-token", "id-token-bin",
        "client-secret", "x-password", "trace-bin", "x-jwt-assertion", "x-session-id",
    ])
    func `what may be a secret is left out`(_ name: String) {
        var head: Fields = [":path": "/p.S/Get", "user-agent": "test"]
        head.append(name, "hidden")
        head.append("x-plain", "secret by its flag", isSensitive: true)
        #expect(TapFields.shown(head).map(\.name) == ["user-agent"])
    }

    // MARK: Through a sidecar

    private struct Tapped {
        let town: Town
        let course: (address: SocketAddress, sidecar: Sidecar)
        let client: Client

        init(_ behave: @escaping @Sendable (AppCall) -> Void = AppCall.echo) async throws {
            town = try Town()
            course = try await town.front("course", app: try await town.app(behave).address)
            let web = try await town.caller()
            client = town.client(of: web.address)
            try await town.tell(web.sidecar, .of("course", at: [(course.address, "")]))
        }

        /// Begins to look; answers what the look will have shown when it is over.
        func tap(_ change: (inout WeftAdminV1.TapRequest) -> Void) async throws -> AsyncStream<Tap.Event> {
            var request = WeftAdminV1.TapRequest()
            change(&request)
            let asked = request
            return try await town.on { [course] in
                let tap = Tap(asked, .all)
                try #require(course.sidecar.inbound).taps.add(tap)
                return tap.events
            }
        }
    }

    private static func transcript(_ events: AsyncStream<Tap.Event>) async -> [String] {
        var lines: [String] = []
        for await event in events {
            switch event.event {
            case .head(let head): lines.append("\(event.call) head \(head.fields.map(\.name).contains("cookie"))")
            case .message(let message):
                lines.append("\(event.call) \(message.isRequest ? ">" : "<") \(message.size): \(message.content)")
            case .end(let end): lines.append("\(event.call) end \(end.code) \(end.why?.cause ?? "")")
            case .missed(let count): lines.append("missed \(count)")
            case nil: lines.append("nothing")
            }
        }
        return lines
    }

    @Test func `a call is told from its head to its end, and the tap ends with the last`() async throws {
        let tapped = try await Tapped()
        let events = try await tapped.tap {
            $0.mostCalls = 1
            $0.mostMessageBytes = 2
        }
        let reply = await tapped.client.call(
            "/p.S/Get", authority: "course", ["cookie": "x"], body: [0, 0, 0, 0, 3, 1, 2, 3])
        #expect(reply.status == "0")
        #expect(await tapped.client.call().status == "0")
        #expect(await Self.transcript(events) == ["1 head false", "1 > 3: [1, 2]", "1 < 3: [1, 2]", "1 end 0 "])
    }

    @Test func `only calls that end so are told, with all that was held of them`() async throws {
        let tapped = try await Tapped(AppCall.status("5", "no such course"))
        try await tapped.town.tell(
            tapped.course.sidecar,
            .of("course") { $0.authorization = .of([("no", .deny, .of(methods: ["p.S/Create"]))]) })
        let refused = try await tapped.tap {
            $0.mostCalls = 1
            $0.codes = [7]
        }
        #expect(await tapped.client.call().status == "5")
        #expect(await tapped.client.call("/p.S/Create").status == "7")
        let told = await Self.transcript(refused)
        #expect(told == ["2 head false", "2 end 7 policy_denied"])
    }

    @Test func `what comes faster than it is read is left out and said, and no call waits for it`() async throws {
        let tapped = try await Tapped()
        let events = try await tapped.tap { $0.mostCalls = 60 }
        for _ in 0..<60 { #expect(await tapped.client.call(body: [0, 0, 0, 0, 0]).status == "0") }
        // Nobody has read yet: of four events a call the first wait, and the others are gone.
        #expect(await Self.transcript(events).count == Tap.mostQueued)
    }
}
