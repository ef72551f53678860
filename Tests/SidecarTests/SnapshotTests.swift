import Exchange
import MeshAPI
import MeshPolicy
import Policy
import Resilience
@testable import Sidecar
import Synchronization
import Testing
import Timebase
import Transport

/// What the control plane says takes effect as a whole, under calls, or not at all.
@Suite(.timeLimit(.minutes(1))) struct SnapshotTests {
    let town: Town

    init() throws { town = try Town() }

    /// A snapshot with these endpoints of the service `course`, and what `say` adds to its policy.
    private func snapshot(
        _ version: String, _ endpoints: [SidecarConfig.Endpoint],
        _ say: (inout WeftPolicyV1.ServicePolicy) -> Void = { _ in }
    ) -> WeftControlV1.Snapshot {
        var service = WeftControlV1.Service()
        service.name = "course"
        service.endpoints = endpoints.map { place in
            var endpoint = WeftControlV1.Endpoint()
            endpoint.instance = "course@\(place.address)"
            endpoint.address = place.address.description
            endpoint.spiffeId = Town.id("course")
            return endpoint
        }
        var policy = WeftPolicyV1.ServicePolicy()
        say(&policy)
        service.policy = policy
        var snapshot = WeftControlV1.Snapshot()
        snapshot.version = version
        snapshot.services = [service]
        return snapshot
    }

    private func bounded(
        inFlight: UInt32, queue: UInt32 = 0
    ) -> (inout WeftPolicyV1.ServicePolicy) -> Void {
        { policy in
            var bulkhead = WeftPolicyV1.Bulkhead()
            bulkhead.destinationMaxInFlight = inFlight
            bulkhead.destinationMaxQueue = queue
            policy.bulkhead = bulkhead
        }
    }

    /// A sidecar to which the test says what a control plane would.
    private func sidecar() async throws -> (sidecar: Sidecar, client: Client) {
        var config = SidecarConfig(service: "web", instance: "web-1", membership: .none)
        config.outbound = SidecarConfig.Outbound(listen: Town.anyPort)
        let sidecar = try await town.sidecar(config)
        return (sidecar, town.client(of: try await town.address(of: "outbound", sidecar)))
    }

    /// Answers why it was not taken.
    @discardableResult
    private func tell(_ sidecar: Sidecar, _ snapshot: WeftControlV1.Snapshot) async throws -> [String] {
        try await town.on { sidecar.take(snapshot).map(\.description) }
    }

    @Test func `a bad policy changes nothing, and who is there is known all the same`() async throws {
        let first = try await town.inbound("course", app: town.app().address)
        let second = try await town.inbound("course", app: town.app().address)
        let (sidecar, client) = try await sidecar()
        #expect(try await tell(sidecar, snapshot("v1", [first], bounded(inFlight: 7))).isEmpty)
        var bad = snapshot("v2", [second], bounded(inFlight: 9))
        var other = WeftControlV1.Service()
        other.name = "edge"
        other.policy = WeftPolicyV1.ServicePolicy()
        other.policy?.deadline = "soon"
        bad.services.append(other)
        #expect(
            try await tell(sidecar, bad)
                == ["services[edge].deadline: 'soon' is not a duration such as 800ms, 2s or 1m30s"])
        let (rules, endpoints, taken) = try await town.on {
            let course = try #require(sidecar.destinations["course"])
            return (course.rules, course.balancer.endpoints.map(\.address), sidecar.taken)
        }
        #expect(rules.destination.inFlight == 7)
        #expect(endpoints == [second.address.description])
        #expect(taken.version == "v1" && taken.refusedVersion == "v2")
        #expect(taken.refusedBecause.map(\.path) == ["services[edge].deadline"])
        #expect(await client.call().status == "0")
        #expect(try await tell(sidecar, snapshot("v3", [second], bounded(inFlight: 9))).isEmpty)
        let later = try await town.on { (sidecar.taken, sidecar.destinations["course"]?.rules.destination.inFlight) }
        #expect(later.0.version == "v3" && later.0.refusedVersion.isEmpty && later.0.refusedBecause.isEmpty)
        #expect(later.1 == 9)
    }

    @Test func `what is no longer said is no longer in force`() async throws {
        let place = try await town.inbound("course", app: town.app().address)
        let (sidecar, _) = try await sidecar()
        try await tell(sidecar, snapshot("v1", [place], bounded(inFlight: 7)))
        try await tell(sidecar, snapshot("v2", [place]))
        let inFlight = try await town.on { sidecar.destinations["course"]?.rules.destination.inFlight }
        #expect(inFlight == ServiceRules().destination.inFlight)
    }

    @Test func `rules change under calls, and none is lost`() async throws {
        let place = try await town.inbound("course", app: town.app().address)
        let (sidecar, client) = try await sidecar()
        try await tell(sidecar, snapshot("v0", [place]))
        let isOver = Flag()
        let counts = try await withThrowingTaskGroup(of: (ok: Int, all: Int).self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var (ok, all) = (0, 0)
                    while !isOver.isUp {
                        if await client.call().status == "0" { ok += 1 }
                        all += 1
                    }
                    return (ok, all)
                }
            }
            for number in 1...60 {
                let policy = number % 2 == 0 ? bounded(inFlight: 50, queue: 50) : { $0.deadline = "9s" }
                try await tell(sidecar, snapshot("v\(number)", [place], policy))
                _ = await client.call()
            }
            isOver.raise()
            return try await group.reduce(into: (ok: 0, all: 0)) { $0 = ($0.ok + $1.ok, $0.all + $1.all) }
        }
        #expect(counts.ok == counts.all && counts.all > 60)
    }

    @Test func `a layer whose rules did not change stays the same object`() async throws {
        let place = try await town.inbound("course", app: town.app().address)
        let (sidecar, client) = try await sidecar()
        try await tell(sidecar, snapshot("v1", [place]))
        _ = await client.call()
        func layers() async throws -> (outer: [ObjectIdentifier], inner: [ObjectIdentifier], stack: ObjectIdentifier) {
            try await town.on {
                let course = try #require(sidecar.destinations["course"])
                let endpoint = try #require(course.balancer.members.first?.stack)
                return (
                    course.stack.layers.map { ObjectIdentifier($0) }, endpoint.layers.map { ObjectIdentifier($0) },
                    ObjectIdentifier(course.stack)
                )
            }
        }
        let before = try await layers()
        try await tell(sidecar, snapshot("v2", [place]))
        let same = try await layers()
        #expect(before == same, "nothing changed: not even the stack is another")
        try await tell(sidecar, snapshot("v3", [place]) { $0.deadline = "3s" })
        let after = try await layers()
        #expect(after.stack != before.stack)
        #expect(zip(before.outer, after.outer).count { $0 != $1 } == 1, "the deadline's layer alone is new")
        #expect(before.inner == after.inner)
    }

    @Test func `calls that wait are asked again when their rules change`() async throws {
        let held = Held()
        let app = try await town.app { held.add($0) }
        let place = try await town.inbound("course", app: app.address)
        let (sidecar, client) = try await sidecar()
        try await tell(sidecar, snapshot("v1", [place], bounded(inFlight: 1, queue: 10)))
        async let replies = withTaskGroup(of: String?.self) { group in
            for _ in 0..<3 { group.addTask { await client.call().status } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        try await town.until { held.calls.count == 1 }
        try await town.until { sidecar.destinations["course"]?.bulkhead?.occupancy.waiting == 2 }
        try await tell(sidecar, snapshot("v2", [place], bounded(inFlight: 3, queue: 10)))
        // None of the three has ended, and all are at the application.
        try await town.until { held.calls.count == 3 }
        try await town.on { held.answerAll() }
        #expect(await replies == ["0", "0", "0"])
    }

    @Test func `a place that is freed in the old stack is given to a call in the new one`() async throws {
        let held = Held()
        let app = try await town.app { held.add($0) }
        let place = try await town.inbound("course", app: app.address)
        let (sidecar, client) = try await sidecar()
        try await tell(sidecar, snapshot("v1", [place], bounded(inFlight: 1, queue: 10)))
        async let first = client.call()
        try await town.until { held.calls.count == 1 }
        // The bulkhead stays the same object, in another stack.
        try await tell(
            sidecar,
            snapshot("v2", [place]) { policy in
                bounded(inFlight: 1, queue: 10)(&policy)
                policy.deadline = "9s"
            })
        async let second = client.call()
        try await town.until { sidecar.destinations["course"]?.bulkhead?.occupancy.waiting == 1 }
        try await town.on { held.answerAll() }
        #expect(await first.status == "0")
        try await town.until { held.calls.count == 1 }
        try await town.on { held.answerAll() }
        #expect(await second.status == "0")
    }

    @Test func `a service that is gone is no route any more, and one that comes is`() async throws {
        let place = try await town.inbound("course", app: town.app().address)
        let (sidecar, client) = try await sidecar()
        #expect(await client.call().status == "14")
        try await tell(sidecar, snapshot("v1", [place]))
        #expect(await client.call().status == "0")
        var nobody = WeftControlV1.Snapshot()
        nobody.version = "v2"
        try await tell(sidecar, nobody)
        #expect(await client.call().message.contains("no service of the mesh has the name course"))
    }

    @Test func `the service's own sidecar goes by its rules too`() async throws {
        let held = Held()
        let app = try await town.app { held.add($0) }
        var config = SidecarConfig(service: "course", instance: "course-1", membership: .none)
        config.inbound = SidecarConfig.Inbound(
            listen: Town.anyPort, isSecure: false, callers: nil, app: app.address)
        let sidecar = try await town.sidecar(config)
        let client = town.client(of: try await town.address(of: "inbound", sidecar))
        try await tell(
            sidecar,
            snapshot("v1", []) { policy in
                var bulkhead = WeftPolicyV1.Bulkhead()
                bulkhead.maxInFlight = 1
                bulkhead.maxQueue = 0
                policy.bulkhead = bulkhead
            })
        async let first = client.call()
        try await town.until { held.calls.count == 1 }
        #expect(await client.call().message.contains("1 calls are in flight"))
        try await town.on { held.answerAll() }
        #expect(await first.status == "0")
    }
}

/// Calls at an application that answers when the test says so.
private final class Held: @unchecked Sendable {  // touched on the town's loop alone
    private(set) var calls: [AppCall] = []

    func add(_ call: AppCall) { calls.append(call) }

    func answerAll() {
        let answered = calls
        calls = []
        for call in answered { AppCall.echo(call) }
    }
}

/// Says to several tasks that they may end.
private final class Flag: Sendable {
    private let state = Mutex(false)
    var isUp: Bool { state.withLock { $0 } }
    func raise() { state.withLock { $0 = true } }
}

extension Destination {
    fileprivate var bulkhead: BulkheadLayer? {
        stack.layers.lazy.compactMap { $0 as? BulkheadLayer }.first
    }
}

extension Town {
    /// Looks at every turn of the loop until it is so.
    func until(_ isSo: @escaping @Sendable () -> Bool) async throws {
        while try await !on(isSo) { await Task.yield() }
    }
}
