import MeshAPI
import ProtoWire
import RPC
import Testing

@testable import Reflection

/// grpc/doc/health-checking.md, and gRFC A90 for `List`.
@Suite("Health")
struct HealthTests {
    private let health = HealthService(services: ["a.A"])
    private let client: GrpcHealthV1.HealthClient

    init() {
        let loop = InMemoryLoop()
        let router = Router(timers: loop)
        router.add(health)
        client = GrpcHealthV1.HealthClient(InMemoryTransport(serving: router, on: loop).channel())
    }

    private func request(_ service: String) -> GrpcHealthV1.HealthCheckRequest {
        var request = GrpcHealthV1.HealthCheckRequest()
        request.service = service
        return request
    }

    private func status(_ service: String) async throws -> GrpcHealthV1.HealthCheckResponse.ServingStatus {
        try await client.check(request(service)).status
    }

    @Test("the server and its services serve from the start; others are NOT_FOUND")
    func check() async throws {
        #expect(try await status("") == .serving)
        #expect(try await status("a.A") == .serving)
        let error = await #expect(throws: RPCError.self) { try await status("b.B") }
        #expect(error?.code == .notFound)
    }

    @Test("what was set before a service is known stays")
    func setBeforeAdd() async throws {
        health.set(.notServing, for: "b.B")
        health.add(services: ["b.B", "c.C"])
        #expect(try await status("b.B") == .notServing)
        #expect(try await status("c.C") == .serving)
    }

    @Test("List tells every service, and no more than a hundred")
    func list() async throws {
        health.set(.notServing, for: "b.B")
        let statuses = try await client.list(GrpcHealthV1.HealthListRequest()).statuses
        #expect(statuses.map { "\($0.key) \($0.value.status.rawValue)" }.sorted() == [" 1", "a.A 1", "b.B 2"])
        health.add(services: (0..<97).map { "s.S\($0)" })
        #expect(try await client.list(GrpcHealthV1.HealthListRequest()).statuses.count == 100)
        health.add(services: ["one.More"])
        let error = await #expect(throws: RPCError.self) {
            try await client.list(GrpcHealthV1.HealthListRequest())
        }
        #expect(error?.code == .resourceExhausted)
    }

    @Test("Watch tells each change once, and an unknown service until it is known")
    func watch() async throws {
        let seen = try await client.watch(request("b.B")) { replies in
            var seen: [GrpcHealthV1.HealthCheckResponse.ServingStatus] = []
            for try await reply in replies {
                seen.append(reply.status)
                switch seen.count {
                case 1:
                    health.set(.serving, for: "other")
                    health.set(.serving, for: "b.B")
                case 2: health.set(.notServing, for: "b.B")
                default: return seen
                }
            }
            return seen
        }
        #expect(seen == [.serviceUnknown, .serving, .notServing])
    }

    @Test("a shutdown is NOT_SERVING for all, ends those who watch, and is final")
    func shutdown() async throws {
        var seen: [GrpcHealthV1.HealthCheckResponse.ServingStatus] = []
        do {
            seen = try await client.watch(request("a.A")) { replies in
                var seen: [GrpcHealthV1.HealthCheckResponse.ServingStatus] = []
                do {
                    for try await reply in replies {
                        seen.append(reply.status)
                        health.shutdown()
                    }
                } catch let error as RPCError {
                    #expect(error.code == .unavailable)
                }
                return seen
            }
        }
        #expect(seen == [.serving, .notServing])
        health.set(.serving, for: "a.A")
        health.add(services: ["late"])
        #expect(try await status("") == .notServing)
        #expect(try await status("a.A") == .notServing)
        #expect(try await status("late") == .notServing)
    }
}
