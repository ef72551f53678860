public import Timebase

/// Picks the less loaded of two endpoints that chance chose.
///
/// Two choices are nearly as good as looking at all, and unlike always taking the least loaded they do not send every
/// caller of a mesh to the same endpoint at once (Mitzenmacher, "The Power of Two Choices", 2001).
public enum TwoChoices {
    /// How often a candidate that has only a part of its share is passed over before one is taken as it comes.
    static let mostDraws = 8

    /// The position of the pick in `0 ..< count`, which must not be empty. `share` says how often one may be a candidate.
    public static func pick(
        count: Int, _ chance: inout Chance, share: (Int) -> Double = { _ in 1 }, load: (Int) -> Double
    ) -> Int {
        let (first, second) = candidates(count: count, &chance, share: share)
        guard let second else { return first }
        return load(second) < load(first) ? second : first
    }

    /// The two to choose from; one where there is but one, or where the second has not its whole share and was passed over.
    ///
    /// With shares p the first is taken with p over the sum of all; the second is then any other, if its own share lets it.
    /// So one with a tenth of its share gets a tenth of a fair part, and those with all of it choose as without shares.
    public static func candidates(
        count: Int, _ chance: inout Chance, share: (Int) -> Double = { _ in 1 }
    ) -> (first: Int, second: Int?) {
        precondition(count > 0, "there must be something to choose from")
        if count == 1 { return (0, nil) }
        var first = below(count, &chance)
        var draws = 1
        while draws < mostDraws, isPassedOver(first, &chance, share) {
            first = below(count, &chance)
            draws += 1
        }
        var second = below(count - 1, &chance)
        if second >= first { second += 1 }
        return (first, isPassedOver(second, &chance, share) ? nil : second)
    }

    private static func isPassedOver(_ place: Int, _ chance: inout Chance, _ share: (Int) -> Double) -> Bool {
        let share = share(place)
        return share < 1 && chance.fraction() >= share
    }

    /// Lemire's multiplication: a bias of 2^-32 is none here.
    private static func below(_ bound: Int, _ chance: inout Chance) -> Int {
        Int(((chance.next() >> 32) &* UInt64(bound)) >> 32)
    }
}

/// Says which endpoints of a destination calls may go to, from how many are usable.
///
///     all usable ──▶ usable ones      under half usable ──▶ all ("panic")      none usable ──▶ refused
///
/// When most of a fleet looks ill it is likelier that the looking is wrong, and the few that are left could not bear
/// everybody's calls anyway (Envoy's panic threshold). With none usable there is nobody to protect, and refusing quickly
/// is what breakers are for; their probes bring the endpoints back.
public enum EndpointChoice: Equatable, Sendable {
    case usable
    case panic
    case none

    /// `panicShare`: with a smaller part of usable endpoints, health is no longer believed.
    public init(usable: Int, of all: Int, panicShare: Double = BalancingRule().panicShare) {
        if usable == 0 {
            self = .none
        } else if Double(usable) < panicShare * Double(all) {
            self = .panic
        } else {
            self = .usable
        }
    }
}
