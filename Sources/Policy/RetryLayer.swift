public import Exchange
public import Resilience
public import Timebase

/// Has calls tried again where that is provably safe, wanted by the server, and within the destination's budget.
///
/// Safe means that the attempt was never sent, or the peer did not process it, or the method is idempotent by its contract
/// (gRFC A6; DESIGN §6). It stands outside the balancer: each attempt picks anew.
public final class RetryLayer: Layer, @unchecked Sendable {  // touched on its loop alone
    public struct Limits: Sendable, Equatable {
        /// Attempts after the first.
        public var retries = 2
        public var backoff = Backoff()
        public var budget = RetryBudget.Limits()

        public init() {}
    }

    private let limits: Limits
    @exclusivity(unchecked) private var budget: RetryBudget
    @exclusivity(unchecked) private var chance: Chance

    public init(_ limits: Limits = Limits(), chance: Chance) {
        self.limits = limits
        self.chance = chance
        budget = RetryBudget(limits.budget)
    }

    public var repeatsCalls: Bool { limits.retries > 0 }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        if call.attempt == 1 { budget.began(at: now) }
        return .go()
    }

    public func ended(_ call: CallHead, token: UInt64, as outcome: Outcome, at now: Instant) -> Verdict {
        guard outcome.isReplayable, call.attempt <= limits.retries, Self.isSafe(outcome, call.method.policy) else {
            return .done
        }
        var delay = limits.backoff.delay(retry: call.attempt, &chance)
        switch outcome.pushback {
        case .never: return .done
        case .after(let asked): delay = asked
        case nil: break
        }
        guard DeadlineRule.allows(delay, before: call.deadline, at: now), budget.take(at: now) else { return .done }
        return .again(after: delay)
    }

    public func describe(_ call: CallHead, into state: inout StackState, at now: Instant) {
        state.budgetLeft = budget.left(at: now)
    }

    /// Whether a repetition cannot do what was done already. What a policy of this side refused is not repeated either: it
    /// would refuse again, a few milliseconds later.
    static func isSafe(_ outcome: Outcome, _ policy: MethodPolicy) -> Bool {
        switch (outcome.kind, outcome.failure?.reach) {
        case (.success, _), (.cancelled, _), (.refused, _): false
        case (_, .neverSent), (_, .notProcessed): true
        case (.fault, _): policy.isIdempotent
        case (.answered, _): false
        }
    }
}
