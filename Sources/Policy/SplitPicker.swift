public import Exchange
import Resilience
public import Timebase

/// Leads each attempt of a call to one of several groups of instances, by the first split that fits the call.
///
///     attempt ──▶ first split that fits ──▶ by weight, among groups with a usable instance ──▶ that group's balancer
///                      │none
///                      ▼
///                 the service's own balancer
///
/// A group that has no usable instance counts as 0, so that a weight may be moved before the instances are there (mesh: "canary
/// ordering"), and a group that falls ill altogether gives its share to the others. With no usable group at all the
/// weights count as they stand, and the group says what is wrong. A retry picks anew.
public final class SplitPicker: Picker, @unchecked Sendable {  // touched on its loop alone
    /// A group of instances behind a balancer of its own.
    public struct Group {
        let weight: UInt32
        let stack: Stack
        let isReady: (Instant) -> Bool
        let picked: () -> Void

        /// - Parameters:
        ///   - isReady: whether some instance of it would take a call.
        ///   - picked: hears of each attempt that goes there, to count it.
        public init(
            weight: UInt32, stack: Stack, isReady: @escaping (Instant) -> Bool, picked: @escaping () -> Void = {}
        ) {
            self.weight = weight
            self.stack = stack
            self.isReady = isReady
            self.picked = picked
        }
    }

    public struct Route {
        let match: CallMatch
        let groups: [Group]

        public init(_ match: CallMatch, _ groups: [Group]) {
            self.match = match
            self.groups = groups
        }
    }

    private let routes: [Route]
    private let otherwise: any Picker
    @exclusivity(unchecked) private var chance: Chance

    public init(_ routes: [Route], otherwise: any Picker, chance: Chance) {
        self.routes = routes
        self.otherwise = otherwise
        self.chance = chance
    }

    public func describe(_ call: CallHead, into state: inout StackState, at now: Instant) {
        otherwise.describe(call, into: &state, at: now)
    }

    public func pick(for call: CallHead, after attempts: [AttemptRecord], at now: Instant) -> Pick {
        for route in routes where route.match.fits(call) {
            let groups = route.groups
            let ready = WeightedChoice.pick(count: groups.count, &chance) {
                groups[$0].isReady(now) ? groups[$0].weight : 0
            }
            let chosen = ready ?? WeightedChoice.pick(count: groups.count, &chance) { groups[$0].weight }
            guard let chosen else { break }
            groups[chosen].picked()
            return .use(groups[chosen].stack)
        }
        return otherwise.pick(for: call, after: attempts, at: now)
    }
}
