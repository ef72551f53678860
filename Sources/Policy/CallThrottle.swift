public import Resilience

/// The throttle of one server, which retries and hedges of all its methods share. nil throttles nothing.
public final class CallThrottle: @unchecked Sendable {  // touched on its loop alone
    @exclusivity(unchecked) private var throttle: RetryThrottle?

    public init(_ throttle: RetryThrottle? = nil) {
        self.throttle = throttle
    }

    /// A new configuration came; what was counted by the same one is kept.
    public func replace(_ new: RetryThrottle?) { throttle = new }

    public var allows: Bool { throttle?.allows ?? true }
    func failed() { throttle?.failed() }
    func succeeded() { throttle?.succeeded() }
}
