public import Exchange
public import Resilience
public import Timebase

/// Keeps calls away from one endpoint while it looks ill.
///
/// Only the endpoint's own faults count: a caller's mistakes, refusals on this side and callers that left are no news.
public final class BreakerLayer: Layer, @unchecked Sendable {  // touched on its loop alone
    /// The token of a call that passed in panic: its ending is no probe.
    private static let unasked = UInt64.max

    public let endpoint: String
    @exclusivity(unchecked) private var breaker: CircuitBreaker
    @exclusivity(unchecked) private var chance: Chance
    private let changed: (BreakerLayer) -> Void

    /// `changed` hears of each change of phase, for logs, metrics and the slow start after an illness.
    public init(
        of endpoint: String, _ limits: CircuitBreaker.Limits = CircuitBreaker.Limits(), chance: Chance,
        changed: @escaping (BreakerLayer) -> Void = { _ in }
    ) {
        self.endpoint = endpoint
        breaker = CircuitBreaker(limits)
        self.chance = chance
        self.changed = changed
    }

    public var phase: CircuitBreaker.Phase { breaker.phase }
    public var lastTrip: String { breaker.lastTrip }

    public func isUsable(at now: Instant) -> Bool { breaker.isUsable(at: now) }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        if call.isPanic { return .go(token: Self.unasked) }
        let before = breaker.phase
        switch breaker.admit(at: now) {
        case .allowed(let permit):
            if breaker.phase != before { changed(self) }
            return .go(token: permit.generation)
        case .refused(let until):
            return .refuse(
                Failure(
                    .limit, .breakerOpen, subject: endpoint,
                    detail: "\(breaker.lastTrip); next try in \(now.duration(to: until).milliseconds) ms",
                    reach: .neverSent))
        }
    }

    public func ended(_ call: CallHead, token: UInt64, as outcome: Outcome, at now: Instant) -> Verdict {
        guard token != Self.unasked else { return .done }
        let permit = CircuitBreaker.Permit(generation: token)
        if breaker.record(Self.report(outcome.kind), permit: permit, at: now, chance: &chance) { changed(self) }
        return .done
    }

    public func describe(_ call: CallHead, into state: inout StackState, at now: Instant) {
        state.breaker = breaker.phase.rawValue
    }

    static func report(_ kind: Outcome.Kind) -> CircuitBreaker.Report {
        switch kind {
        case .success, .answered: .success
        case .fault: .fault
        case .cancelled, .refused: .noNews
        }
    }
}

extension Duration {
    var milliseconds: Int64 { clampedNanoseconds / 1_000_000 }
}
