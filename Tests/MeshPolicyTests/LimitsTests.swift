import Exchange
import MeshAPI
import Policy
import Resilience
import Testing

@testable import MeshPolicy

@Suite struct LimitsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let say: @Sendable (inout WeftPolicyV1.ServicePolicy) -> Void
        let faults: [String]
        var testDescription: String { rule }

        init(_ rule: String, _ faults: String..., say: @escaping @Sendable (inout WeftPolicyV1.ServicePolicy) -> Void) {
            self.rule = rule
            self.say = say
            self.faults = faults
        }
    }

    static func rate(_ change: (inout WeftPolicyV1.RateLimit) -> Void) -> WeftPolicyV1.RateLimit {
        var limit = WeftPolicyV1.RateLimit()
        limit.name = "r"
        limit.calls = 10
        change(&limit)
        return limit
    }

    static func adaptive(_ change: (inout WeftPolicyV1.AdaptiveLimit) -> Void) -> WeftPolicyV1.AdaptiveLimit {
        var limit = WeftPolicyV1.AdaptiveLimit()
        change(&limit)
        return limit
    }

    static func shedding(_ change: (inout WeftPolicyV1.Shedding) -> Void) -> WeftPolicyV1.Shedding {
        var shedding = WeftPolicyV1.Shedding()
        change(&shedding)
        return shedding
    }

    @Test(arguments: [
        Case("a rate limit has a name", "rate_limits[0].name: it is missing: refusals and metrics name the rule") {
            $0.rateLimits = [rate { $0.name = "" }]
        },
        Case("a name is short", "rate_limits[\(String(repeating: "n", count: 65))].name: it is longer than 64 bytes") {
            $0.rateLimits = [rate { $0.name = String(repeating: "n", count: 65) }]
        },
        Case("a name stands once", "rate_limits: 'r' stands here twice") {
            $0.rateLimits = [rate { _ in }, rate { $0.calls = 3 }]
        },
        Case("some calls are allowed", "rate_limits[r].calls: 0.0 is not above 0 and at most 1000000000") {
            $0.rateLimits = [rate { $0.calls = 0 }]
        },
        Case("calls are a number", "rate_limits[r].calls: nan is not above 0 and at most 1000000000") {
            $0.rateLimits = [rate { $0.calls = .nan }]
        },
        Case(
            "one a day at least",
            "rate_limits[r].calls: 0.5 in 86400.0 seconds is less than one a day: deny instead (authorization)"
        ) {
            $0.rateLimits = [rate { ($0.calls, $0.per) = (0.5, "24h") }]
        },
        Case("a period is a duration", "rate_limits[r].per: 'often' is not a duration such as 800ms, 2s or 1m30s") {
            $0.rateLimits = [rate { $0.per = "often" }]
        },
        Case("a burst holds one", "rate_limits[r].burst: 0 is not in 1...100000") {
            $0.rateLimits = [rate { $0.burst = 0 }]
        },
        Case("no more rules than are asked for each call", "rate_limits: there are 65, and at most 64 are taken") {
            $0.rateLimits = (0..<65).map { number in rate { $0.name = "r\(number)" } }
        },
        Case("the most is not less than the least", "adaptive_limit.most: 5 is less than the least, 9") {
            $0.adaptiveLimit = adaptive { ($0.least, $0.most) = (9, 5) }
        },
        Case("the first lies between", "adaptive_limit.first: 50 is not in 3...20") {
            $0.adaptiveLimit = adaptive { ($0.first, $0.most) = (50, 20) }
        },
        Case("a limit is at least one", "adaptive_limit.least: 0 is not in 1...1000000") {
            $0.adaptiveLimit = adaptive { $0.least = 0 }
        },
        Case("memory is more than a sidecar starts with", "shedding.memory_mib: 15 is not in 16...65536") {
            $0.shedding = shedding { $0.memoryMib = 15 }
        },
        Case("a delay is one that can be seen", "shedding.loop_delay: 0.001 seconds is not in 10ms...1m") {
            $0.shedding = shedding { $0.loopDelay = "1ms" }
        },
        Case("in bulkheads there is a place", "bulkhead.max_in_flight: 0 is not in 1...1000000") {
            var bulkhead = WeftPolicyV1.Bulkhead()
            bulkhead.maxInFlight = 0
            $0.bulkhead = bulkhead
        },
    ])
    func faults(row: Case) {
        var policy = WeftPolicyV1.ServicePolicy()
        policy.service = "course"
        row.say(&policy)
        let faults = ServiceRules.read(policy).faults.map(\.description)
        #expect(faults == row.faults.map { "services[course].\($0)" })
    }

    @Test func `what is said is what holds`() {
        var policy = WeftPolicyV1.ServicePolicy()
        policy.service = "course"
        var match = WeftPolicyV1.Match()
        match.callers = ["web"]
        policy.rateLimits = [
            Self.rate { ($0.per, $0.burst, $0.scope, $0.shadow, $0.match) = ("1m", 4, .service, true, match) }
        ]
        policy.adaptiveLimit = Self.adaptive { ($0.mode, $0.most) = (.enforce, 50) }
        policy.shedding = Self.shedding { ($0.memoryMib, $0.loopDelay, $0.mode) = (256, "200ms", .off) }
        var method = WeftPolicyV1.MethodOverride()
        method.method = "p.S/M"
        method.criticality = .sheddablePlus
        policy.methods = [method]
        let (rules, faults) = ServiceRules.read(policy)
        #expect(faults.isEmpty)
        #expect(
            rules.rateLimits == [
                RateLimitLayer.Rule(
                    "r", RateLimit(calls: 10, per: .seconds(60), burst: 4),
                    for: CallMatch(callers: [CallerPattern("web")]), per: .service, isShadow: true)
            ])
        #expect(
            rules.adaptiveLimit
                == AdaptiveLimitLayer.Rules(.enforce, AdaptiveLimit.Limits(first: 20, least: 3, most: 50)))
        #expect(rules.shedding.isOff && rules.shedding.memory == 256 << 20)
        #expect(rules.shedding.loopDelay == .milliseconds(200))
        #expect(rules.methods["p.S/M"]?.criticality == .sheddablePlus)
    }

    @Test func `what is not said keeps its default, and a mode can be switched alone`() {
        let unsaid = ServiceRules.read(WeftPolicyV1.ServicePolicy()).rules
        #expect(unsaid.rateLimits.isEmpty && unsaid.shedding == SheddingRules())
        var policy = WeftPolicyV1.ServicePolicy()
        policy.adaptiveLimit = Self.adaptive { $0.mode = .off }
        #expect(ServiceRules.read(policy).rules.adaptiveLimit == nil)
    }
}
