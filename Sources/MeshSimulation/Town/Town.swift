public import MeshAPI
public import RPC
public import Simulation
import Timebase

/// A mesh as a value: services, who calls whom, and how the network between them behaves.
///
///     var town = Town("two layers")
///     town.services = [
///         TownService("course", replicas: 2, methods: [
///             TownMethod("sim.course.Courses/Get", isIdempotent: true, calls: ["sim.progress.Progress/Read"])]),
///         TownService("progress", methods: [TownMethod("sim.progress.Progress/Read", isIdempotent: true)]),
///     ]
///     town.callers = [TownCaller("web", calls: ["sim.course.Courses/Get"])]
///
/// Every service has a sidecar beside each replica, and every caller too; a control plane is always there.
public struct Town: Sendable {
    public var name: String
    public var services: [TownService] = []
    public var callers: [TownCaller] = []
    public var conditions = Town.lan
    /// How long a certificate of a sidecar is valid.
    public var leafLifetime: Duration = .seconds(3600)
    /// What an operator applies before anybody calls; nil leaves the defaults.
    public var policy: WeftPolicyV1.MeshPolicy?
    /// What an operator may apply in the place of it while calls are under way.
    public var otherPolicies: [WeftPolicyV1.MeshPolicy] = []
    /// More members of every sidecar's file, as JSON without its outer braces: `"policy": {"retries": 0}`.
    public var sidecarSettings = ""

    /// The network of one data centre: fast, and nothing breaks by itself.
    public static let lan: Conditions = {
        var conditions = Conditions()
        conditions.latency = .microseconds(100)...(.microseconds(600))
        return conditions
    }()

    public init(_ name: String) {
        self.name = name
    }

    /// The method of this full name, and the service that has it.
    func find(_ method: String) -> (service: TownService, method: TownMethod)? {
        for service in services {
            if let found = service.methods.first(where: { $0.name == method }) { return (service, found) }
        }
        return nil
    }
}

/// One service: its replicas, its methods, its contract.
public struct TownService: Sendable {
    public var name: String
    public var replicas: Int
    public var methods: [TownMethod]
    /// A FileDescriptorSet with these methods; made out of them if nil.
    public var contract: [UInt8]?

    public init(_ name: String, replicas: Int = 1, methods: [TownMethod], contract: [UInt8]? = nil) {
        self.name = name
        self.replicas = replicas
        self.methods = methods
        self.contract = contract
    }
}

/// What a method is, and what its handler does.
public struct TownMethod: Sendable {
    /// `sim.course.Courses/Get`.
    public var name: String
    public var isIdempotent: Bool
    /// What the contract says a call may take.
    public var timeout: Duration?
    public var maxInFlight: Int?
    public var maxQueue: Int?
    /// How long the handler takes, beside its own calls.
    public var takes: ClosedRange<Duration>
    /// Methods that the handler calls, one after the other, before it answers.
    public var calls: [String]
    /// The share of calls that the handler fails with `failure`.
    public var failing = 0.0
    public var failure = StatusCode.unavailable

    public init(
        _ name: String, isIdempotent: Bool = false, timeout: Duration? = nil, maxInFlight: Int? = nil,
        maxQueue: Int? = nil, takes: ClosedRange<Duration> = .milliseconds(1)...(.milliseconds(5)),
        calls: [String] = []
    ) {
        self.name = name
        self.isIdempotent = isIdempotent
        self.timeout = timeout
        self.maxInFlight = maxInFlight
        self.maxQueue = maxQueue
        self.takes = takes
        self.calls = calls
    }

    /// `sim.course.Courses`
    var service: String { String(name.prefix { $0 != "/" }) }
    /// `Get`
    var ownName: String { String(name.drop { $0 != "/" }.dropFirst()) }
}

/// Somebody who calls: a process without an inbound listener, with a sidecar of its own.
public struct TownCaller: Sendable {
    public var name: String
    public var replicas: Int
    /// Each call goes to one of these, by chance.
    public var calls: [String]
    /// Of all replicas together.
    public var callsPerSecond: Double
    /// This share of calls has a deadline of its own, out of `timeout`.
    public var withDeadline = 1.0
    public var timeout: ClosedRange<Duration> = .seconds(2)...(.seconds(2))
    /// This share of calls is cancelled by its caller, after a time out of `cancelAfter`.
    public var cancelled = 0.0
    public var cancelAfter: ClosedRange<Duration> = .zero...(.milliseconds(50))

    public init(_ name: String, replicas: Int = 1, calls: [String], callsPerSecond: Double = 20) {
        self.name = name
        self.replicas = replicas
        self.calls = calls
        self.callsPerSecond = callsPerSecond
    }
}
