import RPC
import Simulation
import Timebase

extension MeshScenario {
    /// What `make simulate` runs.
    public static var all: [MeshScenario] { [calm, mesh] }

    /// Nothing breaks, and every call succeeds.
    static var calm: MeshScenario {
        var scenario = MeshScenario("mesh: nothing breaks", in: threeLayers)
        scenario.spread = .seconds(5)
        scenario.town.callers[0].cancelled = 0
        scenario.town.callers[0].withDeadline = 1
        scenario.town.callers[0].timeout = .seconds(3)...(.seconds(3))
        return scenario
    }

    /// Everything breaks, once in a while.
    static var mesh: MeshScenario {
        var scenario = MeshScenario("mesh: everything breaks", in: threeLayers)
        scenario.faults = MeshFault.all
        scenario.mayFail = [.unavailable, .resourceExhausted]
        return scenario
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
