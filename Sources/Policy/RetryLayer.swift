import Bytes
public import Exchange
public import Resilience
public import Timebase

/// Has calls tried again where that is provably safe, wanted by the server, and within the destination's budget.
///
///     worth another try, and safe ──attempts, time and budget left──▶ again, after the back-off or as the server says
///                                 └──nothing left──▶ spent: nobody further out shall try either
///
/// Safe means that the attempt was never sent, or the peer did not process it, or the method is idempotent by its contract
/// (gRFC A6; DESIGN §6). It stands outside the balancer: each attempt picks anew.
///
/// Only the layer nearest to a failure repeats. Of three layers that each try thrice, the last service would see 27 attempts of
/// one call. So an answer that this layer gives up on is marked (`weft-retries: spent`), and a marked answer, like one whose
/// server said never, is not repeated. And a call that somebody further out has repeated already is not repeated here after it
/// reached the service; where it never got there, nothing was multiplied.
public final class RetryLayer: Layer, @unchecked Sendable {  // touched on its loop alone
    public struct Limits: Sendable, Equatable {
        /// Attempts after the first.
        public var retries = 2
        public var backoff = Backoff()
        public var budget = RetryBudget.Limits()

        public init() {}
    }

    public private(set) var limits: Limits
    public let budget: SharedRetryBudget
    @exclusivity(unchecked) private var chance: Chance

    /// `budget` is the destination's; one of its own if nil.
    public init(_ limits: Limits = Limits(), budget: SharedRetryBudget? = nil, chance: Chance) {
        self.limits = limits
        self.chance = chance
        self.budget = budget ?? SharedRetryBudget(limits.budget)
    }

    public var repeatsCalls: Bool { limits.retries > 0 }

    /// New limits, with what was counted so far. A stack that holds this layer must be made anew, since it knows whether calls
    /// are repeated.
    public func replace(_ limits: Limits) {
        self.limits = limits
        budget.replace(limits.budget)
    }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        if call.attempt == 1 { budget.began(at: now) }
        return .go()
    }

    public func ended(_ call: CallHead, token: UInt64, as outcome: Outcome, at now: Instant) -> Verdict {
        switch outcome.kind {
        case .success, .cancelled: return .done
        // What a policy of this side refused is not repeated: it would refuse again, a few milliseconds later.
        case .refused: return call.attempt > 1 ? .spent : .done
        case .fault, .answered: break
        }
        guard limits.retries > 0, outcome.isReplayable, Self.isSafe(outcome, call.method.policy) else {
            return call.attempt > 1 ? .spent : .done
        }
        guard call.attempt <= limits.retries, !Self.multiplies(call, outcome) else { return .spent }
        let delay: Duration
        switch outcome.pushback {
        case .never: return .spent
        case .after(let asked): delay = asked
        case nil: delay = limits.backoff.delay(retry: call.attempt, &chance)
        }
        guard DeadlineRule.allows(delay, before: call.deadline, at: now), budget.take(at: now) else { return .spent }
        return .again(after: delay)
    }

    public func describe(_ call: CallHead, into state: inout StackState, at now: Instant) {
        state.budgetLeft = budget.left(at: now)
    }

    /// Whether a repetition cannot do what was done already.
    static func isSafe(_ outcome: Outcome, _ policy: MethodPolicy) -> Bool {
        switch (outcome.kind, outcome.failure?.reach) {
        case (.success, _), (.cancelled, _), (.refused, _): false
        case (_, .neverSent), (_, .notProcessed): true
        case (.fault, _): policy.isIdempotent
        case (.answered, _): false
        }
    }

    /// The call came as somebody's repetition, and reached the service again.
    private static func multiplies(_ call: CallHead, _ outcome: Outcome) -> Bool {
        switch outcome.failure?.reach {
        case .neverSent, .notProcessed: false
        case .unknown, nil: call.attempt == 1 && call.request.withValue(.grpcPreviousAttempts, { _ in true }) == true
        }
    }
}
