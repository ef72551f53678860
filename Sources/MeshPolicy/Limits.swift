import Exchange
internal import MeshAPI
import Policy
import Resilience

/// When a process turns calls away, the least critical first.
public struct SheddingRules: Sendable, Equatable {
    public var isOff = false
    /// What the process may have, in bytes, as somebody said who knows its container. Nil leaves it to the process: the
    /// standard, and room for its connections.
    public var memory: Int?
    /// How long a turn of its loop may take.
    public var loopDelay = Shedding.Limits().delay

    public init() {}
}

extension ServiceRules {
    mutating func readBulkheads(_ said: WeftPolicyV1.Bulkhead, _ reader: inout PolicyReader) {
        if let count = reader.count(said.maxInFlight, "max_in_flight", in: 1...1_000_000) { perCaller.inFlight = count }
        if let count = reader.count(said.maxQueue, "max_queue", in: 0...1_000_000) { perCaller.queue = count }
        if let count = reader.count(said.destinationMaxInFlight, "destination_max_in_flight", in: 1...1_000_000) {
            destination.inFlight = count
        }
        if let count = reader.count(said.destinationMaxQueue, "destination_max_queue", in: 0...1_000_000) {
            destination.queue = count
        }
    }

    mutating func readAdaptiveLimit(_ said: WeftPolicyV1.AdaptiveLimit, _ reader: inout PolicyReader) {
        var rules = adaptiveLimit ?? AdaptiveLimitLayer.Rules()
        var limits = rules.limits
        if let count = reader.count(said.least, "least", in: 1...1_000_000) { limits.least = count }
        if let count = reader.count(said.most, "most", in: 1...1_000_000) { limits.most = count }
        if let count = reader.count(said.first, "first", in: 1...1_000_000) { limits.first = count }
        if limits.most < limits.least {
            reader.fault("most", "\(limits.most) is less than the least, \(limits.least)")
        } else if said.first != nil, !(limits.least...limits.most).contains(limits.first) {
            reader.fault("first", "\(limits.first) is not in \(limits.least)...\(limits.most)")
        }
        rules.limits = AdaptiveLimit.Limits(first: limits.first, least: limits.least, most: limits.most)
        switch said.mode {
        case .off: adaptiveLimit = nil
        case .shadow: adaptiveLimit = AdaptiveLimitLayer.Rules(.shadow, rules.limits)
        case .enforce: adaptiveLimit = AdaptiveLimitLayer.Rules(.enforce, rules.limits)
        case .unspecified: adaptiveLimit = AdaptiveLimitLayer.Rules(rules.mode, rules.limits)
        default: reader.fault("mode", "\(said.mode) is none of MODE_OFF, MODE_SHADOW and MODE_ENFORCE")
        }
    }

    mutating func readRateLimits(_ said: [WeftPolicyV1.RateLimit], _ reader: inout PolicyReader) {
        if said.count > RateLimitLayer.mostRules {
            reader.fault("rate_limits", "there are \(said.count), and at most \(RateLimitLayer.mostRules) are taken")
        }
        var rules: [RateLimitLayer.Rule] = []
        for (index, limit) in said.prefix(RateLimitLayer.mostRules).enumerated() {
            let place = limit.name.isEmpty ? "rate_limits[\(index)]" : "rate_limits[\(limit.name)]"
            let rule = reader.within(place) { RateLimitLayer.Rule(limit, &$0) }
            if !limit.name.isEmpty, rules.contains(where: { $0.name == limit.name }) {
                reader.fault("rate_limits", "'\(limit.name)' stands here twice")
            }
            rules.append(rule)
        }
        rateLimits = rules
    }
}

extension RateLimitLayer.Rule {
    /// Names are labels of metrics: shorter is better.
    private static let longestName = 64
    /// More than a process answers.
    private static let mostCalls = 1e9

    init(_ said: WeftPolicyV1.RateLimit, _ reader: inout PolicyReader) {
        if said.name.isEmpty {
            reader.fault("name", "it is missing: refusals and metrics name the rule")
        } else if said.name.utf8.count > Self.longestName {
            reader.fault("name", "it is longer than \(Self.longestName) bytes")
        }
        var calls = said.calls
        if !(calls > 0 && calls <= Self.mostCalls) {
            reader.fault("calls", "\(calls) is not above 0 and at most \(Int(Self.mostCalls))")
            calls = 1
        }
        let period = reader.duration(said.per, "per") ?? .seconds(1)
        if period / calls > RateLimit.longestInterval {
            reader.fault("calls", "\(calls) in \(period) is less than one a day: deny instead (authorization)")
        }
        let burst = reader.count(said.burst, "burst", in: 1...RateLimit.mostBurst)
        let match = CallMatch(said.match, &reader)
        let scope: RateLimitLayer.Scope
        switch said.scope {
        case .unspecified, .callerAndMethod: scope = .callerAndMethod
        case .caller: scope = .caller
        case .service: scope = .service
        default:
            reader.fault("scope", "\(said.scope) is none of SCOPE_CALLER_AND_METHOD, SCOPE_CALLER and SCOPE_SERVICE")
            scope = .callerAndMethod
        }
        self.init(
            said.name, RateLimit(calls: calls, per: period, burst: burst), for: match, per: scope,
            isShadow: said.shadow)
    }
}

extension SheddingRules {
    /// Less is not enough to start with, and more than a sidecar should ever have.
    private static let memoryRange = 16...65_536

    mutating func read(_ said: WeftPolicyV1.Shedding, _ reader: inout PolicyReader) {
        switch said.mode {
        case .unspecified: break
        case .enforce: isOff = false
        case .off: isOff = true
        default: reader.fault("mode", "\(said.mode) is neither MODE_ENFORCE nor MODE_OFF")
        }
        if let count = reader.count(said.memoryMib, "memory_mib", in: Self.memoryRange) { memory = count << 20 }
        guard let delay = reader.duration(said.loopDelay, "loop_delay") else { return }
        if (.milliseconds(10) ... .seconds(60)).contains(delay) {
            loopDelay = delay
        } else {
            reader.fault("loop_delay", "\(delay) is not in 10ms...1m")
        }
    }
}

extension Criticality {
    init?(reading said: WeftPolicyV1.Criticality, _ name: String, _ reader: inout PolicyReader) {
        switch said {
        case .unspecified: return nil
        case .sheddable: self = .sheddable
        case .sheddablePlus: self = .sheddablePlus
        case .critical: self = .critical
        case .criticalPlus: self = .criticalPlus
        default:
            reader.fault(name, "\(said) is none of the four criticalities")
            return nil
        }
    }
}
