import Exchange
import Policy
import Reactor
import Timebase
import Transport

/// One endpoint of a client: its connections, and what is known of it.
final class Subchannel {
    let name: String
    let pool: ConnectionPool
    /// What the pool may dial.
    let addresses: Set<SocketAddress>
    fileprivate(set) var state = EndpointState()
    fileprivate var watch: HealthWatch?

    init(_ name: String, _ pool: ConnectionPool, to addresses: [SocketAddress]) {
        self.name = name
        self.pool = pool
        self.addresses = Set(addresses)
    }
}

/// A client's endpoints, which come and go with what its target resolves to.
///
/// To take the first that answers, all addresses are one endpoint, whose pool dials them side by side (RFC 8305) and stays
/// with what it reached. To use all, each is an endpoint of its own.
final class Endpoints {
    private let target: Target
    private let rule: Balancing
    private let makePool: (_ name: SocketAddress, _ addresses: [SocketAddress]) -> ConnectionPool
    private let makeWatch: ((ConnectionPool) -> HealthWatch)?
    /// Hears of a change at an endpoint, and how it looked before.
    private let changed: (Subchannel, ChannelState) -> Void
    private let loop: Loop
    private(set) var balancer: Balancer?
    private var members: [Balancer.Endpoint: Subchannel] = [:]
    /// What the resolver found last.
    private var addresses: [SocketAddress] = []
    private var generation = 0

    init(
        of target: Target, by rule: Balancing, on loop: Loop,
        makePool: @escaping (SocketAddress, [SocketAddress]) -> ConnectionPool,
        makeWatch: ((ConnectionPool) -> HealthWatch)?, changed: @escaping (Subchannel, ChannelState) -> Void
    ) {
        self.target = target
        self.rule = rule
        self.loop = loop
        self.makePool = makePool
        self.makeWatch = makeWatch
        self.changed = changed
    }

    var takesFirst: Bool { if case .pickFirst = rule { true } else { false } }
    var isEmpty: Bool { members.isEmpty }
    var states: [ChannelState] { members.values.map(\.state.seen) }
    var hasIdle: Bool { members.values.contains { $0.state.pool == .idle } }

    func connectIdle() {
        for member in members.values where member.state.pool == .idle { member.pool.connect() }
    }

    /// Connections end when their calls do.
    func drain() {
        for member in members.values { end(member) }
    }

    func close() {
        drain()
        for member in members.values { member.pool.close() }
    }

    /// The target has these addresses now. All of a balancer's are connected; of others, what is used.
    func replace(_ found: [SocketAddress], at now: Instant, _ chance: inout Chance) {
        guard case .pickFirst(let shuffles) = rule else {
            addresses = found
            enter(found.map { (Balancer.Endpoint(address: $0.description), [$0]) }, at: now)
            return connectIdle()
        }
        let known = Set(addresses)
        addresses = shuffles ? found.shuffled(using: &chance) : found
        guard let member = members.values.first, known == Set(found) || isStillGood(member) else {
            return enterFirst(at: now)
        }
    }

    /// What works keeps working while its address is among those found.
    private func isStillGood(_ member: Subchannel) -> Bool {
        guard case .ready = member.state.pool else { return false }
        let names = Set(addresses.map(\.description))
        return member.pool.peers.allSatisfy(names.contains)
    }

    /// A pool that lost its last connection is replaced if other addresses were found since it was made.
    func replaceIfOutdated(_ member: Subchannel, at now: Instant) -> Bool {
        guard takesFirst, Set(addresses) != member.addresses else { return false }
        enterFirst(at: now)
        return true
    }

    private func enterFirst(at now: Instant) {
        generation += 1
        let name = addresses.count == 1 ? addresses[0].description : target.description
        enter([(Balancer.Endpoint(address: name, identity: "\(generation)"), addresses)], at: now)
        connectIdle()
    }

    private func enter(_ wanted: [(endpoint: Balancer.Endpoint, addresses: [SocketAddress])], at now: Instant) {
        for (endpoint, addresses) in wanted where members[endpoint] == nil {
            members[endpoint] = subchannel(endpoint.address, addresses)
        }
        let balancer = balancer ?? makeBalancer()
        self.balancer = balancer
        for (gone, _) in balancer.replace(wanted.map(\.endpoint), at: now) {
            if let member = members.removeValue(forKey: gone) { end(member) }
        }
    }

    private func makeBalancer() -> Balancer {
        let measures = rule == .leastLoaded
        return Balancer(
            over: target.description, by: measures ? .leastLoaded : .inTurn, panics: false, chance: loop.chance()
        ) { [unowned self] endpoint, meter in
            guard let member = members[endpoint] else { preconditionFailure("a balancer was given a stranger") }
            return endpointStack(member, measures ? meter : nil)
        }
    }

    private func subchannel(_ name: String, _ addresses: [SocketAddress]) -> Subchannel {
        let address = addresses.count == 1 ? addresses[0] : .name(target.authority, port: Target.defaultPort)
        let member = Subchannel(name, makePool(address, addresses), to: addresses)
        member.pool.onStateChange = { [weak self, unowned member] state in self?.heard(state, of: member) }
        return member
    }

    private func heard(_ state: PoolState, of member: Subchannel) {
        let old = member.state.seen
        if let makeWatch, state == .ready, member.watch == nil {
            let watch = makeWatch(member.pool)
            member.watch = watch
            member.state.changed(to: .unknown)
            watch.start { [weak self, unowned member] health in
                guard let self else { return }
                let old = member.state.seen
                member.state.changed(to: health)
                changed(member, old)
            }
        } else if state != .ready, let watch = member.watch {
            watch.stop()
            member.watch = nil
        }
        member.state.changed(to: state)
        changed(member, old)
    }

    private func end(_ member: Subchannel) {
        member.pool.onStateChange = nil
        member.watch?.stop()
        member.watch = nil
        member.pool.drain()
    }
}
