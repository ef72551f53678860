import Exchange
import MeshAPI
import RPC
import Reactor
import Resilience
@testable import Sidecar
import Testing
import Transport

/// What operators do about breakers, and what does not open one.
@Suite(.timeLimit(.minutes(1))) struct BreakerControlTests {
    let town: Town

    init() throws { town = try Town() }

    private func force(
        _ sidecar: Sidecar, _ destination: String, _ endpoint: String = "", _ mode: WeftPolicyV1.BreakerMode,
        for milliseconds: Int64 = 60_000
    ) async throws -> UInt32 {
        var request = WeftAdminV1.ForceBreakerRequest()
        request.destination = destination
        request.endpoint = endpoint
        request.mode = mode
        request.forMs = milliseconds
        let asked = request
        return try await Task(executorPreference: town.loop) {
            try await AdminService(sidecar).forceBreaker(asked, in: Call()).breakers
        }.value
    }

    @Test func `an operator shuts an endpoint off, and lets it back in`() async throws {
        let (one, other) = (try await town.app(), try await town.app())
        let (first, second) = (
            try await town.inbound("course", app: one.address), try await town.inbound("course", app: other.address)
        )
        let out = try await town.outbound([first, second])
        let client = town.client(of: out.address)
        #expect(try await force(out.sidecar, "course", first.address.description, .forcedOpen) == 1)
        for _ in 0..<20 { #expect(await client.call().status == "0") }
        #expect(one.heads.isEmpty && other.heads.count == 20)
        #expect(try await force(out.sidecar, "course", "", .forcedOpen) == 2)
        let refused = await client.call()
        #expect(refused.status == "14" && refused.message.contains("forced open"), "\(refused.message)")
        #expect(try await force(out.sidecar, "course", "", .unspecified) == 2)
        for _ in 0..<20 { #expect(await client.call().status == "0") }
        #expect(!one.heads.isEmpty)
        #expect(town.log.contains("web-out", "an operator overrules breakers", "course"))
    }

    @Test func `what cannot be forced is refused with what there is`() async throws {
        let app = try await town.app()
        let out = try await town.outbound([town.inbound("course", app: app.address)])
        for (destination, endpoint, time, code) in [
            ("nobody", "", Int64(1000), StatusCode.notFound), ("course", "1.2.3.4:5", 1000, .notFound),
            ("course", "", 0, .invalidArgument), ("course", "", 86_400_001, .invalidArgument),
        ] {
            do {
                _ = try await force(out.sidecar, destination, endpoint, .forcedOpen, for: time)
                Issue.record("\(destination) \(endpoint) \(time) was taken")
            } catch let error as RPCError {
                #expect(error.code == code, "\(error.message)")
            }
        }
        #expect(await town.client(of: out.address).call().status == "0")
    }

    @Test(arguments: ["3", "5", "7", "16", "2", "8"])
    func `a flood of a caller's own mistakes ejects nobody`(status: String) async throws {
        let app = try await town.app(AppCall.status(status))
        let out = try await town.outbound([town.inbound("course", app: app.address)])
        let client = town.client(of: out.address)
        for _ in 0..<40 { #expect(await client.call().status == status) }
        #expect(app.heads.count == 40)
        let sidecar = out.sidecar
        let phases = try await town.on {
            sidecar.destinations["course"]?.endpointStatuses(at: sidecar.loop.now).map(\.breaker.phase)
        }
        #expect(phases == [.closed])
    }

    @Test func `with all endpoints left alone, the refusal names each with its reason`() async throws {
        let (one, other) = (
            try await town.app(AppCall.status("14", "out of order")),
            try await town.app(AppCall.status("14", "out of order"))
        )
        let (first, second) = (
            try await town.inbound("course", app: one.address), try await town.inbound("course", app: other.address)
        )
        var policy = SidecarConfig.Policy()
        policy.breaker.firstCooldown = .seconds(60)
        let out = try await town.outbound([first, second], policy: policy)
        let client = town.client(of: out.address)
        // One is ejected by its faults, the other spared, until an operator shuts it off.
        for _ in 0..<30 { #expect(await client.call().status == "14") }
        #expect(town.log.contains("web-out", "spared"))
        let sidecar = out.sidecar
        let statuses = try await town.on {
            sidecar.destinations["course"]?.endpointStatuses(at: sidecar.loop.now) ?? []
        }
        let spared = try #require(statuses.first { $0.breaker.isSpared })
        #expect(try await force(sidecar, "course", spared.address, .forcedOpen) == 1)
        let refused = await client.call()
        #expect(refused.message.contains("forced open"), "\(refused.message)")
        #expect(refused.message.contains(spared.address), "\(refused.message)")
    }
}
