import Timebase
import Testing

@testable import MeshSimulation

@Suite("A simulated mesh")
struct MeshScenarioTests {
    @Test("comes up, answers every call, and leaves nothing", arguments: 1...3 as ClosedRange<UInt64>)
    func calm(seed: UInt64) throws {
        let report = try MeshScenario.calm.run(seed: seed)
        #expect(report.calls > 50)
        #expect(report.rows.allSatisfy { $0.success == 1 })
    }

    @Test("holds its invariants while everything breaks", arguments: 1...6 as ClosedRange<UInt64>)
    func faults(seed: UInt64) throws {
        let report = try MeshScenario.mesh.run(seed: seed)
        #expect(report.handlers > 0)
    }

    @Test("holds its invariants while policies change", arguments: 1...3 as ClosedRange<UInt64>)
    func policies(seed: UInt64) throws {
        try MeshScenario.policies.run(seed: seed)
    }

    @Test("has the same transcript and the same trace for the same seed, and another one for another")
    func replay() throws {
        func tell(_ seed: UInt64) throws -> (lines: [String], digest: UInt64) {
            let lines = Lines()
            let report = try MeshScenario.mesh.run(seed: seed, chronicle: { lines.all.append($0) })
            return (lines.all, report.digest)
        }
        let (first, again, other) = (try tell(9), try tell(9), try tell(10))
        #expect(first.lines.count > 20)
        #expect(first.lines == again.lines)
        #expect(first.digest == again.digest)
        #expect(first.digest != other.digest)
    }

    @Test("tells in figures how a mesh fares that somebody describes")
    func forecast() throws {
        var town = MeshScenario.threeLayers
        town.callers[0].calls = ["sim.a.A/Read"]
        town.callers[0].callsPerSecond = 20
        var forecast = MeshForecast(of: town)
        forecast.spread = .seconds(10)
        forecast.failing["c"] = 1
        forecast.kills = [.init("b-1", at: .seconds(2))]
        let report = try forecast.run(seed: 3)
        let row = try #require(report.rows.first { $0.caller == "web" })
        #expect(row.calls == 200)
        #expect(row.succeeded == 0)
        #expect(row.failures.values.reduce(0, +) == 200)
        #expect(report.trips["c", default: 0] > 0)
        #expect(report.retries.values.reduce(0, +) > 0)
    }
}

private final class Lines: @unchecked Sendable {  // a simulation stays on one thread
    var all: [String] = []
}
