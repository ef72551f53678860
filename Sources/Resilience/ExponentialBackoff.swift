public import Timebase

/// How long to wait before a repetition: each wait longer than the one before, and no two callers in step.
///
///     nth wait = min(first × factor^(n - 1), longest) × (0.8 ... 1.2)
///
/// gRPC's form, for retries (gRFC A6) as for connections and look-ups (connection-backoff.md): 1 s, 1.6, 120 s.
public struct ExponentialBackoff: Sendable, Equatable {
    static let jitter = 0.2

    public var first: Duration
    public var longest: Duration
    public var factor: Double

    public init(first: Duration = .seconds(1), longest: Duration = .seconds(120), factor: Double = 1.6) {
        self.first = first
        self.longest = longest
        self.factor = factor
    }

    /// The wait before repetition `number`, which counts from 1.
    public func delay(_ number: Int, _ chance: inout Chance) -> Duration {
        let limit = Double(longest.clampedNanoseconds)
        var bound = min(Double(first.clampedNanoseconds), limit)
        // A factor of one or less never reaches the limit: what nobody repeats so often needs no more steps.
        for _ in 1..<max(2, min(number, 64)) where number > 1 && bound < limit { bound = min(bound * factor, limit) }
        return .nanoseconds(Int64(bound * (1 - Self.jitter + 2 * Self.jitter * chance.fraction())))
    }
}
