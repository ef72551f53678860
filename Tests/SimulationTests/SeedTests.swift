import Foundation
import Simulation
import Testing

/// Scenarios with many seeds each. `.ci/simulate` runs more of them, or replays one:
///
///     SEEDS=500        so many seeds of each scenario
///     SEED=17          this one alone
///     SCENARIO=drain   scenarios whose name contains this
///     TRACE=1          prints what happens, line by line
@Suite("Calls in a simulated network")
struct SeedTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let scenarios = CallScenario.all.filter { scenario in
        environment["SCENARIO"].map { scenario.name.contains($0) } ?? true
    }

    private static var seeds: [UInt64] {
        if let seed = environment["SEED"].flatMap({ UInt64($0) }) { return [seed] }
        let count = environment["SEEDS"].flatMap { UInt64($0) } ?? 25
        return Array(1...max(count, 1))
    }

    @Test(
        "end exactly once, in time, with a code that something explains, and leave nothing behind", arguments: scenarios
    )
    func seeds(_ scenario: CallScenario) throws {
        let traces = SeedTests.environment["TRACE"] != nil
        for seed in SeedTests.seeds {
            do {
                let report = try scenario.run(seed: seed, trace: traces ? { print($0) } : nil)
                if SeedTests.environment["SEED"] != nil { print("\(scenario): \(report)") }
            } catch let fault as SimulationFault {
                Issue.record("\(fault)\nreplay: .ci/simulate --scenario '\(scenario)' --seed \(seed) --trace")
                return
            }
        }
    }

    @Test("happen in the same way from the same seed", arguments: scenarios)
    func replays(_ scenario: CallScenario) throws {
        let first = try? scenario.run(seed: 3)
        let second = try? scenario.run(seed: 3)
        #expect(first?.digest == second?.digest)
    }
}
