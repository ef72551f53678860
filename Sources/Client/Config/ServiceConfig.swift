public import Exchange
public import Resilience

/// How a service wants to be called: by method, how long, how often, how large; and how its endpoints are chosen
/// (gRPC's service_config.md; gRFC A2, A6, A17, A21).
///
/// Written as Swift values, or read from the JSON that other gRPC clients take (`init(json:)`).
public struct ServiceConfig: Sendable, Equatable {
    public var methods: [MethodConfig]
    /// Which endpoints are used. nil is `pickFirst`.
    public var balancing: Balancing?
    /// Holds back retries and hedges to a server that fails too often (gRFC A6).
    public var retryThrottle: RetryThrottle?
    /// Endpoints are used only while they say that this service is healthy (gRFC A17); an empty name means the whole
    /// server. nil asks nobody.
    public var healthService: String?
    /// Settings of the JSON that this client does not know, by path: they are passed over, as A2 wants.
    public internal(set) var unknown: [String] = []

    public init(
        methods: [MethodConfig] = [], balancing: Balancing? = nil, retryThrottle: RetryThrottle? = nil,
        healthService: String? = nil
    ) {
        self.methods = methods
        self.balancing = balancing
        self.retryThrottle = retryThrottle
        self.healthService = healthService
    }

    /// What holds for a method: what names it, else what names its service, else what names nothing.
    func method(_ path: String) -> MethodConfig? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        guard parts.count == 2 else { return methods.first { $0.names.contains(.all) } }
        let (service, method) = (String(parts[0]), String(parts[1]))
        for name in [MethodConfig.Name(service: service, method: method), .init(service: service), .all] {
            if let found = methods.first(where: { $0.names.contains(name) }) { return found }
        }
        return nil
    }
}

/// Which of a target's endpoints take calls.
public enum Balancing: Sendable, Equatable {
    /// One that can be reached, for as long as it can. `shuffles` tries them in an order that chance decides.
    case pickFirst(shuffles: Bool = false)
    /// All, one after the other.
    case roundRobin
    /// All, the less loaded of two that chance chose: by latency and calls in flight.
    case leastLoaded
}

/// What holds for some methods.
public struct MethodConfig: Sendable, Equatable {
    /// A method, a service with all its methods, or all of everything.
    public struct Name: Sendable, Equatable, Hashable {
        /// `learn.course.v1.CourseService`; empty with an empty `method` means every method.
        public var service: String
        public var method: String

        public init(service: String, method: String = "") {
            self.service = service
            self.method = method
        }

        public static let all = Name(service: "")
    }

    public var names: [Name]
    /// Calls wait for a connection, if their options do not say otherwise.
    public var waitsForReady: Bool?
    /// Calls may take so long; the earlier of this and the caller's own deadline counts.
    public var timeout: Duration?
    public var maxRequestMessageBytes: Int?
    public var maxReplyMessageBytes: Int?
    /// How calls are attempted more than once.
    public var attempts: AttemptPolicy?

    public init(
        _ names: [Name], waitsForReady: Bool? = nil, timeout: Duration? = nil, maxRequestMessageBytes: Int? = nil,
        maxReplyMessageBytes: Int? = nil, attempts: AttemptPolicy? = nil
    ) {
        self.names = names
        self.waitsForReady = waitsForReady
        self.timeout = timeout
        self.maxRequestMessageBytes = maxRequestMessageBytes
        self.maxReplyMessageBytes = maxReplyMessageBytes
        self.attempts = attempts
    }

    var policy: MethodPolicy {
        var policy = MethodPolicy(timeout: timeout)
        policy.attempts = attempts
        policy.waitsForReady = waitsForReady ?? false
        return policy
    }
}

/// A configuration that cannot be used: every fault, with the path of the setting that it is about.
public struct ServiceConfigError: Error, Sendable, Equatable, CustomStringConvertible {
    public let faults: [String]

    public var description: String { faults.joined(separator: "\n") }
}
