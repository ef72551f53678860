internal import Exchange
public import Logging
internal import MeshAPI
internal import ProtoWire
public import RPC
public import Reactor
public import Reflection
package import Transport
internal import WebProtocols

/// A service of the mesh as a process: its handlers, health, reflection, its contract published, its drain.
public enum ServiceProcess {
    public static let flags = [
        Flag("service", "NAME", help: "The service's name in the mesh; its own name if unsaid."),
        Flag("instance", "NAME", default: "1", help: "This instance, for logs."),
        Flag(
            "listen", "ADDRESS", default: "127.0.0.1:0",
            help: "Where the sidecar reaches the service: HOST:PORT or unix:PATH."),
        Flag("admin", "ADDRESS", default: "127.0.0.1:0", help: "Where /metrics, /ready and /live are served."),
        Flag(
            "allow-origins", "ORIGINS",
            help:
                "Web pages of these origins may call, such as https://a.example,https://b.example, or *; none if unsaid."
        ),
        Flag(
            "channelz", nil,
            help: "Serve grpc.channelz.v1 beside the service's own contracts; --admin always serves it."),
        Flag("sidecar", "ADDRESS", help: "The service's own sidecar, through which it calls others; none if unsaid."),
        Flag(
            "database-url", "URL", environment: ["DATABASE_URL"],
            help: "The service's database: postgres://user@host:5432/name."),
    ]

    /// What a service builds its handlers from.
    public struct Parts: Sendable {
        public let context: ProcessContext
        public var loop: Loop { context.loop }
        public var log: Logger { context.log }
        /// What health checks of this service are told. Its services serve from the start; handlers that cannot do their
        /// work, say because a database is gone, set another status here, and again when they can.
        public let health: HealthService
        let sidecar: ConnectionPool?

        /// A channel to another service of the mesh, through the sidecar.
        public func channel(to service: String) throws(ProcessFault) -> Channel {
            guard let sidecar else {
                throw ProcessFault(
                    "this service calls '\(service)', but has no sidecar", hint: "name it with --sidecar", exitCode: 2)
            }
            return Channel(sidecar, destination: service, timers: context.loop)
        }

        /// The URL of the service's database.
        public func databaseURL() throws(ProcessFault) -> String {
            guard let url = context.settings["database-url"], !url.isEmpty else {
                throw ProcessFault(
                    "this service keeps its data in Postgres, and no database is named",
                    hint: "set DATABASE_URL or --database-url to postgres://user@host:5432/name", exitCode: 2)
            }
            return url
        }
    }

    /// Runs a service. It does not return.
    ///
    /// - Parameters:
    ///   - limits: what callers may send, and how replies are compressed.
    ///   - interceptors: stand around all handlers, health and reflection included.
    ///   - services: makes the handlers, once settings, log and loop are there; what it throws ends the process.
    public static func run(
        _ name: String, purpose: String, limits: RouterLimits = RouterLimits(),
        interceptors: @escaping @Sendable (Parts) -> [any ServerInterceptor] = { _ in [] },
        services: @escaping @Sendable (Parts) async throws -> [any RPCService]
    ) -> Never {
        ProcessShell.run(
            program: "\(name)-service", purpose: purpose, flags: flags,
            process: { $0["service"] ?? name }
        ) { context in
            try await start(name, context, limits: limits, interceptors: interceptors, services: services)
        }
    }

    /// Starts one in a process that is there, or in a simulated one.
    package static func start(
        _ name: String, _ context: ProcessContext, limits: RouterLimits = RouterLimits(),
        interceptors: @escaping @Sendable (Parts) -> [any ServerInterceptor] = { _ in [] },
        services: @escaping @Sendable (Parts) async throws -> [any RPCService]
    ) async throws {
        let sidecar = try context.settings["sidecar"].map { text in
            ConnectionPool(
                to: try context.address(text, of: "sidecar"), network: context.network, loop: context.loop,
                security: .plaintext, limits: sidecarLimits)
        }
        if let sidecar { context.show(sidecar) }
        try context.startTracing(
            service: context.settings["service"] ?? name, instance: context.settings["instance"] ?? "")
        try context.serveAdmin(on: context.settings["admin"] ?? "")
        let parts = Parts(context: context, health: HealthService(), sidecar: sidecar)
        let handlers = try await services(parts)
        try serve(handlers, parts, limits, interceptors(parts))
        if let sidecar {
            let publisher = ContractPublisher(
                service: context.settings["service"] ?? name,
                contract: .init(of: handlers.map { type(of: $0).descriptor }),
                channel: Channel(sidecar, destination: ServiceName.control, timers: context.loop),
                loop: context.loop,
                log: context.log)
            context.runUntilDrain("contract") { await publisher.run() }
        }
        context.readiness.started()
    }

    /// Both start at the same time, and the sidecar restarts alone: it is looked for often, since every call of the service
    /// fails while it is waited for.
    package static var sidecarLimits: ConnectionLimits {
        var limits = ConnectionLimits()
        limits.backoffBase = .milliseconds(20)
        limits.backoffLimit = .milliseconds(500)
        limits.idleTimeout = nil
        return limits
    }

    private static func webSettings(_ context: ProcessContext) throws(ProcessFault) -> WebSettings {
        var settings = WebSettings()
        guard let text = context.settings["allow-origins"] else { return settings }
        do {
            settings.crossOrigin = CrossOrigin(origins: try CrossOrigin.Origins(text))
        } catch {
            throw ProcessFault("--allow-origins: \(error)", exitCode: 2)
        }
        return settings
    }

    private static func serve(
        _ handlers: [any RPCService], _ parts: Parts, _ limits: RouterLimits, _ interceptors: [any ServerInterceptor]
    ) throws {
        let (context, health) = (parts.context, parts.health)
        let contracts = handlers.map { type(of: $0).descriptor }
        health.add(services: contracts.map(\.fullName))
        var own: [any RPCService] = [health]
        if context.settings.isOn("channelz") { own.append(ChannelzService(context.channelz)) }
        let reflection = ReflectionServices(for: contracts + own.map { type(of: $0).descriptor })
        let listener = try context.serve(
            handlers + own + reflection.services, on: context.settings["listen"] ?? "",
            web: try webSettings(context), limits: limits, interceptors: interceptors)
        context.onDrain("health") { done in
            // Callers that watch hear of it before the connections go.
            health.shutdown()
            done()
        }
        context.log.notice("serving", metadata: ["address": "\(listener.localAddress)"])
    }
}
