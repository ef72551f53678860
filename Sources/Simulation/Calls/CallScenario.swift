public import RPC
public import Reactor
import Timebase
public import Transport

/// Calls between clients and a server over a network, with what happens to them on the way: a test in one value.
///
///     var scenario = CallScenario("a server restarts now and then", on: .rough)
///     scenario.mix.timeouts = 0.5
///     scenario.events = [.init(.drain, times: 1...3)]
///     try scenario.run(seed: 17)
///
/// Whatever the scenario, a run fails if a call does not end exactly once, hangs past its deadline, ends with a code that
/// nothing in the scenario explains, reaches its handler twice, gets a message that was not sent to it, or leaves a handle,
/// a timer or a handler behind.
public struct CallScenario: Sendable, CustomStringConvertible {
    public var name: String
    public var conditions: Conditions
    public var mix = CallMix()
    /// Calls in all, begun at random times within `spread`.
    public var calls = 40
    public var spread: Duration = .seconds(2)
    /// Hosts that call, each with one loop and one pool.
    public var clients = 2
    /// Hosts that serve. `servers` is a name with all their addresses.
    public var servers = 1
    /// Loops of each server, which share its port.
    public var serverLoops = 2
    /// What calls go through; nil stands for a pool of connections to the servers, without any policy.
    public var link: MakeLink?
    /// How many handlers may begin one call: more than one where `link` repeats calls that have reached a server.
    public var runsAllowed = 1
    public var clientLimits = CallScenario.livelyLimits
    public var serverLimits = CallScenario.livelyLimits
    public var isSecure = false
    /// HTTP/2 engines that are tried: each seed picks one for the server and one for the clients.
    public var engines = EngineChoice.allCases
    public var events: [Event] = []
    /// Codes that the network or the events may give to any call.
    public var mayFail: Set<StatusCode> = []
    /// How often a call is made again that has not reached the server, as its error says. It must not run twice.
    public var repeats = 0
    /// How long after its deadline, or after its own time without one, a call may end: what a turn takes.
    public var slack: Duration = .milliseconds(50)
    /// A call without a deadline ends within so long.
    public var patience: Duration = .seconds(120)

    /// Makes what the calls of a loop go through, to the port that every server listens on.
    public typealias MakeLink = @Sendable (_ host: Host, _ loop: Loop, _ port: UInt16) throws -> CallLink

    public init(_ name: String, on conditions: Conditions = .calm) {
        self.name = name
        self.conditions = conditions
    }

    public var description: String { name }

    /// Connections that notice a silent peer within seconds, so that a simulation of a minute shows it.
    public static let livelyLimits: ConnectionLimits = {
        var limits = ConnectionLimits()
        limits.keepaliveMinimum = .seconds(1)
        limits.keepalive = .seconds(2)
        limits.keepaliveTimeout = .seconds(3)
        // The server lets its clients ask so often: half of the time, since delays bring pings closer together.
        limits.pingInterval = .milliseconds(500)
        limits.pingIntervalWithoutCalls = .milliseconds(500)
        limits.backoffBase = .milliseconds(50)
        limits.backoffLimit = .seconds(1)
        return limits
    }()

    /// Something that happens to hosts and connections while calls are under way.
    public struct Event: Sendable {
        public enum What: Sendable {
            /// A client and the server do not reach each other for a while.
            case cut(ClosedRange<Duration>)
            case pauseServer(ClosedRange<Duration>)
            case pauseClient(ClosedRange<Duration>)
            /// The clock jumps forward.
            case jump(ClosedRange<Duration>)
            /// Every connection of the server is reset.
            case resetConnections
            /// One of the server's listeners drains and another one takes its place.
            case drain
        }

        public var what: What
        public var times: ClosedRange<Int>

        public init(_ what: What, times: ClosedRange<Int> = 1...1) {
            self.what = what
            self.times = times
        }
    }
}

/// What a loop's calls go through: a channel, and how it ends.
public struct CallLink {
    public let channel: Channel
    /// Exchanges that it counts as open.
    public let active: () -> Int
    /// Ends its connections.
    public let drain: () -> Void

    public init(_ channel: Channel, active: @escaping () -> Int, drain: @escaping () -> Void) {
        self.channel = channel
        self.active = active
        self.drain = drain
    }
}

/// What a run of calls came to.
public struct CallReport: Sendable {
    public let seed: UInt64
    public let digest: UInt64
    public let summary: String
    public let handlers: Int
    /// How long the run took in its own time.
    public let time: Duration
}
