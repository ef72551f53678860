import RPC
import Resilience
import Simulation
import Testing
import Timebase

@testable import MeshSimulation

/// Each invariant is seen to fail: a mesh with a bug that it is for is found within a few seeds, by its own words.
@Suite("An invariant finds the bug that it is for")
struct PlantedBugTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let plant: @Sendable (inout MeshScenario) -> Void
        /// What the complaint says.
        let words: String

        init(_ name: String, finds words: String, _ plant: @escaping @Sendable (inout MeshScenario) -> Void) {
            testDescription = name
            self.words = words
            self.plant = plant
        }
    }

    /// Seeds that are tried: one of them is enough.
    static let seeds: ClosedRange<UInt64> = 1...12

    static let cases = [
        Case("a contract lies about repetition", finds: "which is not idempotent, ran") {
            $0.planted.contractsLie = true
            $0.town.services[2].methods[1].failing = 0.5
            $0.mayFail = [.unavailable]
            $0.failsForGood = true
        },
        Case("an application forgets the deadline", finds: "was told of none") {
            $0.planted.forgetsDeadlines = true
        },
        Case("an application adds to the deadline", finds: "was given") {
            $0.planted.lengthensDeadlines = true
        },
        Case("messages take longer than anybody allows for", finds: "was told to end by") {
            $0.planted.secretlySlow = true
            $0.town.conditions.latency = .milliseconds(5)...(.milliseconds(60))
            $0.town.callers[0].timeout = .milliseconds(50)...(.milliseconds(300))
            $0.mayFail = [.unavailable]
        },
        Case("a sidecar has another service's name", finds: "was told of spiffe://") {
            $0.planted.takesOtherName = true
        },
        Case("bulkheads let more through", finds: "run at c-") {
            $0.planted.widensBulkheads = true
            $0.town.services[2].methods[0].takes = .milliseconds(300)...(.milliseconds(600))
            $0.town.callers[0].callsPerSecond = 60
            $0.mayFail = [.unavailable, .resourceExhausted]
        },
        Case("retries go beyond the budget", finds: "may be") {
            $0.budget.share = 0
            $0.budget.perSecond = 0
            $0.town.services[2].methods[0].failing = 0.3
            $0.mayFail = [.unavailable, .resourceExhausted]
            $0.failsForGood = true
        },
        Case("retries multiply from layer to layer", finds: "runs at c") {
            $0.mostRunsPerCall = 1.01
            $0.town.services[2].methods[0].failing = 0.3
            $0.town.callers[0].calls = ["sim.a.A/Read"]
            $0.mayFail = [.unavailable, .resourceExhausted]
            $0.failsForGood = true
        },
        Case("a call ends twice", finds: "ended 2 times") { $0.planted.endsTwice = true },
        Case("a handler never answers", finds: "it did not come about that every call ends") {
            $0.planted.hangs = true
            $0.town.callers[0].withDeadline = 0
            $0.town.services[1].methods[0].timeout = nil
            $0.failsForGood = true
        },
        Case("a replica never comes back", finds: "did not come about that every process is there again") {
            $0.planted.neverMends = true
            $0.faults = [MeshFault(.crashPod, times: 2...2, for: .seconds(1000)...(.seconds(1001)))]
            $0.mayFail = [.unavailable]
        },
        Case("a service never gets well", finds: "did not come about that calls succeed again") {
            $0.planted.neverMends = true
            $0.faults = [MeshFault(.failing, times: 8...8, for: .seconds(1000)...(.seconds(1001)))]
            $0.mayFail = [.unavailable, .resourceExhausted]
        },
        Case("an application leaves a socket", finds: "has drained and has") {
            $0.planted.leaksSockets = true
        },
        Case("a code that nothing explains", finds: "must not end with UNAVAILABLE") {
            $0.town.services[2].methods[1].failing = 0.5
        },
    ]

    @Test(arguments: cases)
    func finds(_ bug: Case) throws {
        var scenario = MeshScenario.calm
        bug.plant(&scenario)
        for seed in PlantedBugTests.seeds {
            do {
                try scenario.run(seed: seed)
            } catch let violation as MeshViolation {
                #expect(violation.complaints.contains { $0.contains(bug.words) }, "\(violation.complaints)")
                #expect(!violation.transcript.isEmpty)
                #expect("\(violation)".contains("seed \(seed)"))
                return
            }
        }
        Issue.record("no seed found it")
    }

    @Test(
        "breakers go by their diagram",
        arguments: [
            (CircuitBreaker.Phase.closed, CircuitBreaker.Phase.open, true), (.open, .probing, true),
            (.probing, .closed, true), (.probing, .open, true), (.closed, .probing, false), (.open, .closed, false),
        ])
    func breakers(from: CircuitBreaker.Phase, to: CircuitBreaker.Phase, isLegal: Bool) {
        #expect(Watchdog.isLegal(from, to) == isLegal)
    }
}
