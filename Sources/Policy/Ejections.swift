public import Resilience
public import Timebase

/// Bounds how many endpoints of one destination its breakers leave alone at the same time.
///
///     tripped, room left ──▶ ejected        tripped, no room ──▶ spared: calls go on, and it is told
///
/// Breakers judge endpoints one by one, and when a database behind all of them dies, all of them look ill: leaving them all
/// alone would turn a part of failures into nothing but failures (Envoy's `max_ejection_percent`). Operators that force a
/// breaker open mean it: they are counted and not bounded.
public final class Ejections: @unchecked Sendable {  // touched on its loop alone
    public private(set) var rule: BalancingRule
    private var breakers: [BreakerLayer] = []

    public init(_ rule: BalancingRule = BalancingRule()) {
        self.rule = rule
    }

    func enter(_ breaker: BreakerLayer) {
        breakers.append(breaker)
    }

    /// The endpoint is gone: it counts neither as one that is left alone nor as one that could be.
    public func remove(_ breaker: BreakerLayer, at now: Instant) {
        breakers.removeAll { $0 === breaker }
        settle(at: now)
    }

    /// The destination is gone: breakers and this object let go of each other.
    public func removeAll() {
        breakers = []
    }

    public func replace(_ rule: BalancingRule, at now: Instant) {
        self.rule = rule
        settle(at: now)
    }

    /// Endpoints that are left alone now.
    public func count(at now: Instant) -> Int { breakers.count { $0.isEjecting(at: now) } }

    public var most: Int { rule.mostEjected(of: breakers.count) }

    /// Whether one more of them, `breaker` itself, may be left alone.
    func haveRoom(for breaker: BreakerLayer, at now: Instant) -> Bool {
        breakers.count { $0 !== breaker && $0.isEjecting(at: now) } < most
    }

    /// With fewer endpoints, or a smaller bound, some that are left alone need not be: those that were so longest, since they
    /// are likeliest to be well again.
    private func settle(at now: Instant) {
        let ejected = breakers.filter { $0.isEjecting(at: now) && !$0.isForced(at: now) }
            .sorted { $0.changedAt < $1.changedAt }
        let excess = count(at: now) - most
        for breaker in ejected.prefix(max(0, excess)) { breaker.spare(at: now) }
    }
}
