/// How the endpoints of a destination share its calls.
public struct BalancingRule: Sendable, Equatable {
    /// Until a new endpoint has its whole share.
    public var slowStart: Duration = .seconds(10)
    /// With a smaller part of usable endpoints than this, health is no longer believed.
    public var panicShare = 0.5
    /// The part of the endpoints that breakers may leave alone at the same time. One may always be: a fleet of one that fails
    /// gains nothing by being asked.
    public var mostEjected = 0.5

    public init() {}

    /// How many of so many endpoints may be left alone.
    public func mostEjected(of endpoints: Int) -> Int {
        max(1, Int(mostEjected * Double(endpoints)))
    }
}
