internal import Exchange
internal import Logging
internal import MeshAPI
internal import RPC
internal import Reactor
internal import ServiceKit
internal import Transport

/// The edge as a process: what `weft-edge` runs.
public enum EdgeProcess {
    public static func run() -> Never {
        ProcessShell.run(
            program: "weft-edge",
            purpose: "REST/JSON for outside clients, by the contracts of the mesh.",
            flags: EdgeConfig.flags, process: { _ in "weft-edge" }, start: start)
    }

    @Sendable
    private static func start(_ context: ProcessContext) async throws {
        let config = try EdgeConfig(context.settings)
        let sidecar = ConnectionPool(
            to: try context.address(config.sidecar, of: "sidecar"), loop: context.loop, security: .plaintext)
        let acceptor = EdgeAcceptor(
            upstream: sidecar, loop: context.loop, log: context.log, config: config,
            metrics: EdgeMetrics(context.metrics))
        acceptor.tracer = try context.startTracing(service: "edge", instance: "")
        try context.serveAdmin(on: config.admin, services: [EdgeAdmin { [acceptor] in acceptor.stories.find($0) }])
        if let file = config.contractFile {
            try loadContracts(file, config.service, into: acceptor)
        } else {
            context.readiness.refuse(ContractWatch.missing)
            let control = Channel(sidecar, destination: ServiceName.control, timers: context.loop)
            let watch = ContractWatch(
                channel: control, acceptor: acceptor, readiness: context.readiness, log: context.log, loop: context.loop
            )
            context.runUntilDrain("contract watch") { await watch.run() }
            let status = MeshStatus(channel: control, log: context.log, loop: context.loop)
            context.runUntilDrain("status watch") { await status.run() }
            acceptor.builtin["/services/status"] = { status.reply }
        }
        acceptor.builtin["/health"] = { [readiness = context.readiness] in AdminReply.health(readiness) }
        try context.serveHTTP(on: config.listen, acceptor: acceptor)
        context.readiness.started()
        context.log.notice("serving", metadata: ["address": "\(config.listen)", "sidecar": "\(config.sidecar)"])
    }

    private static func loadContracts(_ file: String, _ service: String, into acceptor: EdgeAcceptor) throws {
        var contract = WeftControlV1.Contract()
        contract.service = service
        contract.descriptorSet = try Files.read(file)
        contract.rpcServices = try RouteCompiler.services(in: contract.descriptorSet)
        let (routes, faults) = RouteCompiler.compile([contract])
        if let fault = faults.first {
            throw ProcessFault("--contracts \(file): \(fault)", exitCode: 2)
        }
        acceptor.replace(routes)
    }
}
