/// A point on a monotonic clock, in nanoseconds since that clock's own zero.
///
/// It says nothing about the time of day, and instants of different clocks do not compare. Core targets take `now` as an
/// argument and never read a clock, so that a test or a simulation decides what time it is.
public struct Instant: Comparable, Hashable, Sendable {
    /// Nanoseconds since the clock's zero.
    public var nanoseconds: Int64

    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Later than every instant that a clock will show.
    public static let distantFuture = Instant(nanoseconds: .max)

    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant that lies `duration` after this one, clamped to what an instant can hold.
    @inlinable
    public func advanced(by duration: Duration) -> Instant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.clampedNanoseconds)
        if overflow {
            return Instant(nanoseconds: duration < .zero ? .min : .max)
        }
        return Instant(nanoseconds: sum)
    }

    /// The time from this instant to `other`: negative when `other` is earlier.
    @inlinable
    public func duration(to other: Instant) -> Duration {
        let (difference, overflow) = other.nanoseconds.subtractingReportingOverflow(nanoseconds)
        return .nanoseconds(overflow ? (other > self ? Int64.max : Int64.min) : difference)
    }
}

extension Duration {
    /// The duration in whole nanoseconds, clamped to 64 bits (292 years).
    ///
    /// One division of 128 bits by 64: `components` needs two by 128, and every call converts durations a dozen times.
    @inlinable
    public var clampedNanoseconds: Int64 {
        let attoseconds = self.attoseconds
        let high = Int64(truncatingIfNeeded: attoseconds >> 64)
        // Half a billion times 2^64 is a billion times 2^63: outside of it the quotient has more than 64 bits.
        guard (-500_000_000..<500_000_000).contains(high) else { return attoseconds < 0 ? .min : .max }
        return Int64(1_000_000_000).dividingFullWidth((high, UInt64(truncatingIfNeeded: attoseconds))).quotient
    }

    /// The duration as a fraction of seconds, for logs and metrics.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
