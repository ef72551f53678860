import Exchange
import Logging
import Policy
import Reactor
import RPC
import ServiceKit
import Timebase
import Transport

/// One sidecar: its listeners, its routes, its identity.
final class Sidecar: @unchecked Sendable {  // touched on its loop alone
    private let config: SidecarConfig
    private let context: ProcessContext
    private let loop: Loop
    let identity = IdentityBox()
    private let outboundTelemetry: Telemetry
    private let inboundTelemetry: Telemetry
    private var outbound: Outbound?
    private var inbound: Inbound?
    private var destinations: [String: Destination] = [:]
    private(set) var listeners: [Listener] = []

    init(_ config: SidecarConfig, _ context: ProcessContext) throws {
        self.config = config
        self.context = context
        loop = context.loop
        outboundTelemetry = Telemetry(.outbound, metrics: context.metrics, log: context.log)
        inboundTelemetry = Telemetry(.inbound, metrics: context.metrics, log: context.log)
    }

    /// Listens, and serves as soon as there is an identity.
    func start() async throws {
        if case .files(let files) = config.membership { try loadIdentity(files) }
        if let outbound = config.outbound { try startOutbound(outbound) }
        if let inbound = config.inbound { try startInbound(inbound) }
        context.readiness.started()
        context.log.notice(
            "the sidecar is ready",
            metadata: ["service": "\(config.service)", "instance": "\(config.instance)"])
    }

    private func environment(_ direction: Telemetry.Direction) -> CallDriver.Environment {
        CallDriver.Environment(
            timers: loop, dialect: GRPCDialect(reporter: "\(config.instance)/\(direction.rawValue)"))
    }

    private func loadIdentity(_ files: SidecarConfig.IdentityFiles) throws {
        do {
            identity.replace(
                try Identity.load(
                    chainPEM: Files.readText(files.certificate), keyPEM: Files.readText(files.key),
                    rootsPEM: Files.readText(files.roots)))
        } catch {
            throw ProcessFault("the identity cannot be used: \(error)", exitCode: 2)
        }
    }

    // MARK: Outbound

    private func startOutbound(_ settings: SidecarConfig.Outbound) throws {
        let outbound = Outbound(
            caller: config.service, environment: environment(.outbound), telemetry: outboundTelemetry)
        self.outbound = outbound
        for fixed in settings.destinations {
            let methods = MethodTable(of: fixed.name, methods: nil, overrides: config.methods)
            let destination = Destination(
                fixed.name, methods: methods, policy: config.policy, identity: identity, loop: loop,
                telemetry: outboundTelemetry)
            let endpoints = fixed.endpoints.map {
                Destination.Endpoint(address: $0.address, security: fixed.isSecure ? .mutual(fixed.rule) : .plaintext)
            }
            destination.replace(endpoints, at: loop.now)
            destinations[fixed.name] = destination
        }
        outbound.replace(Array(destinations.values))
        try listen(on: settings.listen, .plaintext, outbound, "outbound", outboundTelemetry)
    }

    // MARK: Inbound

    private func startInbound(_ settings: SidecarConfig.Inbound) throws {
        let pool = ConnectionPool(
            to: settings.app, loop: loop, security: .plaintext, events: inboundTelemetry.connections)
        let inbound = Inbound(
            service: config.service, methods: MethodTable(of: config.service, methods: nil, overrides: config.methods),
            through: inboundStack(to: pool, config.policy, telemetry: inboundTelemetry),
            environment: environment(.inbound), telemetry: inboundTelemetry)
        self.inbound = inbound
        let security: ServerSecurity =
            settings.isSecure
            ? .tls(TLSServerContext(identity: identity, expect: settings.callers ?? .trusted)) : .plaintext
        try listen(on: settings.listen, security, inbound, "inbound", inboundTelemetry)
    }

    private func listen(
        on address: SocketAddress, _ security: ServerSecurity, _ acceptor: any Acceptor, _ name: String,
        _ telemetry: Telemetry
    ) throws {
        do {
            let listener = try Listener.listen(
                on: address, loop: loop, security: security, acceptor: acceptor, events: telemetry.connections)
            listeners.append(listener)
            context.keep(listener)
            context.onDrain(name) { done in
                listener.drain(grace: ProcessShell.drainGrace) { done() }
            }
            context.log.notice("listening", metadata: ["direction": "\(name)", "address": "\(listener.localAddress)"])
        } catch {
            throw ProcessFault("cannot listen on \(address) (\(name).listen): \(error)")
        }
    }
}
