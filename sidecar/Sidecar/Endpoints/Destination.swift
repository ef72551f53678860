package import Exchange
import MeshPolicy
package import Policy
import Reactor
import Resilience
package import Timebase
import Transport

/// A service as calls go out to it: its rules, its endpoints, with their connections and their history, and its methods.
package final class Destination: @unchecked Sendable {  // touched on its loop alone
    /// Where an endpoint is and who must be there.
    struct Endpoint: Hashable {
        var address: SocketAddress
        var security: Security
        /// What runs there: `v2`; empty if nobody says.
        var version = ""

        enum Security: Hashable {
            case plaintext
            case mutual(PeerRule)
        }
    }

    package let name: String
    private(set) var methods: MethodTable
    private(set) var rules: ServiceRules
    package private(set) var stack: Stack
    package let balancer: Balancer
    private let parts: StackParts
    private let kept = KeptLayers()
    private let doors: Doors

    /// The way to each endpoint that the balancer holds.
    private final class Doors {
        /// A pool, and the layers before it.
        struct Door {
            let pool: ConnectionPool
            let kept: KeptLayers
        }

        var rules: ServiceRules
        var all: [Balancer.Endpoint: Door] = [:]
        var endpoints: [Balancer.Endpoint: Endpoint] = [:]

        init(_ rules: ServiceRules) {
            self.rules = rules
        }

        /// The door that is there already, or a new one.
        func door(to endpoint: Balancer.Endpoint, _ parts: StackParts) -> Door {
            if let known = all[endpoint] { return known }
            let known = endpoints[endpoint]
            let security: ClientSecurity =
                switch known?.security {
                case .mutual(let rule): .tls(TLSClientContext(identity: parts.identity, serverRule: rule))
                case .plaintext, nil: .plaintext
                }
            let pool = ConnectionPool(
                to: known?.address ?? .unix(endpoint.address), network: parts.network, loop: parts.loop,
                security: security,
                events: parts.telemetry.connections)
            let made = Door(pool: pool, kept: KeptLayers())
            all[endpoint] = made
            return made
        }
    }

    init(_ name: String, methods: MethodTable, rules: ServiceRules, parts: StackParts) {
        let doors = Doors(rules)
        self.name = name
        self.methods = methods
        self.rules = rules
        self.parts = parts
        self.doors = doors
        balancer = Balancer(over: name, chance: parts.loop.chance(), panicChanged: parts.telemetry.panicChanged) {
            endpoint, meter in
            let door = doors.door(to: endpoint, parts)
            return endpointStack(
                endpoint.address, of: name, meter, doors.rules, door.kept, parts, pool: door.pool)
        }
        stack = outboundStack(to: balancer, rules, kept, parts)
    }

    /// The contract changed.
    func replace(methods: MethodTable) {
        self.methods = methods
    }

    /// The rules changed: the stacks are assembled anew, with every layer in them whose own rules did not change.
    func replace(rules: ServiceRules) {
        guard rules != self.rules else { return }
        self.rules = rules
        doors.rules = rules
        balancer.renewStacks()
        let old = stack
        stack = outboundStack(to: balancer, rules, kept, parts)
        stack.succeed(old)
    }

    /// Endpoints came or went. The connections to those that went end when their calls do.
    func replace(_ endpoints: [Endpoint], at now: Instant) {
        let named = endpoints.map { endpoint in
            let named = Balancer.Endpoint(
                address: endpoint.address.description, identity: "\(endpoint.security)")
            doors.endpoints[named] = endpoint
            return named
        }
        for (gone, _) in balancer.replace(named, at: now) {
            doors.endpoints[gone] = nil
            doors.all.removeValue(forKey: gone)?.pool.drain()
        }
    }

    /// No more calls will come: connections end when their calls do.
    func drain() {
        for door in doors.all.values { door.pool.drain() }
    }

    /// For people: each endpoint with the state of its breaker and of its connection.
    package func describeEndpoints(at now: Instant) -> [(address: String, breaker: String, connection: String)] {
        balancer.members.map { endpoint, stack in
            let breaker = stack.layers.lazy.compactMap { $0 as? BreakerLayer }.first
            let connection =
                switch doors.all[endpoint]?.pool.state {
                case .ready: "ready"
                case .connecting: "connecting"
                case .transientFailure(let failure): failure.reason
                case .idle, nil: "idle"
                case .shutdown: "shutdown"
                }
            return (endpoint.address, breaker?.phase.rawValue ?? "closed", connection)
        }
    }
}
