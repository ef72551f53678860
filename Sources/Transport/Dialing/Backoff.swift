import Timebase

/// When to dial again after failures: each wait longer than the one before, and no two pools in step.
///
/// The numbers are gRPC's (connection-backoff.md): 1 s, times 1.6, up to 120 s, +-20 %.
struct Backoff {
    private let limits: ConnectionLimits
    private var chance: Chance
    private var failures = 0

    init(_ limits: ConnectionLimits, chance: Chance) {
        self.limits = limits
        self.chance = chance
    }

    mutating func nextDelay() -> Duration {
        var delay = limits.backoffBase
        for _ in 0..<failures where delay < limits.backoffLimit { delay = delay * limits.backoffFactor }
        failures += 1
        let jitter = 1 + limits.backoffJitter * (2 * chance.fraction() - 1)
        return min(delay, limits.backoffLimit) * jitter
    }

    mutating func reset() {
        failures = 0
    }
}
