public import Timebase

/// How often somebody may call: a leaky bucket that is one instant.
///
///     arrives before `due` − leeway ──▶ refused, until then
///     arrives later                 ──▶ goes on, and `due` moves on by one interval
///
/// The generic cell rate algorithm (ITU-T I.371, annex A): `due` is when the next call would come if calls came evenly. It
/// counts like a token bucket, needs eight bytes and no refilling, and knows exactly when a refused caller may come back. A
/// bucket whose `due` lies in the past is as good as a new one: forgetting it loses nothing.
public struct RateLimit: Sendable, Equatable {
    /// So many calls in a period, of which so many may come at once.
    public let calls: Double
    public let period: Duration
    public let burst: Int
    /// Nanoseconds from one call to the next, if they come evenly.
    private let interval: Int64
    /// Nanoseconds that calls may come early: one interval for each call of a burst after its first.
    private let leeway: Int64

    /// The longest time from one call to the next: a call a day. A slower limit is a ban.
    public static let longestInterval: Duration = .seconds(86_400)
    /// The most that a burst may hold, so that the leeway stays within what an instant can hold.
    public static let mostBurst = 100_000

    /// - Parameters:
    ///   - calls: how many in `period`, above 0
    ///   - burst: how many may come at once; what comes in a tenth of the period if nil, and at least one
    public init(calls: Double, per period: Duration = .seconds(1), burst: Int? = nil) {
        let longest = Double(Self.longestInterval.clampedNanoseconds)
        let nanoseconds = Double(period.clampedNanoseconds) / calls
        interval = Int64(min(max(1, nanoseconds.isFinite ? nanoseconds : longest), longest).rounded())
        self.calls = calls
        self.period = period
        self.burst = min(max(1, burst ?? Int(min(calls / 10, Double(Self.mostBurst)))), Self.mostBurst)
        leeway = interval * Int64(self.burst - 1)
    }

    /// Where a caller stands: when its next call would come if they came evenly.
    public struct Bucket: Sendable, Equatable {
        var due = Instant(nanoseconds: .min)

        public init() {}

        /// It says nothing: a new one would answer the same.
        public func isIdle(at now: Instant) -> Bool { due <= now }
    }

    public enum Answer: Sendable, Equatable {
        case go
        /// A call after so long would go on.
        case refused(retryAfter: Duration)
    }

    /// Whether a call may go on. It takes nothing yet: where several limits hold, all must agree first.
    public func ask(_ bucket: Bucket, at now: Instant) -> Answer {
        let early = max(bucket.due, now).nanoseconds - now.nanoseconds - leeway
        return early <= 0 ? .go : .refused(retryAfter: .nanoseconds(early))
    }

    /// The call goes on.
    public func take(from bucket: inout Bucket, at now: Instant) {
        bucket.due = Instant(nanoseconds: max(bucket.due, now).nanoseconds + interval)
    }
}
