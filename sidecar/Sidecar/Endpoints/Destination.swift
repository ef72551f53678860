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
    private let ejections: Ejections
    private(set) var endpoints: [Endpoint] = []
    /// The faults that are made on purpose on the way: a branch meets those of the destination that it belongs to.
    private let injections: Injections
    private let isBranch: Bool
    /// nil until rules lead calls elsewhere, or copy them.
    private var routes: TrafficRoutes?

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
                security: security, events: parts.connections)
            let made = Door(pool: pool, kept: KeptLayers())
            all[endpoint] = made
            return made
        }
    }

    /// - Parameter belongingTo: the faults of the destination whose splits or mirrors lead to this one.
    init(
        _ name: String, methods: MethodTable, rules: ServiceRules, parts: StackParts,
        belongingTo injections: Injections? = nil
    ) {
        let doors = Doors(rules)
        let ejections = Ejections(rules.balancing)
        isBranch = injections != nil
        let injections = injections ?? Injections(of: name, parts)
        self.injections = injections
        self.name = name
        self.methods = methods
        self.rules = rules
        self.parts = parts
        self.doors = doors
        self.ejections = ejections
        balancer = Balancer(
            over: name, rules.balancing, chance: parts.loop.chance(), panicChanged: parts.telemetry.panicChanged
        ) {
            endpoint, meter in
            let door = doors.door(to: endpoint, parts)
            return endpointStack(
                endpoint.address, of: name, meter, doors.rules, door.kept, parts, ejections: ejections,
                faults: injections.ofAttempts, pool: door.pool)
        }
        stack = outboundStack(to: balancer, of: name, rules, faults: [], kept, parts)
        if !isBranch { stack = assemble() }
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
        balancer.balancing = rules.balancing
        ejections.replace(rules.balancing, at: parts.loop.now)
        let old = stack
        stack = assemble()
        balancer.renewStacks()
        stack.succeed(old)
    }

    /// The groups that splits and mirrors lead to; nil without such rules.
    var branches: Branches? { routes?.branches }

    /// What copies its calls; nil while nothing does.
    var mirrors: Mirrors? { routes?.mirrors }

    private func assemble() -> Stack {
        guard !isBranch else { return outboundStack(to: balancer, of: name, rules, faults: [], kept, parts) }
        injections.take(rules.faults)
        for branch in branches?.destinations ?? [] { branch.balancer.renewStacks() }
        return outboundStack(to: picker(), of: name, rules, faults: injections.ofCalls, kept, parts)
    }

    /// The balancer, or what chooses between it and other groups.
    private func picker() -> any Picker {
        if rules.splits.isEmpty, rules.mirrors.isEmpty {
            routes?.branches.drain()
            routes = nil
            return balancer
        }
        let routes = routes ?? makeRoutes()
        self.routes = routes
        return routes.take(rules, around: balancer)
    }

    private func makeRoutes() -> TrafficRoutes {
        TrafficRoutes(of: name, parts) { [name, parts, injections] branch, use in
            Destination(
                branch, methods: MethodTable(of: name), rules: ServiceRules(), parts: parts,
                belongingTo: use == .split ? injections : Injections(of: branch, parts))
        }
    }

    /// Endpoints came or went. The connections to those that went end when their calls do.
    func replace(_ endpoints: [Endpoint], at now: Instant) {
        self.endpoints = endpoints
        let named = endpoints.map { endpoint in
            let named = Balancer.Endpoint(
                address: endpoint.address.description, identity: "\(endpoint.security)")
            doors.endpoints[named] = endpoint
            return named
        }
        for (gone, stack) in balancer.replace(named, at: now) {
            if let breaker = stack.breaker { ejections.remove(breaker, at: now) }
            doors.endpoints[gone] = nil
            doors.all.removeValue(forKey: gone)?.pool.drain()
        }
    }

    /// No more calls will come: connections end when their calls do.
    func drain() {
        for (endpoint, _) in balancer.members { doors.all[endpoint]?.pool.drain() }
        ejections.removeAll()
        branches?.drain()
    }

    deinit {
        ejections.removeAll()
    }

    /// Overrules the breakers of the endpoint with this address, or of all; nil takes that back. Answers how many there are.
    func force(_ mode: CircuitBreaker.Mode?, for duration: Duration, endpoint: String?, at now: Instant) -> Int {
        var count = 0
        for (known, stack) in balancer.members where endpoint == nil || known.address == endpoint {
            guard let breaker = stack.breaker else { continue }
            breaker.force(mode, for: duration, at: now)
            count += 1
        }
        return count
    }

    /// For people: each endpoint with its breaker, its load and its connection.
    package func endpointStatuses(at now: Instant) -> [EndpointStatus] {
        zip(balancer.members, balancer.meters).map { member, meter in
            EndpointStatus(
                address: member.endpoint.address,
                breaker: member.stack.breaker?.status(at: now) ?? CircuitBreaker.Status(),
                lastFault: member.stack.breaker?.lastFault ?? "", load: meter.load.load(at: now),
                inFlight: meter.load.inFlight, connection: connection(to: member.endpoint))
        }
    }

    private func connection(to endpoint: Balancer.Endpoint) -> String {
        switch doors.all[endpoint]?.pool.state {
        case .ready: "ready"
        case .connecting: "connecting"
        case .transientFailure(let failure): failure.reason
        case .idle, nil: "idle"
        case .shutdown: "shutdown"
        }
    }
}
