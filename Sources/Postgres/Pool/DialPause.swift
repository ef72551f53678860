import Timebase

/// How long to wait between dials to a database that cannot be reached: doubling, give or take a fifth, so that the replicas
/// of a service do not knock all at once.
struct DialPause {
    private let first: Duration
    private let longest: Duration
    private var next: Duration

    init(_ limits: PostgresLimits) {
        first = limits.firstPause
        longest = limits.longestPause
        next = limits.firstPause
    }

    mutating func afterFailure(_ chance: inout Chance) -> Duration {
        defer { next = min(next * 2, longest) }
        return next * (0.8 + 0.4 * chance.fraction())
    }

    mutating func reset() {
        next = first
    }
}
