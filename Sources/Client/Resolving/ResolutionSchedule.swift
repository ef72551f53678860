import Resilience
import Timebase

/// When a name is looked up: at first, when its addresses fail, now and then, and never in a hurry.
///
///     idle ──wanted──▶ due ──began──▶ running ──succeeded──▶ rested (30 s) ──▶ idle     again after the longest rest
///                       ▲                └──failed──▶ backing off (1 s, x 1.6, ... 120 s) ──┐
///                       └───────────────────────────────────────────────────────────────────┘
///
/// What is wanted while a look-up runs is answered by it; what is wanted while it rests is done when the rest is over.
/// The floor of 30 s is that of gRPC's DNS resolver: a thousand clients of a service that restarts must not become a
/// thousand questions a second.
struct ResolutionSchedule {
    static let shortestRest: Duration = .seconds(30)

    /// Addresses that nobody complains of are looked up again after so long, so that new ones are found.
    let longestRest: Duration
    private let backoff = ExponentialBackoff()
    private(set) var isRunning = false
    private var failures = 0
    private var restsUntil: Instant?
    private var isWanted = false
    private var refreshesAt: Instant?

    init(longestRest: Duration) {
        self.longestRest = max(longestRest, Self.shortestRest)
    }

    /// When the next look-up begins; nil: not before it is wanted, or the one that runs has ended.
    func due(at now: Instant) -> Instant? {
        if isRunning { return nil }
        if isWanted { return max(restsUntil ?? now, now) }
        return refreshesAt
    }

    mutating func wanted() {
        if !isRunning { isWanted = true }
    }

    mutating func began() {
        isRunning = true
        isWanted = false
        refreshesAt = nil
    }

    mutating func succeeded(at now: Instant) {
        isRunning = false
        failures = 0
        restsUntil = now.advanced(by: Self.shortestRest)
        refreshesAt = now.advanced(by: longestRest)
    }

    mutating func failed(at now: Instant, _ chance: inout Chance) {
        isRunning = false
        failures += 1
        restsUntil = now.advanced(by: backoff.delay(failures, &chance))
        isWanted = true
    }
}
