public import Exchange
public import Timebase

/// Hedges calls as their method's configuration says, while the server's throttle allows it (gRFC A6).
public final class ConfiguredHedging: Hedging {
    private let throttle: CallThrottle

    public init(_ throttle: CallThrottle) {
        self.throttle = throttle
    }

    public func plan(for call: CallHead) -> HedgePlan? {
        guard case .hedge(let plan) = call.method.policy.attempts else { return nil }
        return plan
    }

    public func mayHedge(_ call: CallHead, at now: Instant) -> Bool { throttle.allows }

    public func ended(_ call: CallHead, as outcome: Outcome, at now: Instant) {
        switch outcome.kind {
        case .success:
            throttle.succeeded()
        case .cancelled, .refused:
            break
        case .fault, .answered:
            guard let plan = plan(for: call) else { return }
            if plan.nonFatal.contains(status: outcome.status) || outcome.pushback == .never { throttle.failed() }
        }
    }
}
