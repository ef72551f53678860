public import Timebase

/// Keeps failures that are made on purpose within their blast radius: a share of the calls, so many a second, and no longer
/// than until the time that somebody set.
///
///     call ──until over?──▶ no ──share?──▶ no ──a token left?──▶ no ──▶ goes on
///                                                           └──yes──▶ meets the fault
public struct InjectionGate: Sendable {
    private let share: Double
    private let perSecond: Double
    private let until: WallTime
    private var tokens: Double
    private var filledAt: Instant?

    /// - Parameter share: of the calls that are asked about, 0 to 1.
    public init(share: Double, perSecond: Double, until: WallTime) {
        self.share = share
        self.perSecond = perSecond
        self.until = until
        tokens = max(1, perSecond)
    }

    public func isOver(_ wall: WallTime) -> Bool { wall >= until }

    /// Whether this call meets the fault.
    public mutating func strikes(at now: Instant, _ wall: WallTime, _ chance: inout Chance) -> Bool {
        guard !isOver(wall), share >= 1 || chance.fraction() < share else { return false }
        if let filledAt {
            tokens = min(max(1, perSecond), tokens + filledAt.duration(to: now).inSeconds * perSecond)
        }
        filledAt = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
