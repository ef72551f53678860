public import Resilience
public import Timebase

/// The budget of one destination, which the retries and the hedges of its calls share.
///
/// Two budgets would be twice the load on a service that fails, and hedges are the dearer half: they come when it is slow.
public final class SharedRetryBudget: @unchecked Sendable {  // touched on its loop alone
    @exclusivity(unchecked) private var budget: RetryBudget
    /// Repetitions that it had nothing for.
    public private(set) var refusals = 0

    public init(_ limits: RetryBudget.Limits = RetryBudget.Limits()) {
        budget = RetryBudget(limits)
    }

    /// New limits; what was taken stays taken.
    public func replace(_ limits: RetryBudget.Limits) {
        budget.replace(limits)
    }

    /// What is left now.
    public func left(at now: Instant) -> Int { budget.left(at: now) }

    func began(at now: Instant) {
        budget.began(at: now)
    }

    func take(at now: Instant) -> Bool {
        let isTaken = budget.take(at: now)
        if !isTaken { refusals &+= 1 }
        return isTaken
    }
}
