internal import Logging
internal import MeshAPI
internal import ProtoWire
internal import Reactor
internal import ServiceKit
internal import Timebase
internal import Transport

/// What the control plane knows, on its one loop: who is there, and what each service's contract says.
///
///     Discovery ──▶ Registry ──┐
///                              ├──▶ Snapshot ──Watch──▶ sidecars
///     Contracts ──▶ ContractBook ┘        └──ContractSet──▶ edge
///
/// Every change makes a new snapshot under a new version (a hash of the content), and wakes the watchers.
final class ControlPlane: @unchecked Sendable {  // its state is touched on its loop alone
    let loop: Loop
    let log: Logger
    let trustDomain: TrustDomain
    private var registry = Registry()
    private var book: ContractBook
    /// Where instances are kept over a restart; nil keeps them in memory alone.
    private let store: RegistryStore?
    private let changes: ChangeSignal
    private(set) var snapshot = WeftControlV1.Snapshot()
    private(set) var contracts = WeftControlV1.ContractSet()

    /// How often ended leases are looked for: a tenth of their length.
    private static let sweepInterval = Duration.seconds(1)
    /// A sweep that comes so much too late shows that the process stood still.
    private static let stall = Duration.seconds(2)
    private var nextSweep = Instant.distantFuture

    init(loop: Loop, log: Logger, trustDomain: TrustDomain, book: ContractBook, store: RegistryStore?) {
        self.loop = loop
        self.log = log
        self.trustDomain = trustDomain
        self.book = book
        self.store = store
        changes = ChangeSignal(loop: loop)
    }

    /// Takes up what was there before a restart, and begins to look for ended leases. Called once, on the loop.
    func start() {
        for service in store?.load() ?? [] {
            for endpoint in service.endpoints {
                _ = registry.register(
                    service: service.name, instance: endpoint.instance, address: endpoint.address,
                    version: endpoint.version, admin: endpoint.admin, spiffeID: endpoint.spiffeId,
                    lease: Token.random(loop), at: loop.now, lasting: Registry.restoredTTL)
            }
        }
        rebuild()
        sweep()
    }

    private func sweep() {
        if loop.now > nextSweep.advanced(by: Self.stall) {
            log.warning(
                "the control plane stood still; leases begin anew",
                metadata: ["late_s": .stringConvertible(nextSweep.duration(to: loop.now).inSeconds)])
            registry.forgiveAll(at: loop.now)
        }
        nextSweep = loop.now.advanced(by: Self.sweepInterval)
        for entry in registry.expire(at: loop.now) {
            log.warning(
                "the lease of an instance ended without renewal",
                metadata: [
                    "service": "\(entry.service)", "instance": "\(entry.instance)", "address": "\(entry.address)",
                ])
            rebuild()
        }
        _ = loop.schedule(after: Self.sweepInterval) { [weak self] in self?.sweep() }
    }

    // MARK: Instances

    func register(
        _ request: WeftControlV1.RegisterRequest, spiffeID: String
    ) -> Registry.RegisterOutcome {
        let outcome = registry.register(
            service: request.service, instance: request.instance, address: request.address, version: request.version,
            admin: request.admin, spiffeID: spiffeID, lease: Token.random(loop), at: loop.now)
        if case .registered = outcome {
            log.info(
                "an instance registered",
                metadata: [
                    "service": "\(request.service)", "instance": "\(request.instance)",
                    "address": "\(request.address)",
                ])
            rebuild()
        }
        return outcome
    }

    func renew(lease: String, owner: String) -> Bool {
        registry.renew(lease: lease, owner: owner, at: loop.now)
    }

    func deregister(lease: String, owner: String) -> Bool {
        let wasThere = registry.deregister(lease: lease, owner: owner)
        if wasThere {
            rebuild()
        }
        return wasThere
    }

    // MARK: Contracts

    /// Answers the contract's version, or throws what is wrong with it.
    func publish(
        service: String, descriptorSet: [UInt8], rpcServices: [String]
    ) throws(ContractFault) -> String {
        let (version, isNew) = try book.publish(
            service: service, descriptorSet: descriptorSet, rpcServices: rpcServices)
        if isNew {
            log.info(
                "a contract was published",
                metadata: ["service": "\(service)", "version": "\(version)", "bytes": "\(descriptorSet.count)"])
            rebuild()
        }
        return version
    }

    // MARK: Watching

    /// The first snapshot whose version is not `version`; nil when the task was cancelled before there was one.
    func nextSnapshot(after version: String) async -> WeftControlV1.Snapshot? {
        while snapshot.version == version {
            await changes.wait()
            if Task.isCancelled { return nil }
        }
        return snapshot
    }

    /// The first set of contracts whose version is not `version`; nil when the task was cancelled before.
    func nextContracts(after version: String) async -> WeftControlV1.ContractSet? {
        while contracts.version == version {
            await changes.wait()
            if Task.isCancelled { return nil }
        }
        return contracts
    }

    private func rebuild() {
        var services: [String: WeftControlV1.Service] = [:]
        for contract in book.contracts {
            var service = WeftControlV1.Service()
            service.name = contract.service
            service.methods = contract.methods
            services[contract.service] = service
        }
        for entry in registry.entries {
            var endpoint = WeftControlV1.Endpoint()
            endpoint.instance = entry.instance
            endpoint.address = entry.address
            endpoint.spiffeId = entry.spiffeID
            endpoint.version = entry.version
            endpoint.admin = entry.admin
            services[entry.service, default: named(entry.service)].endpoints.append(endpoint)
        }
        var next = WeftControlV1.Snapshot()
        next.services = services.values.sorted { $0.name < $1.name }
        next.version = ContentHash.of(next.encoded())
        var set = WeftControlV1.ContractSet()
        set.contracts = book.contracts.map(\.message)
        set.version = ContentHash.of(set.encoded())
        guard next.version != snapshot.version || set.version != contracts.version else { return }
        snapshot = next
        contracts = set
        store?.save(next)
        changes.fire()
    }

    private func named(_ name: String) -> WeftControlV1.Service {
        var service = WeftControlV1.Service()
        service.name = name
        return service
    }
}
