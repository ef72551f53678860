public import Exchange
public import Timebase

/// Bounds one attempt. It stands inside the retries, so that another attempt starts afresh, and inside the queue.
public final class AttemptTimeoutLayer: Layer {
    private let fallback: Duration?

    /// `fallback` is for methods whose contract says nothing; nil leaves their attempts the call's whole time.
    public init(fallback: Duration? = nil) {
        self.fallback = fallback
    }

    public var hearsEndings: Bool { false }
    public var judgesUse: Bool { false }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        guard let timeout = call.method.policy.attemptTimeout ?? fallback else { return .go() }
        return .go(before: now.advanced(by: timeout))
    }
}
