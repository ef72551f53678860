internal import Logging
internal import MeshAPI
internal import RPC
internal import Reactor
internal import ServiceKit

/// Keeps the edge's routes those of the published contracts, for as long as the process lives.
///
/// The stream is opened again when it ends; between, the last routes serve on.
struct ContractWatch: Sendable {
    let channel: Channel
    let acceptor: EdgeAcceptor
    let readiness: ProcessReadiness
    let log: Logger
    let loop: Loop

    /// What `/ready` says until the first contracts came.
    static let missing = "no contracts yet"
    /// The control plane is on the same machine or network: asking again costs little.
    private static let pause = Duration.milliseconds(500)

    func run() async {
        let client = WeftControlV1.ContractsClient(channel)
        var version = ""
        while !Task.isCancelled {
            do {
                var request = WeftControlV1.WatchContractsRequest()
                request.version = version
                let start = version
                version = try await client.watch(request) { sets in
                    var last = start
                    for try await set in sets {
                        take(set)
                        last = set.version
                    }
                    return last
                }
            } catch {
                log.debug("the watch of the contracts ended", metadata: ["error": "\(error)"])
            }
            try? await loop.sleep(for: Self.pause)
        }
    }

    private func take(_ set: WeftControlV1.ContractSet) {
        let (routes, faults) = RouteCompiler.compile(set.contracts)
        for fault in faults {
            log.error("a route cannot be made", metadata: ["fault": "\(fault)"])
        }
        acceptor.replace(routes)
        readiness.accept(Self.missing)
        log.info(
            "routes were replaced",
            metadata: ["version": "\(set.version)", "services": "\(routes.services.joined(separator: " "))"])
    }
}
