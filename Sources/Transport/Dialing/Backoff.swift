import Timebase

/// When to dial again after failures: each wait longer than the one before, and no two pools in step.
///
/// The numbers are gRPC's (connection-backoff.md): 1 s, times 1.6, up to 120 s, +-20 %.
struct Backoff {
    private let base: Duration
    private let factor: Double
    private let limit: Duration
    private let jitter: Double
    private var chance: Chance
    private var failures = 0

    init(_ limits: ConnectionLimits, chance: Chance) {
        base = limits.backoffBase
        factor = limits.backoffFactor
        limit = limits.backoffLimit
        jitter = limits.backoffJitter
        self.chance = chance
    }

    mutating func nextDelay() -> Duration {
        var delay = base
        for _ in 0..<failures where delay < limit { delay = delay * factor }
        failures += 1
        return min(delay, limit) * (1 + jitter * (2 * chance.fraction() - 1))
    }

    mutating func reset() {
        failures = 0
    }
}
