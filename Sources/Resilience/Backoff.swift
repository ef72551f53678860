public import Timebase

/// How long to wait before a retry: anything from nothing to a bound that doubles, by chance alone ("full jitter").
///
///     retry 1: 0 ..< 25 ms     2: 0 ..< 50 ms     3: 0 ..< 100 ms     ...     at most 250 ms
///
/// Chance over the whole range spreads callers that failed together better than a fixed delay with a little noise does
/// (Brooker, "Exponential Backoff and Jitter", 2015). 25 and 250 ms are Envoy's and Linkerd's.
public struct Backoff: Sendable, Equatable {
    public var first: Duration
    public var longest: Duration

    public init(first: Duration = .milliseconds(25), longest: Duration = .milliseconds(250)) {
        self.first = first
        self.longest = longest
    }

    /// The most that `retry` (1 for the first) may wait.
    public func bound(retry: Int) -> Duration {
        // 2^20 times the first bound is beyond any longest one.
        min(first * (1 << min(max(retry - 1, 0), 20)), longest)
    }

    public func delay(retry: Int, _ chance: inout Chance) -> Duration {
        .nanoseconds(Int64(Double(bound(retry: retry).clampedNanoseconds) * chance.fraction()))
    }
}
