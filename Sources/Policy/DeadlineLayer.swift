public import Exchange
public import Resilience
public import Timebase

/// Bounds a call by what its caller left, what its contract allows and what this hop adds for callers that said nothing.
///
/// It stands outside the retries: attempts share one deadline.
public final class DeadlineLayer: Layer {
    private let rule: DeadlineRule

    /// With less than `least` remaining a call is refused: a hop and its answer take about as long.
    public init(fallback: Duration? = nil, least: Duration = DeadlineRule.least) {
        rule = DeadlineRule(fallback: fallback, least: least)
    }

    public var hearsEndings: Bool { false }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        switch rule.admit(asked: call.deadline, contract: call.method.policy.timeout, at: now) {
        case .by(let deadline):
            return .go(before: deadline)
        case .refused(let remaining):
            let left = max(remaining, .zero)
            return .refuse(
                Failure(
                    .admit, .deadlineBudget, subject: call.method.fullName,
                    detail: "\(left) remain, and a hop takes \(rule.least)", reach: .neverSent))
        }
    }
}
