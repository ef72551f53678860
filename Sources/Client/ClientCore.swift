import Bytes
import Exchange
import Policy
import RPC
import Reactor
import Resilience
import Timebase
import Transport

/// A client on its loop: looks the target up, keeps endpoints connected, says which of them an attempt goes to.
///
///     route ──▶ clientStack ──▶ attemptStack ──pick──▶ endpointStack ──▶ ConnectionPool
///                                   ▲  │
///          a state changed, waiting │  └─ nothing ready: wait, or refuse with the reason
///
/// It is the picker of its stack: it knows the state of things, and a `Balancer` chooses among what is ready.
final class ClientCore: Picker, @unchecked Sendable {  // touched on its loop alone, but for `board`
    /// Whoever balances over several endpoints connects those that went idle again, while calls come at least so often.
    static let inUse: Duration = .seconds(60)

    let loop: Loop
    let target: Target
    let options: Client.Options
    let board = StateBoard()
    let environment: CallDriver.Environment
    let security: Client.Security
    let network: any Network
    private let resolver: any Resolver
    private let methods: MethodEntries
    private var schedule: ResolutionSchedule
    private var resolutionTimer: LoopTimer?
    private var resolutionFailure: Failure?
    private var chance: Chance
    private let throttle: CallThrottle

    private var endpoints: Endpoints?
    private var calls: AccessLogLayer?
    private var outer: Stack?
    private var attempts: Stack?
    @exclusivity(unchecked) private var lastPick: Instant?
    @exclusivity(unchecked) private(set) var state = ChannelState.idle
    private var drained: [() -> Void] = []
    private var openConnections = 0
    private var graceTimer: LoopTimer?

    init(
        _ target: Target, security: Client.Security, options: Client.Options, on loop: Loop, network: any Network,
        resolver: (any Resolver)? = nil
    ) {
        self.target = target
        self.security = security
        self.options = options
        self.loop = loop
        self.network = network
        self.resolver =
            resolver
            ?? {
                switch target.kind {
                case .dns(let host, let port): DNSResolver(host: host, port: port, network: network)
                case .addresses(let list): StaticResolver(list)
                }
            }()
        chance = loop.chance()
        schedule = ResolutionSchedule(longestRest: options.resolutionInterval)
        throttle = CallThrottle(options.serviceConfig.retryThrottle)
        methods = MethodEntries(options.serviceConfig, of: target.description)
        environment = CallDriver.Environment(
            timers: loop, dialect: GRPCDialect(reporter: target.description),
            replay: ReplayBudget(limit: options.replayBytes, perCall: options.replayBytesPerCall), hopAllowance: .zero)
    }

    var isSecure: Bool { if case .plaintext = security { false } else { true } }

    // MARK: Calls

    func route(_ intent: CallIntent, _ request: Fields, at now: Instant) -> (CallHead, Stack) {
        let method = request.withValue(.path, methods.entry) ?? methods.other
        let call = CallHead(
            method: method, deadline: intent.deadline, startedAt: now, request: request,
            waitsForReady: intent.waitsForReady ?? method.policy.waitsForReady, answersOnce: intent.answersOnce)
        return (call, drained.isEmpty && state != .shutdown ? stack : Stack([], around: .refusal(closed), name: ""))
    }

    /// Made with the first call: layers and pools belong to the loop.
    private var stack: Stack {
        if let outer { return outer }
        let calls = AccessLogLayer { [unowned self] _, _ in
            if state == .shutdown { finishIfOver() }
        }
        let attempts = attemptStack(
            to: self, ConfiguredRetryLayer(throttle, chance: loop.chance()), name: target.description)
        let outer = clientStack(counting: calls, ConfiguredHedging(throttle), inner: attempts)
        (self.calls, self.attempts, self.outer) = (calls, attempts, outer)
        return outer
    }

    private var closed: Failure {
        Failure(.pick, .draining, subject: target.description, detail: "the client was closed", reach: .neverSent)
    }

    var mostWaiting: Int { options.maxWaitingCalls }

    func pick(for call: CallHead, after attempts: [AttemptRecord], at now: Instant) -> Pick {
        lastPick = now
        if state != .ready || endpoints?.hasIdle == true { wake() }
        switch state {
        case .ready: return endpoints?.balancer?.pick(for: call, after: attempts, at: now) ?? .wait
        case .idle, .connecting: return .wait
        case .transientFailure(let failure): return call.waitsForReady ? .wait : .refuse(failure)
        case .shutdown: return .refuse(closed)
        }
    }

    func connect() {
        lastPick = loop.now
        if state != .shutdown { wake() }
    }

    private func wake() {
        guard let endpoints, !endpoints.isEmpty else {
            if resolutionFailure == nil { schedule.wanted() }
            resolve()
            return update()
        }
        endpoints.connectIdle()
        if resolutionTimer == nil { resolveWhenDue() }
        update()
    }

    // MARK: States

    /// The last step of whatever changes what the state is made of.
    func update() {
        guard state != .shutdown else { return }
        let now: ChannelState =
            if let endpoints, !endpoints.isEmpty {
                ChannelState.aggregate(endpoints.states)
            } else if let resolutionFailure {
                .transientFailure(resolutionFailure)
            } else {
                schedule.isRunning ? .connecting : .idle
            }
        if now != state {
            state = now
            board.publish(now)
        }
        attempts?.pickAgain()
    }

    /// A pool or a watch of health has news.
    private func changed(_ endpoint: Subchannel, from old: ChannelState) {
        guard state != .shutdown else { return }
        switch (old, endpoint.state.pool) {
        case (.ready, .idle), (.ready, .connecting), (_, .transientFailure):
            schedule.wanted()
            resolveWhenDue()
        default:
            break
        }
        if endpoint.state.pool == .idle { wentIdle(endpoint) }
        update()
    }

    private func wentIdle(_ endpoint: Subchannel) {
        guard let endpoints, !endpoints.replaceIfOutdated(endpoint, at: loop.now) else { return }
        let isInUse = lastPick.map { $0.duration(to: loop.now) < Self.inUse } ?? false
        if case .transientFailure = endpoint.state.seen {
            endpoint.pool.connect()  // it keeps trying, so that the next call need not wait
        } else if isInUse, !endpoints.takesFirst {
            endpoint.pool.connect()
        }
    }

    // MARK: Resolution

    private func resolveWhenDue() {
        resolutionTimer?.cancel()
        resolutionTimer = nil
        let now = loop.now
        guard state != .shutdown, let due = schedule.due(at: now) else { return }
        resolutionTimer = loop.schedule(at: due) { [weak self] in self?.resolve() }
    }

    private func resolve() {
        let now = loop.now
        guard state != .shutdown, let due = schedule.due(at: now) else { return }
        guard due <= now else { return resolveWhenDue() }
        // Nobody calls: what is known may grow old until somebody does.
        if let lastPick, lastPick.duration(to: now) > options.resolutionInterval { return }
        schedule.began()
        resolver.resolve(on: loop) { [weak self] in self?.resolved($0) }
    }

    private func makeEndpoints() -> Endpoints {
        let authority = options.authority ?? target.authority
        let connection = security.connection(to: target.host)
        let events = ConnectionEvents { [weak self] in self?.heard($0) }
        let makeWatch = options.serviceConfig.healthService.map { service in
            { [environment] in HealthWatch(of: service, at: authority, on: $0, dialect: environment.dialect) }
                as (ConnectionPool) -> HealthWatch
        }
        return Endpoints(
            of: target, by: options.serviceConfig.balancing ?? .pickFirst(), on: loop,
            makePool: { [network, options, loop] name, addresses in
                ConnectionPool(
                    to: name, anyOf: addresses.count > 1 ? addresses : [], network: network, loop: loop,
                    security: connection, limits: options.limits, events: events)
            }, makeWatch: makeWatch, changed: { [weak self] in self?.changed($0, from: $1) })
    }

    private func resolved(_ result: ResolveResult) {
        guard state != .shutdown else { return }
        switch result {
        case .addresses(let addresses):
            resolutionFailure = nil
            schedule.succeeded(at: loop.now)
            let endpoints = endpoints ?? makeEndpoints()
            self.endpoints = endpoints
            endpoints.replace(addresses, at: loop.now, &chance)
        case .failed(let reason):
            schedule.failed(at: loop.now, &chance)
            resolutionFailure = Failure(
                .connect, .connectFailed, subject: target.description, detail: "cannot resolve \(target): \(reason)",
                reach: .neverSent)
        }
        if case .dns = target.kind { resolveWhenDue() } else if resolutionFailure != nil { resolveWhenDue() }
        update()
    }

    // MARK: The end

    /// Takes no more calls; `done` hears when those under way are over and the connections closed.
    func drain(grace: Duration, _ done: @escaping () -> Void) {
        drained.append(done)
        if state != .shutdown {
            state = .shutdown
            resolutionTimer?.cancel()
            board.publish(.shutdown)
            attempts?.pickAgain()
        }
        graceTimer?.cancel()
        graceTimer = loop.schedule(after: grace) { [self] in
            endpoints?.close()
            graceTimer = nil
            finishIfOver()
        }
        finishIfOver()
    }

    private func finishIfOver() {
        guard calls?.inFlight ?? 0 == 0 else { return }
        endpoints?.drain()
        guard openConnections == 0 || graceTimer == nil else { return }
        graceTimer?.cancel()
        graceTimer = nil
        // The rings of stacks and pickers are opened: nothing goes through them any more.
        (outer, attempts, calls) = (nil, nil, nil)
        endpoints = nil
        let all = drained
        drained = []
        for done in all { done() }
    }

    func heard(_ event: ConnectionEvent) {
        options.onConnectionEvent?(event)
        switch event {
        case .opened:
            openConnections += 1
        case .closed:
            openConnections -= 1
            if state == .shutdown { loop.execute { [self] in finishIfOver() } }
        case .refused, .dialFailed, .acceptPaused, .keepaliveSlowed:
            break
        }
    }
}
