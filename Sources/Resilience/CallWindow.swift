public import Timebase

/// How many calls of the last ten seconds there were, and how many of them counted (as faults, as retries).
///
/// Ten buckets of one second in a ring, kept inline, and their sums: recording is an addition, asking is a look, nothing is
/// allocated, and what is older than the window falls out a second at a time. Ten seconds is the window of Envoy's outlier detection, of Linkerd's
/// success rate and of the Gateway API's retry budget.
public struct CallWindow: Sendable {
    /// How many buckets of one second the window has.
    public static let seconds: Int64 = 10

    private var totals = InlineArray<10, UInt32>(repeating: 0)
    private var counted = InlineArray<10, UInt32>(repeating: 0)
    /// The sums of both.
    private var total = 0
    private var totalCounted = 0
    /// The second in which the newest bucket lies.
    private var newest: Int64 = .min

    public init() {}

    /// Notes one call. `counts` says whether it is one of those that the window's owner looks for.
    public mutating func record(counts: Bool, at now: Instant) {
        let bucket = advance(to: now)
        totals[bucket] &+= 1
        total &+= 1
        guard counts else { return }
        counted[bucket] &+= 1
        totalCounted &+= 1
    }

    /// Notes that a call counts which was recorded before, without being another call.
    public mutating func count(at now: Instant) {
        counted[advance(to: now)] &+= 1
        totalCounted &+= 1
    }

    public mutating func calls(at now: Instant) -> Int {
        advance(to: now)
        return total
    }

    public mutating func countedCalls(at now: Instant) -> Int {
        advance(to: now)
        return totalCounted
    }

    public mutating func clear() {
        self = CallWindow()
    }

    /// Empties the buckets of the seconds that passed since the last call, and says which one is now's.
    @discardableResult
    private mutating func advance(to now: Instant) -> Int {
        let second = now.nanoseconds / 1_000_000_000
        if second > newest {
            let isAllOld = newest == .min || second - newest >= Self.seconds
            var empty = isAllOld ? second - Self.seconds + 1 : newest + 1
            while empty <= second {
                let bucket = Self.bucket(of: empty)
                total &-= Int(totals[bucket])
                totalCounted &-= Int(counted[bucket])
                totals[bucket] = 0
                counted[bucket] = 0
                empty += 1
            }
            newest = second
        }
        return Self.bucket(of: newest)
    }

    private static func bucket(of second: Int64) -> Int {
        let rest = Int(second % seconds)
        return rest < 0 ? rest + Int(seconds) : rest
    }
}
