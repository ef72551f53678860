public import Exchange
import Resilience
public import Timebase

/// A fault in force: its rule, and what is left of its blast radius. All endpoints of a destination share it.
public final class FaultInjection: @unchecked Sendable {  // touched on its loop alone
    public let rule: FaultRule
    private let match: CallMatch
    private let wall: () -> WallTime
    private let struck: () -> Void
    @exclusivity(unchecked) private var gate: InjectionGate
    @exclusivity(unchecked) private var chance: Chance

    /// - Parameters:
    ///   - match: the rule's, as far as it is left to look at.
    ///   - struck: hears of each call that meets it, to count it.
    public init(
        _ rule: FaultRule, match: CallMatch, chance: Chance, wall: @escaping () -> WallTime,
        struck: @escaping () -> Void = {}
    ) {
        self.rule = rule
        self.match = match
        self.chance = chance
        self.wall = wall
        self.struck = struck
        gate = InjectionGate(share: rule.share, perSecond: rule.mostPerSecond, until: rule.until)
    }

    public func strikes(_ call: CallHead, at now: Instant) -> Bool {
        guard match.fits(call), gate.strikes(at: now, wall(), &chance) else { return false }
        struck()
        return true
    }
}
