import MeshSimulation
import Testing

@Suite("A simulated mesh")
struct MeshScenarioTests {
    @Test(
        "comes up, answers every call where nothing breaks, and leaves nothing", arguments: 1...2 as ClosedRange<UInt64>
    )
    func calm(seed: UInt64) throws {
        let report = try MeshScenario.all[0].run(seed: seed)
        #expect(report.calls > 50)
    }
}
