public import RPC
import Simulation
public import Timebase

/// A town, the calls in it, and what breaks: a test of the whole mesh in one value.
///
///     try MeshScenario.all[0].run(seed: 17)
public struct MeshScenario: Sendable, CustomStringConvertible {
    public var name: String
    public var town: Town
    /// For how long callers call.
    public var spread: Duration = .seconds(20)
    public var faults: [MeshFault] = []
    /// Codes that a call may end with beside OK, and CANCELLED and DEADLINE_EXCEEDED where its plan says so.
    public var mayFail: Set<StatusCode> = []
    /// After the last fault, every call must succeed again within so long: the longest cooldown of a breaker is 60 s, and
    /// chance stretches it by half.
    public var recovery: Duration = .seconds(120)
    /// What may go on top of the calls of one caller's sidecar to one service, as runs of handlers.
    public var budget = Budget()
    /// What any service may run for one call of a caller, where each method calls one other; nil for no such rule.
    public var mostRunsPerCall: Double?
    /// Handlers go on failing: that calls succeed again is not waited for.
    public var failsForGood = false
    /// The share of the seeds that are asked for which it is run with: it says less with each than one that breaks all.
    public var shareOfSeeds = 1.0
    /// What breaks at given times, beside what the seed breaks.
    var script: MeshForecast?
    package var planted = PlantedBugs()

    /// The retry budget of a sidecar and destination (DESIGN §6).
    public struct Budget: Sendable {
        public var share = 0.2
        public var perSecond = 3.0

        public init() {}
    }

    public init(_ name: String, in town: Town) {
        self.name = name
        self.town = town
    }

    public var description: String { name }
}

/// What a run came to.
public struct MeshReport: Sendable {
    public let seed: UInt64
    public let digest: UInt64
    public let calls: Int
    public let handlers: Int
    /// `OK 310, UNAVAILABLE 4`
    public let summary: String
    /// How long the run took in its own time.
    public let time: Duration
    package let rows: [MeshRow]
    package let trips: [String: Int]
    /// Attempts after the first, by caller and method: `edge sim.a.A/Read`.
    package let retries: [String: Int]
}

/// A run broke an invariant: which, when, and what had happened before.
public struct MeshViolation: Error, CustomStringConvertible, Sendable {
    public let scenario: String
    public let seed: UInt64
    public let at: Instant
    public let complaints: [String]
    /// The last lines of the chronicle.
    public let transcript: [String]

    public var description: String {
        let lines = transcript.map { "    \($0)" }.joined(separator: "\n")
        return "\(scenario), seed \(seed), at \(Double(at.nanoseconds) / 1e9) s:\n"
            + complaints.map { "  - \($0)\n" }.joined() + lines
    }
}
