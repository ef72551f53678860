public import Exchange
public import Timebase

/// Tells somebody how every call ended: the outermost layer, for access logs and metrics.
///
/// What to count is decided by who assembles the stack; label sets stay closed because a `MethodEntry` is one of a closed
/// table and outcomes are few.
public final class AccessLogLayer: Layer, @unchecked Sendable {  // touched on its loop alone
    private let began: (CallHead) -> Void
    private let report: (CallHead, Outcome) -> Void
    @exclusivity(unchecked) public private(set) var inFlight = 0

    public init(
        began: @escaping (CallHead) -> Void = { _ in }, ended: @escaping (CallHead, Outcome) -> Void
    ) {
        self.began = began
        report = ended
    }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        inFlight += 1
        began(call)
        return .go()
    }

    public func ended(_ call: CallHead, token: UInt64, as outcome: Outcome, at now: Instant) -> Verdict {
        inFlight -= 1
        report(call, outcome)
        return .done
    }
}
