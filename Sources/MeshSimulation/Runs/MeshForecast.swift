import RPC
import Simulation
import Timebase

/// What somebody asks about a mesh before it happens: how it fares while services fail, are slow, or die.
///
///     var forecast = MeshForecast(of: town)
///     forecast.failing["orders"] = 0.3
///     forecast.kills = [.init("progress-1", at: .seconds(10))]
///     let report = try forecast.run(seed: 1)
///
/// It is a scenario like any other, with what breaks said by hand, and told in figures. A town that breaks for good is no
/// violation: every invariant but the recovery holds.
public struct MeshForecast: Sendable {
    public var town: Town
    public var spread: Duration = .seconds(60)
    /// The share of calls that the handlers of a service or of a replica fail.
    public var failing: [String: Double] = [:]
    /// How much longer the handlers of a service or of a replica take.
    public var slow: [String: Duration] = [:]
    public var kills: [Kill] = []

    /// A replica dies, with its sidecar, and is started again.
    public struct Kill: Sendable, Equatable {
        public var instance: String
        public var at: Duration
        public var down: Duration

        public init(_ instance: String, at: Duration, for down: Duration = .seconds(1)) {
            self.instance = instance
            self.at = at
            self.down = down
        }
    }

    public init(of town: Town) {
        self.town = town
    }

    public func run(seed: UInt64) throws -> MeshReport {
        var scenario = MeshScenario(town.name, in: town)
        scenario.spread = spread
        scenario.mayFail = Set(StatusCode.allCases)
        scenario.failsForGood = true
        // Whatever the policies allow is allowed.
        scenario.budget.share = .infinity
        scenario.script = self
        return try scenario.run(seed: seed)
    }
}
