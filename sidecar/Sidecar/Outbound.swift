import Bytes
package import Exchange
package import Policy
import Reactor
import Resilience
import Timebase
import Transport

/// Takes the application's calls and sends each to an endpoint of the service that its `:authority` names.
final class Outbound: Acceptor, @unchecked Sendable {  // touched on its loop alone
    private let environment: CallDriver.Environment
    private let telemetry: Telemetry
    private let caller: String
    private var heads: RequestHead
    private var routes = ByteTable<Destination>()
    /// Takes names that no route has: a sidecar that stands alone may have one.
    private var anywhere: Destination?

    init(caller: String, environment: CallDriver.Environment, telemetry: Telemetry, chance: Chance) {
        self.caller = caller
        self.environment = environment
        self.telemetry = telemetry
        heads = RequestHead(chance: chance)
    }

    /// Replaces all routes. Calls under way keep the stacks that they are in.
    func replace(_ destinations: [Destination]) {
        var routes = ByteTable<Destination>()
        anywhere = nil
        for destination in destinations {
            if destination.name == "*" {
                anywhere = destination
            } else {
                routes.insert(destination, for: destination.name)
            }
        }
        self.routes = routes
    }

    func accept(
        _ head: consuming Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream
    ) -> any ExchangeHandler {
        head.removeAll(.weftCaller)
        heads.identify(&head)
        let now = environment.timers.now
        let (method, stack) = route(head)
        let call = CallHead(
            method: method, caller: caller, deadline: environment.dialect.timeout(of: head).map(now.advanced),
            startedAt: now, request: head)
        let driver = CallDriver(call, through: stack, end: end, from: stream, in: environment)
        driver.start()
        return driver
    }

    private func route(_ head: Fields) -> (MethodEntry, Stack) {
        guard let destination = (head.withValue(.authority, destination) ?? nil) ?? anywhere else {
            let name = Self.name(ofAuthority: head[.authority] ?? "")
            let failure = Failure(
                .route, .noRoute, subject: name, detail: "no service of the mesh has the name \(name)",
                reach: .neverSent)
            return (telemetry.unrouted, telemetry.refusal(failure))
        }
        guard let method = head.withValue(.path, destination.methods.entry) ?? nil else {
            let path = String((head[.path] ?? "").dropFirst())
            let failure = Failure(
                .route, .unknownMethod, subject: path, detail: "\(destination.name) has no method \(path)",
                reach: .neverSent)
            return (telemetry.unrouted, telemetry.refusal(failure))
        }
        return (method, destination.stack)
    }

    private func destination(_ authority: UnsafeBufferPointer<UInt8>) -> Destination? {
        if let found = routes[authority] { return found }
        guard let colon = authority.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        return routes[UnsafeBufferPointer(rebasing: authority[..<colon])]
    }

    private static func name(ofAuthority authority: String) -> String {
        authority.lastIndex(of: ":").map { String(authority[..<$0]) } ?? authority
    }
}

/// A service as calls go out to it: its endpoints, with their connections and their history, and its methods.
package final class Destination: @unchecked Sendable {  // touched on its loop alone
    /// Where an endpoint is and who must be there.
    struct Endpoint: Hashable {
        var address: SocketAddress
        var security: Security

        enum Security: Hashable {
            case plaintext
            case mutual(PeerRule)
        }
    }

    package let name: String
    private(set) var methods: MethodTable
    package private(set) var stack: Stack
    package let balancer: Balancer
    private let pools: Pools

    /// The pools of the endpoints that the balancer holds.
    private final class Pools {
        var all: [String: ConnectionPool] = [:]
        var endpoints: [String: Endpoint] = [:]
    }

    init(
        _ name: String, methods: MethodTable, policy: SidecarConfig.Policy, identity: IdentityBox, loop: Loop,
        network: any Network = SystemNetwork(), telemetry: Telemetry
    ) {
        let pools = Pools()
        self.name = name
        self.methods = methods
        self.pools = pools
        balancer = Balancer(over: name, chance: loop.chance(), panicChanged: telemetry.panicChanged) {
            endpoint, meter in
            let known = pools.endpoints[endpoint.address]
            let security: ClientSecurity =
                switch known?.security {
                case .mutual(let rule): .tls(TLSClientContext(identity: identity, serverRule: rule))
                case .plaintext, nil: .plaintext
                }
            let pool = ConnectionPool(
                to: known?.address ?? .unix(endpoint.address), network: network, loop: loop, security: security,
                events: telemetry.connections)
            pools.all[endpoint.address + endpoint.identity] = pool
            let breaker = BreakerLayer(of: endpoint.address, policy.breaker, chance: loop.chance()) { breaker in
                telemetry.breakerChanged(breaker, of: name)
                if breaker.phase == .closed { meter.restart(at: loop.now) }
            }
            return endpointStack(endpoint.address, meter, breaker, policy, pool: pool)
        }
        stack = outboundStack(to: balancer, policy, chance: loop.chance(), telemetry: telemetry)
    }

    /// The contract changed.
    func replace(methods: MethodTable) {
        self.methods = methods
    }

    /// Endpoints came or went. The connections to those that went end when their calls do.
    func replace(_ endpoints: [Endpoint], at now: Instant) {
        let named = endpoints.map { endpoint in
            pools.endpoints[endpoint.address.description] = endpoint
            return Balancer.Endpoint(address: endpoint.address.description, identity: "\(endpoint.security)")
        }
        for (gone, _) in balancer.replace(named, at: now) {
            pools.all.removeValue(forKey: gone.address + gone.identity)?.drain()
        }
    }

    /// No more calls will come: connections end when their calls do.
    func drain() {
        for pool in pools.all.values { pool.drain() }
    }

    /// For people: each endpoint with the state of its breaker and of its connection.
    func describeEndpoints(at now: Instant) -> [(address: String, breaker: String, connection: String)] {
        balancer.members.map { endpoint, stack in
            let breaker = stack.layers.lazy.compactMap { $0 as? BreakerLayer }.first
            let connection =
                switch pools.all[endpoint.address + endpoint.identity]?.state {
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
