import Exchange
import MeshPolicy
import Policy
import Reactor
import ServiceKit

/// Where calls to one destination go besides its own instances, by its rules: splits lead them elsewhere, mirrors copy them.
final class TrafficRoutes {
    let branches: Branches
    /// nil while nothing is copied, which is all that a call looks at then.
    private(set) var mirrors: Mirrors?
    private let service: String
    private let parts: StackParts

    init(of service: String, _ parts: StackParts, make: @escaping (String, Branches.Use) -> Destination) {
        self.service = service
        self.parts = parts
        branches = Branches(of: service, make: make)
    }

    /// Reads the rules; answers where attempts go: the balancer itself, if nothing splits them.
    func take(_ rules: ServiceRules, around balancer: Balancer) -> any Picker {
        branches.renew()
        let routes = rules.splits.compactMap(route)
        let known = mirrors?.all ?? []
        let copies = rules.mirrors.compactMap { rule in known.first { $0.rule == rule } ?? mirror(rule) }
        for copy in copies { _ = branches.branch(to: copy.rule.to, for: .mirror) }
        mirrors = copies.isEmpty ? nil : Mirrors(copies, chance: parts.loop.chance())
        branches.pruned()
        return routes.isEmpty ? balancer : SplitPicker(routes, otherwise: balancer, chance: parts.loop.chance())
    }

    /// nil where the rule is for other callers.
    private func route(_ rule: SplitRule) -> SplitPicker.Route? {
        guard let match = rule.match.resolved(forCaller: parts.callerNames) else { return nil }
        return SplitPicker.Route(match, rule.shares.map { group($0, of: rule) })
    }

    private func group(_ share: SplitRule.Share, of rule: SplitRule) -> SplitPicker.Group {
        let branch = branches.branch(to: share.to, for: .split)
        let balancer = branch.balancer
        let counter = parts.metrics.counter(
            "weft_split_attempts_total", "Attempts that a split led to a group of instances.",
            ["service": service, "split": rule.name, "backend": branch.name])
        return SplitPicker.Group(
            weight: share.weight, stack: Stack([], around: .picker(balancer), name: ""),
            isReady: { balancer.isReady(at: $0) }, picked: { counter.add() })
    }

    private func mirror(_ rule: MirrorRule) -> Mirror? {
        guard let match = rule.match.resolved(forCaller: parts.callerNames) else { return nil }
        let branch = branches.branch(to: rule.to, for: .mirror)
        return Mirror(rule, match, of: service, to: branch.balancer, parts)
    }
}
