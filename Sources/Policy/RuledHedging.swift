import Bytes
public import Exchange
import Resilience
public import Timebase

/// Hedges calls to methods without side effects where a rule asks for it, out of the budget that retries have too.
///
///     first attempt ──▶ nothing heard for the rule's delay, or the method's p95, and budget left ──▶ another elsewhere
///
/// Until enough calls were seen to know the p95 nothing is hedged. A call that somebody has repeated already, here or further
/// out, is not hedged: it would be multiplied.
public final class RuledHedging: Hedging, @unchecked Sendable {  // touched on its loop alone
    /// Which part of the calls shall have its answer without a hedge.
    static let part = 0.95
    /// Sooner than this a hedge would meet its own answer.
    static let leastDelay: Duration = .milliseconds(1)
    /// More methods than operators write rules for; those beyond are hedged by given delays alone.
    static let mostMethods = 512

    private let budget: SharedRetryBudget
    private let nonFatal: StatusSet
    /// Attempts that were begun beside a first one.
    private var hedges = 0
    private var latencies: [String: LatencyQuantile] = [:]

    /// `nonFatal`: an attempt that ends so is one less; any other ending is the call's.
    public init(_ budget: SharedRetryBudget, nonFatal: StatusSet) {
        self.budget = budget
        self.nonFatal = nonFatal
    }

    public func plan(for call: CallHead) -> HedgePlan? {
        let policy = call.method.policy
        guard let rule = policy.hedge, policy.hasNoSideEffects, call.attempt == 1, !isRepetition(call) else {
            return nil
        }
        if let delay = rule.delay { return HedgePlan(maxAttempts: rule.maxAttempts, delay: delay, nonFatal: nonFatal) }
        guard let usual = latencies[call.method.fullName]?.time(under: Self.part) else {
            // One attempt, which is measured.
            return HedgePlan(maxAttempts: 1, delay: .zero, nonFatal: nonFatal)
        }
        return HedgePlan(maxAttempts: rule.maxAttempts, delay: max(usual, Self.leastDelay), nonFatal: nonFatal)
    }

    public func mayHedge(_ call: CallHead, at now: Instant) -> Bool {
        let isTaken = budget.take(at: now)
        if isTaken { hedges &+= 1 }
        return isTaken
    }

    public func describe(_ call: CallHead, into state: inout StackState, at now: Instant) {
        state.hedges = hedges
        state.budgetLeft = budget.left(at: now)
    }

    public func ended(_ call: CallHead, as outcome: Outcome, at now: Instant) {}

    /// Where a hedge won, the first attempt would have taken longer than this: it counts as at least so slow. It began before
    /// the hedge did, so that the part of calls above the p95 comes out right.
    public func answered(_ call: CallHead, after elapsed: Duration, byFirst isFirst: Bool, at now: Instant) {
        guard call.method.policy.hedge?.delay == nil else { return }
        let name = call.method.fullName
        guard latencies[name] != nil || latencies.count < Self.mostMethods else { return }
        latencies[name, default: LatencyQuantile()].record(elapsed)
    }

    private func isRepetition(_ call: CallHead) -> Bool {
        call.request.withValue(.grpcPreviousAttempts, { _ in true }) == true
    }
}
