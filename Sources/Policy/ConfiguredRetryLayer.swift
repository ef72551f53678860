public import Exchange
import Resilience
public import Timebase

/// Has calls tried again as their method's configuration says, and unseen by anybody where no peer processed an attempt.
///
///     never sent ──▶ at once, as often as it takes            ┐ not counted, not throttled
///     refused by the peer, unprocessed ──▶ at once, one time   ┘ ("transparent retries")
///     a status of the plan, replayable, attempts and tokens left, the server does not mind ──▶ after the backoff
///
/// Source: gRFC A6. It stands outside the picker: each attempt picks anew, and a call whose connection could not be made
/// waits or fails there, so that "as often as it takes" does not spin.
public final class ConfiguredRetryLayer: Layer, @unchecked Sendable {  // touched on its loop alone
    /// Whoever could not even send a call so often will not: each time there was a connection that looked ready.
    static let mostUnseen = 16

    private let throttle: CallThrottle
    @exclusivity(unchecked) private var chance: Chance

    public init(_ throttle: CallThrottle, chance: Chance) {
        self.throttle = throttle
        self.chance = chance
    }

    public var repeatsCalls: Bool { true }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission { .go() }

    public func ended(_ call: CallHead, token: UInt64, as outcome: Outcome, at now: Instant) -> Verdict {
        switch outcome.kind {
        case .success, .cancelled, .refused: break
        case .fault, .answered: if outcome.isReplayable, mayRepeatUnseen(call, outcome) { return .transparently }
        }
        guard case .retry(let plan) = call.method.policy.attempts else { return .done }
        return verdict(on: outcome, of: call, plan, at: now)
    }

    private func mayRepeatUnseen(_ call: CallHead, _ outcome: Outcome) -> Bool {
        switch outcome.failure?.reach {
        // A full queue stays full for a while: it is not asked again.
        case .neverSent: outcome.failure?.phase != .queue && call.unseenAttempts < Self.mostUnseen
        case .notProcessed: !call.wasRefusedUnprocessed
        case .unknown, nil: false
        }
    }

    private func verdict(on outcome: Outcome, of call: CallHead, _ plan: RetryPlan, at now: Instant) -> Verdict {
        switch outcome.kind {
        case .success:
            throttle.succeeded()
            return .done
        case .cancelled:
            return .done
        case .fault, .answered, .refused:
            break
        }
        let isWorthIt = plan.statuses.contains(status: outcome.status)
        // What this side refused says nothing about the server, and costs it nothing.
        if outcome.kind != .refused, isWorthIt || outcome.pushback == .never { throttle.failed() }
        guard isWorthIt, outcome.isReplayable, call.attempt < plan.maxAttempts, throttle.allows else { return .done }
        let delay: Duration
        switch outcome.pushback {
        case .never: return .done
        case .after(let asked): delay = asked
        case nil: delay = backoff(plan, call)
        }
        return DeadlineRule.allows(delay, before: call.deadline, at: now) ? .again(after: delay) : .done
    }

    /// After a server's pushback the backoff begins anew.
    private func backoff(_ plan: RetryPlan, _ call: CallHead) -> Duration {
        ExponentialBackoff(first: plan.initialBackoff, longest: plan.maxBackoff, factor: plan.backoffMultiplier)
            .delay(call.attempt - call.pushedBackAt, &chance)
    }
}
