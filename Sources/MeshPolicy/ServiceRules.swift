public import Exchange
internal import MeshAPI
public import Policy
public import Resilience

/// What holds for the calls to one service, with the defaults where nothing is said.
public struct ServiceRules: Sendable, Equatable {
    /// By full method name; what a rule does not say is the contract's.
    public var methods: [String: MethodRules] = [:]
    public var retry = RetryLayer.Limits()
    public var breaker = CircuitBreaker.Limits()
    public var balancing = BalancingRule()
    /// Calls in flight of one method and caller, at the service.
    public var perCaller = Bulkhead.Limits()
    /// Calls in flight to the service, at each caller.
    public var destination = Bulkhead.Limits(inFlight: 1000, queue: 1000)
    /// Calls in flight that the service can work on, found from their latency; nil is off.
    public var adaptiveLimit: AdaptiveLimitLayer.Rules? = AdaptiveLimitLayer.Rules()
    /// How often callers may call, at the service.
    public var rateLimits: [RateLimitLayer.Rule] = []
    /// When the service's sidecar turns calls away.
    public var shedding = SheddingRules()
    /// For calls whose caller and contract name no time; nil leaves them without.
    public var deadline: Duration?
    /// The same for one attempt.
    public var attemptTimeout: Duration?
    /// The first split that fits a call decides where it goes.
    public var splits: [SplitRule] = []
    public var mirrors: [MirrorRule] = []
    public var faults: [FaultRule] = []
    /// nil lets everybody call whom TLS lets in, as far as roles do.
    public var authorization: AuthorizationRules?

    public init() {}
}

/// What replaces a method's contract.
public struct MethodRules: Sendable, Equatable {
    public var timeout: Duration?
    public var attemptTimeout: Duration?
    public var isIdempotent: Bool?
    public var maxInFlight: Int?
    public var maxQueue: Int?
    public var roles: [String]?
    /// What calls are that say nothing of themselves.
    public var criticality: Criticality?
    /// Holds where the contract says that the method has no side effects.
    public var hedge: HedgeRule?

    public init() {}

    public init(
        timeout: Duration? = nil, attemptTimeout: Duration? = nil, isIdempotent: Bool? = nil, maxInFlight: Int? = nil,
        maxQueue: Int? = nil, roles: [String]? = nil
    ) {
        self.timeout = timeout
        self.attemptTimeout = attemptTimeout
        self.isIdempotent = isIdempotent
        self.maxInFlight = maxInFlight
        self.maxQueue = maxQueue
        self.roles = roles
    }

    public func applied(to policy: MethodPolicy) -> MethodPolicy {
        var result = policy
        if let timeout { result.timeout = timeout }
        if let attemptTimeout { result.attemptTimeout = attemptTimeout }
        if let isIdempotent { result.isIdempotent = isIdempotent }
        if let maxInFlight { result.maxInFlight = maxInFlight }
        if let maxQueue { result.maxQueue = maxQueue }
        if let roles { result.roles = roles }
        if let criticality { result.criticality = criticality }
        if let hedge { result.hedge = hedge }
        return result
    }
}

extension ServiceRules {
    /// Takes what a policy says: a line a topic. What it does not speak of stays.
    mutating func read(_ policy: WeftPolicyV1.ServicePolicy, _ reader: inout PolicyReader) {
        readMethods(policy, &reader)
        if let said = policy.retry { retry = reader.within("retry") { RetryLayer.Limits(said, &$0) } }
        if let said = policy.breaker { reader.within("breaker") { readBreaker(said, &$0) } }
        if let said = policy.balancing { reader.within("balancing") { balancing.read(said, &$0) } }
        if let said = policy.bulkhead { reader.within("bulkhead") { readBulkheads(said, &$0) } }
        readTraffic(policy, &reader)
        readFaults(policy, &reader)
        readAuthorization(policy, &reader)
        if let said = policy.adaptiveLimit { reader.within("adaptive_limit") { readAdaptiveLimit(said, &$0) } }
        if !policy.rateLimits.isEmpty { readRateLimits(policy.rateLimits, &reader) }
        if let said = policy.shedding { reader.within("shedding") { shedding.read(said, &$0) } }
        if let time = reader.duration(policy.deadline, "deadline") { deadline = time }
        if let time = reader.duration(policy.attemptTimeout, "attempt_timeout") { attemptTimeout = time }
    }

    private mutating func readMethods(_ policy: WeftPolicyV1.ServicePolicy, _ reader: inout PolicyReader) {
        var named: Set<String> = []
        for (index, method) in policy.methods.enumerated() {
            let place = method.method.isEmpty ? "methods[\(index)]" : "methods[\(method.method)]"
            let rules = reader.within(place) { MethodRules(method, &$0) }
            methods[method.method] = rules
            if !named.insert(method.method).inserted {
                reader.fault("methods", "'\(method.method)' stands here twice")
            }
        }
    }
}

extension MethodRules {
    init(_ said: WeftPolicyV1.MethodOverride, _ reader: inout PolicyReader) {
        if said.method.split(separator: "/", omittingEmptySubsequences: false).count != 2 {
            reader.fault("method", "'\(said.method)' is not a full method name such as learn.v1.Courses/Get")
        }
        timeout = reader.duration(said.timeout, "timeout")
        attemptTimeout = reader.duration(said.attemptTimeout, "attempt_timeout")
        isIdempotent = said.idempotent
        maxInFlight = reader.count(said.maxInFlight, "max_in_flight", in: 1...1_000_000)
        maxQueue = reader.count(said.maxQueue, "max_queue", in: 0...1_000_000)
        roles = said.roles.isEmpty ? nil : said.roles
        criticality = Criticality(reading: said.criticality, "criticality", &reader)
        hedge = said.hedge.map { said in reader.within("hedge") { HedgeRule(said, &$0) } }
    }
}
