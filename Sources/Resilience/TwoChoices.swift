public import Timebase

/// Picks the less loaded of two endpoints that chance chose.
///
/// Two choices are nearly as good as looking at all, and unlike always taking the least loaded they do not send every
/// caller of a mesh to the same endpoint at once (Mitzenmacher, "The Power of Two Choices", 2001).
public enum TwoChoices {
    /// The position of the pick in `0 ..< count`, which must not be empty.
    public static func pick(count: Int, _ chance: inout Chance, load: (Int) -> Double) -> Int {
        precondition(count > 0, "there must be something to choose from")
        if count == 1 { return 0 }
        let first = below(count, &chance)
        var second = below(count - 1, &chance)
        if second >= first { second += 1 }
        return load(second) < load(first) ? second : first
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

    /// Under this share of usable endpoints, health is no longer believed.
    public static let panicShare = 0.5

    public init(usable: Int, of all: Int) {
        if usable == 0 {
            self = .none
        } else if Double(usable) < Self.panicShare * Double(all) {
            self = .panic
        } else {
            self = .usable
        }
    }
}
