internal import Exchange
internal import MeshAPI
internal import Policy
internal import Resilience

extension RetryLayer.Limits {
    init(_ said: WeftPolicyV1.Retry, _ reader: inout PolicyReader) {
        self.init()
        if let count = reader.count(said.retries, "retries", in: 0...5) { retries = count }
        if let share = reader.share(said.budgetPercent, "budget_percent") { budget.share = share }
        if let rate = said.budgetPerSecond {
            if (0...1000).contains(rate) {
                budget.perSecond = rate
            } else {
                reader.fault("budget_per_second", "\(rate) is not in 0...1000")
            }
        }
        if let first = reader.duration(said.backoff, "backoff") { backoff.first = first }
        if let longest = reader.duration(said.longestBackoff, "longest_backoff") { backoff.longest = longest }
        if backoff.longest < backoff.first {
            reader.fault("longest_backoff", "it is shorter than the first, \(backoff.first)")
        }
    }
}

extension HedgeRule {
    init(_ said: WeftPolicyV1.Hedge, _ reader: inout PolicyReader) {
        self.init()
        if said.maxAttempts != 0, let count = reader.count(said.maxAttempts, "max_attempts", in: 2...5) {
            maxAttempts = count
        }
        delay = reader.duration(said.delay, "delay")
    }
}
