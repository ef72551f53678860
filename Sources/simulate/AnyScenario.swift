import MeshSimulation
import Simulation
import Transport

/// A scenario of either kind: calls between clients and servers, or a whole mesh.
enum AnyScenario {
    case calls(CallScenario)
    case mesh(MeshScenario)

    static var all: [AnyScenario] { CallScenario.all.map(AnyScenario.calls) + MeshScenario.all.map(AnyScenario.mesh) }

    var name: String {
        switch self {
        case .calls(let scenario): scenario.name
        case .mesh(let scenario): scenario.name
        }
    }

    /// The last seed of those that were asked for: some scenarios say less with each seed than they cost.
    func last(of seeds: ClosedRange<UInt64>) -> UInt64 {
        guard case .mesh(let scenario) = self, seeds.count > 1 else { return seeds.upperBound }
        return max(seeds.lowerBound, UInt64(Double(seeds.upperBound) * scenario.shareOfSeeds))
    }

    /// The option that has a run tell what happens.
    var telling: String {
        switch self {
        case .calls: "--trace"
        case .mesh: "--tell"
        }
    }

    /// With this HTTP/2 engine on both sides; meshes have the build's own.
    func using(_ engine: EngineChoice) -> AnyScenario {
        guard case .calls(var scenario) = self else { return self }
        scenario.engines = [engine]
        return .calls(scenario)
    }

    /// What a run came to.
    struct Report {
        let summary: String
        let handlers: Int
        let time: Duration
        let digest: UInt64
    }

    func run(seed: UInt64, tells: Bool, traces: Bool) throws -> Report {
        let trace: ((Trace.Line) -> Void)? = traces ? { print($0) } : nil
        switch self {
        case .calls(let scenario):
            let report = try scenario.run(seed: seed, trace: trace)
            return Report(
                summary: report.summary, handlers: report.handlers, time: report.time, digest: report.digest)
        case .mesh(let scenario):
            let report = try scenario.run(seed: seed, chronicle: tells ? { print($0) } : nil, trace: trace)
            return Report(
                summary: report.summary, handlers: report.handlers, time: report.time, digest: report.digest)
        }
    }
}
