import MeshAPI
import RPC
import Simulation
import Timebase

extension MeshScenario {
    /// What `make simulate` runs.
    public static var all: [MeshScenario] { [calm, mesh, downLayer, policies] }

    /// Nothing breaks, and every call succeeds.
    static var calm: MeshScenario {
        var scenario = MeshScenario("mesh: nothing breaks", in: threeLayers)
        scenario.shareOfSeeds = 0.1
        scenario.spread = .seconds(5)
        scenario.town.callers[0].cancelled = 0
        scenario.town.callers[0].withDeadline = 1
        scenario.town.callers[0].timeout = .seconds(3)...(.seconds(3))
        return scenario
    }

    /// Everything breaks, once in a while.
    static var mesh: MeshScenario {
        var scenario = MeshScenario("mesh: everything breaks", in: threeLayers)
        scenario.spread = .seconds(15)
        scenario.faults = MeshFault.all
        scenario.town.policy = policy { _ in }
        scenario.town.otherPolicies = otherPolicies
        scenario.mayFail = [.unavailable, .resourceExhausted]
        return scenario
    }

    /// The last layer fails for good: retries may not multiply from layer to layer.
    static var downLayer: MeshScenario {
        var scenario = MeshScenario("mesh: the last layer fails", in: threeLayers)
        scenario.shareOfSeeds = 0.1
        scenario.town.callers[0].calls = ["sim.a.A/Read"]
        scenario.town.callers[0].callsPerSecond = 40
        scenario.town.callers[0].cancelled = 0
        scenario.town.services[2].methods[0].failing = 0.3
        scenario.town.services[2].methods[0].maxInFlight = nil
        scenario.town.policy = MeshScenario.policy { service in
            service.retry = WeftPolicyV1.Retry()
            service.retry?.budgetPercent = 20
            service.retry?.budgetPerSecond = 0
            // The budget alone shall hold back retries.
            service.breaker = WeftPolicyV1.Breaker()
            service.breaker?.faultsInRow = 1000
            service.breaker?.leastSuccessPercent = 0
        }
        scenario.budget.perSecond = 0.2
        // A fifth is repeated at most, and by the layer nearest to the failure alone: not a fifth of a fifth more.
        scenario.mostRunsPerCall = 1.22
        scenario.mayFail = [.unavailable, .resourceExhausted]
        scenario.failsForGood = true
        return scenario
    }

    /// Operators change every policy while things break.
    static var policies: MeshScenario {
        var scenario = MeshScenario("mesh: policies change", in: threeLayers)
        scenario.shareOfSeeds = 0.1
        scenario.town.policy = policy { _ in }
        scenario.town.otherPolicies = otherPolicies
        scenario.faults = [
            MeshFault(.policy, times: 1...6), MeshFault(.failing, times: 0...2), MeshFault(.slow, times: 0...2),
            MeshFault(.deploy), MeshFault(.deployControl), MeshFault(.crashControl), MeshFault(.crashSidecar),
            MeshFault(.cutFromControl, times: 0...2),
        ]
        scenario.mayFail = [.unavailable, .resourceExhausted]
        return scenario
    }

    /// Without retries; with quick breakers and narrow bulkheads.
    private static var otherPolicies: [WeftPolicyV1.MeshPolicy] {
        [
            policy { service in
                service.retry = WeftPolicyV1.Retry()
                service.retry?.retries = 0
            },
            policy { service in
                service.breaker = WeftPolicyV1.Breaker()
                service.breaker?.faultsInRow = 2
                service.bulkhead = WeftPolicyV1.Bulkhead()
                service.bulkhead?.destinationMaxInFlight = 4
                service.bulkhead?.destinationMaxQueue = 2
            },
        ]
    }

    /// The same for every service of `threeLayers`.
    static func policy(_ say: (inout WeftPolicyV1.ServicePolicy) -> Void) -> WeftPolicyV1.MeshPolicy {
        var policy = WeftPolicyV1.MeshPolicy()
        policy.services = ["a", "b", "c"].map { name in
            var service = WeftPolicyV1.ServicePolicy()
            service.service = name
            say(&service)
            return service
        }
        return policy
    }

    /// Callers, and three services that call each other: a to b to c.
    static var threeLayers: Town {
        var town = Town("three layers")
        town.services = [
            TownService(
                "a", replicas: 2,
                methods: [
                    TownMethod("sim.a.A/Read", isIdempotent: true, calls: ["sim.b.B/Read"]),
                    TownMethod("sim.a.A/Write", calls: ["sim.b.B/Write"]),
                ]),
            TownService(
                "b", replicas: 2,
                methods: [
                    TownMethod("sim.b.B/Read", isIdempotent: true, timeout: .seconds(1), calls: ["sim.c.C/Read"]),
                    TownMethod("sim.b.B/Write", calls: ["sim.c.C/Write"]),
                ]),
            TownService(
                "c", replicas: 2,
                methods: [
                    TownMethod("sim.c.C/Read", isIdempotent: true, maxInFlight: 5, maxQueue: 5),
                    TownMethod("sim.c.C/Write", maxInFlight: 3, maxQueue: 2),
                ]),
        ]
        var caller = TownCaller("web", replicas: 2, calls: ["sim.a.A/Read", "sim.a.A/Write"], callsPerSecond: 10)
        caller.withDeadline = 0.8
        caller.timeout = .milliseconds(20)...(.seconds(3))
        caller.cancelled = 0.05
        town.callers = [caller]
        return town
    }
}
