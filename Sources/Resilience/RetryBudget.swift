public import Timebase

/// How many retries (and hedges) a destination may get on top of its calls.
///
///     allowed while   retries of the last 10 s  <  20 % of the calls of the last 10 s  +  3 a second
///
/// The share keeps a mesh that fails from being drowned by its own retries: with every endpoint down, load grows by a fifth
/// and not by the number of attempts. The floor lets a quiet caller retry at all. (Envoy's and the Gateway API's 20 %;
/// Finagle's floor.)
public struct RetryBudget: Sendable {
    public struct Limits: Sendable, Equatable {
        public var share = 0.2
        public var perSecond = 3.0

        public init() {}
    }

    public private(set) var limits: Limits
    /// All calls; those that were retries count.
    private var window = CallWindow()

    public init(_ limits: Limits = Limits()) {
        self.limits = limits
    }

    /// New limits; what was taken stays taken.
    public mutating func replace(_ limits: Limits) {
        self.limits = limits
    }

    /// A call began (not an attempt of one).
    public mutating func began(at now: Instant) {
        window.record(counts: false, at: now)
    }

    /// Takes one retry out of the budget, if there is one.
    public mutating func take(at now: Instant) -> Bool {
        guard left(at: now) >= 1 else { return false }
        window.count(at: now)
        return true
    }

    /// How many retries there are left now.
    public mutating func left(at now: Instant) -> Int {
        let allowed = limits.share * Double(window.calls(at: now)) + limits.perSecond * Double(CallWindow.seconds)
        return max(0, Int(allowed.rounded(.down)) - window.countedCalls(at: now))
    }
}
