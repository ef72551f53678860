import Timebase

/// What even quick calls take: about a tenth of the calls that succeeded took less.
///
///     succeeded, quicker ──▶ down by 9/256       succeeded, slower ──▶ up by 1/256
///     refused for it     ──▶ down by 1/128       ran out of time   ──▶ up by 1/8
///
/// A call that has less time left than this has no chance worth its work. The tenth and not the median: where some answers
/// come from a cache, the median would refuse all of those too. Steps with these ratios settle where a tenth is quicker
/// (Ma, Muthukrishnan and Sandler, "Frugal Streaming for Estimating Quantiles", 2013), without a list of samples. A refusal
/// lowers it, so that about one call in sixteen goes on and finds out whether it is still so.
struct QuickestTenth: Sendable {
    /// Fewer calls say little.
    static let leastCalls: UInt8 = 50
    /// What takes longer waits for something to happen: a stream, a long poll. Those answer by their caller's deadline, and how
    /// long others took says nothing about them.
    static let longest: Int64 = 1_000_000_000

    private var nanoseconds: Int64 = 0
    private var seen: UInt8 = 0

    /// Whether a call with so much time left may succeed. With no, it was refused.
    mutating func mayFinish(within remaining: Duration) -> Bool {
        guard seen >= Self.leastCalls, nanoseconds <= Self.longest, remaining.clampedNanoseconds < nanoseconds else {
            return true
        }
        nanoseconds -= nanoseconds >> 7
        return false
    }

    mutating func succeeded(after elapsed: Int64) {
        if seen < Self.leastCalls { seen += 1 }
        if nanoseconds == 0 {
            nanoseconds = elapsed
        } else if elapsed < nanoseconds {
            nanoseconds -= (nanoseconds >> 8) * 9
        } else {
            nanoseconds += nanoseconds >> 8
        }
    }

    mutating func ranOut(after elapsed: Int64) {
        if elapsed >= nanoseconds { nanoseconds += nanoseconds >> 3 }
    }

    var duration: Duration { .nanoseconds(nanoseconds) }
}
