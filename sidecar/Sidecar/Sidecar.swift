package import Exchange
import Logging
import MeshAPI
import Membership
import MeshPolicy
import Policy
import RPC
import Reactor
package import ServiceKit
import Timebase
import Transport

/// One sidecar: its listeners, its routes, its identity.
///
///     alone:   certificates and endpoints from the file
///     member:  join ──▶ watch the registry, serve, register once the application answers; renew, all the while
package final class Sidecar: @unchecked Sendable {  // touched on its loop alone
    let config: SidecarConfig
    package let context: ProcessContext
    let loop: Loop
    let identity = IdentityBox()
    /// The calls that failed lately.
    let stories = CallStories()
    /// Nil for a sidecar that stands alone.
    var membership: Membership?
    /// The drain has begun: no lease is taken any more.
    var isLeaving = false
    let outboundTelemetry: Telemetry
    let inboundTelemetry: Telemetry
    private(set) var outbound: Outbound?
    private(set) var inbound: Inbound?
    private(set) var app: AppProbe?
    /// What calls from other members meet, for those who watch it in a simulation.
    package var inboundLayers: Stack? { inbound?.stack }
    package internal(set) var destinations: [String: Destination] = [:]
    var contracts = Contracts()
    /// What holds for the calls to each service.
    var book: RuleBook
    /// The configuration that came from the control plane.
    var taken = TakenConfiguration()
    /// Where operators reach the sidecar; empty if nobody may.
    private(set) var adminAddress = ""
    /// How many look at calls as they happen.
    var tapped = 0
    private(set) var listeners: [String: Listener] = [:]
    /// What the process has to do, and what is shed for it.
    private(set) lazy var load = LoadWatch(
        on: loop, log: context.log, rules: { [unowned self] in book.rules(of: config.service).shedding },
        connections: { [unowned self] in
            listeners.values.reduce(0) { $0 + $1.connectionCount }
                + destinations.values.reduce(0) { $0 + $1.balancer.members.count }
        })

    init(_ config: SidecarConfig, _ context: ProcessContext) {
        self.config = config
        self.context = context
        loop = context.loop
        book = RuleBook(base: config.baseRules, file: config.policies)
        outboundTelemetry = Telemetry(.outbound, of: config.instance, context, stories: stories)
        inboundTelemetry = Telemetry(.inbound, of: config.instance, context, stories: stories)
    }

    /// Listens, and serves as soon as there is an identity.
    func start() throws {
        collectGauges()
        let tracer = try context.startTracing(service: config.service, instance: config.instance)
        outboundTelemetry.tracer = tracer
        inboundTelemetry.tracer = tracer
        if let admin = config.admin {
            let (server, listener) = try context.serveAdmin(
                on: admin.description, services: [AdminService(self)])
            adminAddress = listener.localAddress.description
            server.page("/config") { [unowned self] in configPage() }
        }
        if case .files(let files) = config.membership { try loadIdentity(files) }
        // Drains run from the last to the first: the lease is given back, then other members' calls end, then those of the
        // application, which may need others until it is gone; what the control plane says is heard until the very end.
        if case .control(let control) = config.membership { try join(control) }
        if let settings = config.outbound { try startOutbound(settings) }
        context.onDrain("application") { [self] done in waitForApplication(since: loop.now, done) }
        if let settings = config.inbound { try startInbound(settings) }
        if let membership { leaveFirst(membership) }
        load.start()
        context.readiness.started()
        context.log.notice(
            "the sidecar is up", metadata: ["service": "\(config.service)", "instance": "\(config.instance)"])
    }

    private func environment(_ direction: Telemetry.Direction) -> CallDriver.Environment {
        CallDriver.Environment(
            timers: loop,
            dialect: GRPCDialect(
                reporter: "\(config.instance)/\(direction.rawValue)", tracesAttempts: context.tracer != nil))
    }

    // MARK: Identity from files

    private func loadIdentity(_ files: SidecarConfig.IdentityFiles) throws {
        do {
            let texts = try files.read(from: context.files)
            identity.replace(try texts.identity())
            lookAgain(at: files, known: texts)
        } catch {
            throw ProcessFault("the identity cannot be used: \(error)", exitCode: 2)
        }
    }

    /// Whoever renews the files need not tell the sidecar: connections that are made from now on use what they hold.
    private func lookAgain(at files: SidecarConfig.IdentityFiles, known: SidecarConfig.IdentityFiles.Texts) {
        loop.schedule(after: Self.identityInterval) { [weak self] in
            guard let self else { return }
            var known = known
            do {
                let texts = try files.read(from: context.files)
                if texts != known {
                    identity.replace(try texts.identity())
                    context.log.notice("the identity was replaced", metadata: ["file": "\(files.certificate)"])
                    known = texts
                }
            } catch {
                context.log.warning(
                    "the identity's files cannot be used; the old one stays", metadata: ["error": "\(error)"])
            }
            lookAgain(at: files, known: known)
        }
    }

    /// Often enough for certificates that last minutes; three small files cost nothing.
    private static let identityInterval = Duration.seconds(15)

    // MARK: Outbound

    private func startOutbound(_ settings: SidecarConfig.Outbound) throws {
        let outbound = Outbound(
            caller: config.service, environment: environment(.outbound), telemetry: outboundTelemetry,
            chance: loop.chance())
        self.outbound = outbound
        for fixed in settings.destinations {
            let endpoints = fixed.endpoints.map {
                Destination.Endpoint(address: $0.address, security: fixed.isSecure ? .mutual(fixed.rule) : .plaintext)
            }
            let methods = MethodTable(of: fixed.name, overrides: book.rules(of: fixed.name).methods)
            enter(fixed.name, methods: methods, endpoints: endpoints)
        }
        publishRoutes()
        try listen(on: settings.listen, .plaintext, outbound, "outbound", outboundTelemetry)
    }

    /// Makes a destination, or changes the one that is there.
    func enter(_ name: String, methods: MethodTable, endpoints: [Destination.Endpoint]) {
        if let known = destinations[name] {
            known.replace(methods: methods)
            known.replace(endpoints, at: loop.now)
            known.replace(rules: book.rules(of: name))
            return
        }
        let destination = Destination(
            name, methods: methods, rules: book.rules(of: name), parts: parts(outboundTelemetry))
        destination.replace(endpoints, at: loop.now)
        destinations[name] = destination
    }

    /// The application may call others while it ends, and has no word for that it has: it has ended its calls when it has no
    /// connection any more, or makes no new ones for a while. What is under way then is not broken off either.
    private func waitForApplication(since began: Instant, _ done: @escaping @Sendable () -> Void) {
        let hasConnections = listeners["outbound"]?.connectionCount ?? 0 > 0
        let quiet = outbound.map { $0.lastCallAt.duration(to: loop.now) } ?? .seconds(60)
        guard hasConnections, quiet < Self.quietTime, began.duration(to: loop.now) < Self.longestGoodbye else {
            return done()
        }
        _ = loop.schedule(after: .milliseconds(50)) { [self] in waitForApplication(since: began, done) }
    }

    /// Background work of an application calls more often than this, or hardly ever.
    private static let quietTime = Duration.milliseconds(500)
    /// One that still calls now does not end: its sidecar is restarted alone.
    private static let longestGoodbye = Duration.seconds(5)

    private func parts(_ telemetry: Telemetry) -> StackParts {
        StackParts(
            service: config.service, loop: loop, network: context.network, identity: identity, telemetry: telemetry,
            shedding: load.state,
            connections: telemetry.connections.also { [weak membership] event in
                if case .dialFailed = event { membership?.doubtRegistry() }
            }, metrics: context.metrics)
    }

    func publishRoutes() {
        for (_, destination) in destinations.sorted(by: { $0.key < $1.key }) {
            destination.branches?.fill(from: destinations, at: loop.now)
        }
        outbound?.replace(Array(destinations.values))
    }

    // MARK: Inbound

    private func startInbound(_ settings: SidecarConfig.Inbound) throws {
        let pool = ConnectionPool(
            to: settings.app, network: context.network, loop: loop, security: .plaintext, limits: Self.appLimits,
            events: inboundTelemetry.connections)
        app = AppProbe(pool)
        let kept = KeptLayers()
        let parts = parts(inboundTelemetry)
        let policy = config.policy
        let rules = book.rules(of: config.service)
        let inbound = Inbound(
            service: config.service, methods: MethodTable(of: config.service, overrides: rules.methods), rules: rules,
            environment: environment(.inbound), telemetry: inboundTelemetry, chance: loop.chance()
        ) { inboundStack(to: pool, $0, policy, kept, parts) }
        self.inbound = inbound
        let security: ServerSecurity =
            settings.isSecure
            ? .tls(TLSServerContext(identity: identity, expect: settings.callers ?? defaultCallers)) : .plaintext
        try listen(on: settings.listen, security, inbound, "inbound", inboundTelemetry)
    }

    /// The application starts beside its sidecar and restarts alone: it is looked for often. Connections to it have no
    /// certificates that end, and are kept.
    private static var appLimits: ConnectionLimits {
        var limits = ConnectionLimits()
        limits.backoffBase = .milliseconds(100)
        limits.backoffLimit = .seconds(2)
        limits.maxAge = nil
        limits.idleTimeout = nil
        return limits
    }

    private var defaultCallers: PeerRule {
        if case .control(let control) = config.membership {
            .anySpiffe(inDomain: control.trustDomain)
        } else {
            .trusted
        }
    }

    private func listen(
        on address: SocketAddress, _ security: ServerSecurity, _ acceptor: any Acceptor, _ name: String,
        _ telemetry: Telemetry
    ) throws {
        let listener: Listener
        do {
            listener = try Listener.listen(
                on: address, network: context.network, loop: loop, security: security, acceptor: acceptor,
                events: telemetry.connections)
        } catch {
            throw ProcessFault("\(name).listen: \(error)", exitCode: 1)
        }
        listeners[name] = listener
        context.keep(listener)
        context.onDrain(name) { done in
            listener.drain(grace: ProcessShell.drainGrace) { done() }
        }
        context.log.notice("listening", metadata: ["direction": "\(name)", "address": "\(listener.localAddress)"])
    }
}

/// Whether the application can take calls, by the connection to it.
final class AppProbe: @unchecked Sendable {  // touched on its loop alone
    private let pool: ConnectionPool
    private var wasServing = false

    init(_ pool: ConnectionPool) {
        self.pool = pool
    }

    /// Looks, and sees to it that there is something to look at. While a connection is being made, the last answer holds.
    func isServing() -> Bool {
        switch pool.state {
        case .ready: wasServing = true
        case .transientFailure, .shutdown: wasServing = false
        case .idle: pool.connect()
        case .connecting: break
        }
        return wasServing
    }
}
