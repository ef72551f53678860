import MeshAPI
import Policy
import Testing
import Timebase
import WellKnown

@testable import MeshPolicy

@Suite struct TrafficTests {
    private static func policy(_ change: (inout WeftPolicyV1.ServicePolicy) -> Void) -> WeftPolicyV1.ServicePolicy {
        var policy = WeftPolicyV1.ServicePolicy()
        policy.service = "course"
        change(&policy)
        return policy
    }

    private static func split(
        _ name: String = "canary", _ backends: [(service: String, version: String, weight: UInt32)]
    ) -> WeftPolicyV1.ServicePolicy {
        var split = WeftPolicyV1.Split()
        split.name = name
        split.backends = backends.map { said in
            var backend = WeftPolicyV1.Backend()
            backend.service = said.service
            backend.version = said.version
            backend.weight = said.weight
            return backend
        }
        return policy { $0.splits = [split] }
    }

    private static func mirror(to: (service: String, version: String)?, percent: Double = 10)
        -> WeftPolicyV1.ServicePolicy
    {
        var mirror = WeftPolicyV1.Mirror()
        mirror.name = "m"
        mirror.percent = percent
        if let to {
            var backend = WeftPolicyV1.Backend()
            backend.service = to.service
            backend.version = to.version
            mirror.to = backend
        }
        return policy { $0.mirrors = [mirror] }
    }

    private static func fault(
        _ kind: WeftPolicyV1.Fault.Kind?, percent: Double = 10, until: Int64? = 100, rate: Double? = nil
    ) -> WeftPolicyV1.ServicePolicy {
        var fault = WeftPolicyV1.Fault()
        fault.name = "f"
        fault.percent = percent
        fault.kind = kind
        fault.mostPerSecond = rate
        if let until {
            var time = GoogleProtobuf.Timestamp()
            time.seconds = until
            fault.until = time
        }
        return policy { $0.faults = [fault] }
    }

    private static func rules(_ rules: [(name: String, action: WeftPolicyV1.AuthorizationRule.Action)])
        -> WeftPolicyV1.ServicePolicy
    {
        var said = WeftPolicyV1.Authorization()
        said.rules = rules.map { name, action in
            var rule = WeftPolicyV1.AuthorizationRule()
            rule.name = name
            rule.action = action
            return rule
        }
        return policy { $0.authorization = said }
    }

    @Test(arguments: [
        (split("", [("", "v2", 1)]), "splits[0].name: it is missing: what refusals, logs and metrics call the rule"),
        (
            split("a b", [("", "v2", 1)]),
            "splits[a b].name: 'a b' is no name: at most 63 of a-z, A-Z, 0-9, '-', '_', '.'"
        ),
        (split("c", []), "splits[c].backends: there are none: say where the calls go"),
        (split("c", [("", "v2", 0)]), "splits[c].backends: all weights are 0: say how much each takes"),
        (
            split("c", [("", "v2", 1), ("course", "v2", 2)]),
            "splits[c].backends[1]: it stands here twice: add the weights up"
        ),
        (split("c", [("", "v2", 1_000_001)]), "splits[c].backends[0].weight: 1000001 is not in 0...1000000"),
        (mirror(to: nil), "mirrors[m].to: it is missing: the instances that get the copies"),
        (
            mirror(to: ("course", "")),
            "mirrors[m].to: the calls go there themselves: say another service, or a version"
        ),
        (
            mirror(to: ("other", ""), percent: 0),
            "mirrors[m].percent: it is missing: the percentage of the calls that the rule is for"
        ),
        (mirror(to: ("other", ""), percent: 101), "mirrors[m].percent: 101.0 is not a percentage from 0 to 100"),
        (fault(nil), "faults[f]: it does not say what fails: one of delay, abort, reset, goaway"),
        (fault(.delay("soon")), "faults[f].delay: 'soon' is not a duration such as 800ms, 2s or 1m30s"),
        (fault(.delay("")), "faults[f].delay: it is empty: a duration such as 800ms, 2s or 1m30s"),
        (fault(.delay("6m")), "faults[f].delay: '6m' is longer than 5m"),
        (fault(.abort(0)), "faults[f].abort: 0 is no status code of gRPC that fails: 1...16"),
        (fault(.abort(17)), "faults[f].abort: 17 is no status code of gRPC that fails: 1...16"),
        (fault(.reset(false)), "faults[f].reset: it is true, or unsaid"),
        (fault(.goaway(false)), "faults[f].goaway: it is true, or unsaid"),
        (
            fault(.reset(true), until: nil),
            "faults[f].until: it is missing: every fault ends by itself, at a time such as 2026-01-02T15:04:05Z"
        ),
        (fault(.reset(true), rate: 0), "faults[f].most_per_second: 0.0 is not above 0 and at most 100000"),
        (
            rules([("a", .unspecified)]),
            "authorization.rules[a].action: it is missing: ACTION_ALLOW, ACTION_DENY or ACTION_AUDIT"
        ),
        (rules([("a", .allow), ("a", .deny)]), "authorization.rules[a].name: 'a' stands here twice"),
        (
            rules([("a", .init(rawValue: 9))]),
            "authorization.rules[a].action: this version of Weft does not know the value"
        ),
    ])
    func `every fault is told with its path`(_ policy: WeftPolicyV1.ServicePolicy, _ fault: String) {
        #expect(ServiceRules.read(policy).faults.map(\.description) == ["services[course].\(fault)"])
    }

    @Test func `what is said is taken`() {
        let (split, _) = ServiceRules.read(Self.split("c", [("course", "v2", 5), ("other", "", 95)]))
        #expect(
            split.splits == [
                SplitRule(
                    "c", .all, [.init(Backend(version: "v2"), weight: 5), .init(Backend(service: "other"), weight: 95)])
            ])
        let (mirror, _) = ServiceRules.read(Self.mirror(to: ("", "v2"), percent: 25))
        #expect(mirror.mirrors == [MirrorRule("m", to: Backend(version: "v2"), share: 0.25)])
        let (fault, _) = ServiceRules.read(Self.fault(.delay("2s"), rate: 3))
        #expect(
            fault.faults == [
                FaultRule("f", .delay(.seconds(2)), share: 0.1, until: WallTime(seconds: 100), mostPerSecond: 3)
            ])
        #expect(ServiceRules.read(Self.fault(.goaway(true))).rules.faults.first?.mostPerSecond == 10)
        let (rules, _) = ServiceRules.read(Self.rules([("a", .allow), ("b", .deny), ("c", .audit)]))
        #expect(
            rules.authorization
                == AuthorizationRules(.enforce, [.init("a", .allow), .init("b", .deny), .init("c", .audit)]))
        #expect(ServiceRules.read(Self.rules([])).rules.authorization == nil)
    }
}
