internal import Exchange
internal import Logging
internal import MeshAPI
internal import RPC
internal import Reactor
package import ServiceKit
internal import Transport

/// The control plane as a process: what `weft-control` runs.
public enum ControlProcess {
    package static var flags: [Flag] { ControlConfig.flags }

    public static func run() -> Never {
        ProcessShell.run(
            program: "weft-control",
            purpose: "Certificate authority, registry, contracts and policies of a mesh.",
            flags: ControlConfig.flags, process: { _ in "weft-control" }, start: start)
    }

    /// Starts it in a process that is there, or in a simulated one.
    @Sendable
    package static func start(_ context: ProcessContext) async throws {
        let config: ControlConfig
        do {
            config = try ControlConfig(context.settings, files: context.files)
        } catch {
            throw ProcessFault(error.message, hint: "see 'weft-control --help'", exitCode: 2)
        }
        try context.files.makeFolder("\(config.stateFolder)/contracts")
        let authority = try Authority(config, loop: context.loop, log: context.log, files: context.files)
        try authority.start()
        let plane = ControlPlane(
            loop: context.loop, log: context.log, trustDomain: config.domain,
            book: ContractBook(store: ContractStore(folder: "\(config.stateFolder)/contracts", in: context.files)),
            policies: PolicyBook(
                file: StateFile(path: "\(config.stateFolder)/policies", files: context.files, log: context.log)),
            store: RegistryStore(
                StateFile(path: "\(config.stateFolder)/registry", files: context.files, log: context.log)))
        plane.roots = authority.roots.map(\.der)
        authority.onRootsChange = { [weak plane] in plane?.roots = $0 }
        plane.start()
        context.onStop { plane.stop() }
        context.keep(authority)
        context.keep(plane)

        try context.serveAdmin(on: config.admin)
        try context.serve(
            [
                AuthorityService(authority, tokens: config.tokens, domain: config.domain, log: context.log),
                DiscoveryService(plane), ContractsService(plane),
                ConfigurationService(plane, operators: config.operators),
                RootsService(authority, domain: config.domain, operators: config.operators),
            ],
            on: config.listen,
            // A member that joins has no certificate yet; every method but Sign asks for one.
            security: .tls(
                TLSServerContext(
                    identity: authority.identity, clients: .optional, expect: .anySpiffe(inDomain: config.domain.name)))
        )
        context.readiness.started()
        context.log.notice(
            "serving", metadata: ["address": "\(config.listen)", "trust_domain": "\(config.domain.name)"])
    }
}
