internal import Logging
internal import MeshAPI
internal import ProtoWire
internal import Reactor
internal import ServiceKit
internal import Timebase
internal import Transport

/// What the control plane knows, on its one loop: who is there, what each service's contract says, and what operators say
/// on top.
///
///     Discovery ──▶ Registry ──────┐
///     Configuration ─▶ PolicyBook ─┼──▶ Snapshot ──Watch──▶ sidecars ──Report──▶ Rollout
///     Contracts ──▶ ContractBook ──┴──▶ ContractSet ──────▶ edge
///
/// Every change makes a new snapshot under a new version (a hash of the content), and wakes the watchers.
final class ControlPlane: @unchecked Sendable {  // its state is touched on its loop alone
    let loop: Loop
    let log: Logger
    let trustDomain: TrustDomain
    private var registry = Registry()
    private var book: ContractBook
    private(set) var policies: PolicyBook
    private(set) var rollout = Rollout()
    /// Where instances are kept over a restart; nil keeps them in memory alone.
    private let store: RegistryStore?
    private let changes: ChangeSignal
    private let reports: ChangeSignal
    private var savesLater = false
    private(set) var snapshot = WeftControlV1.Snapshot()
    private(set) var contracts = WeftControlV1.ContractSet()
    /// Whom members are to trust, each in DER.
    var roots: [[UInt8]] = [] {
        didSet { if !snapshot.version.isEmpty { rebuild() } }
    }

    /// How often ended leases are looked for: a tenth of their length.
    private static let sweepInterval = Duration.seconds(1)
    /// A sweep that comes so much too late shows that the process stood still.
    private static let stall = Duration.seconds(2)
    private var nextSweep = Instant.distantFuture
    private var isStopping = false

    /// Registrations come in bursts, and each is a whole file: they are kept together. Who is forgotten by a crash within
    /// that time registers again.
    private static let saveInterval = Duration.milliseconds(250)

    init(
        loop: Loop, log: Logger, trustDomain: TrustDomain, book: ContractBook, policies: PolicyBook,
        store: RegistryStore?
    ) {
        self.loop = loop
        self.log = log
        self.trustDomain = trustDomain
        self.book = book
        self.policies = policies
        self.store = store
        changes = ChangeSignal(loop: loop)
        reports = ChangeSignal(loop: loop)
    }

    /// Takes up what was there before a restart, and begins to look for ended leases. Called once, on the loop.
    func start() {
        for service in store?.load() ?? [] {
            for endpoint in service.endpoints {
                _ = registry.register(
                    service: service.name, instance: endpoint.instance, address: endpoint.address,
                    version: endpoint.version, admin: endpoint.admin, spiffeID: endpoint.spiffeId,
                    lease: Token.random(loop), at: loop.now, lasting: Registry.restoredTTL)
                rollout.registered(
                    Rollout.Key(service: service.name, instance: endpoint.instance), spiffeID: endpoint.spiffeId,
                    admin: endpoint.admin)
            }
        }
        rebuild()
        sweep()
    }

    /// The process begins to end: watchers go, so that the drain does not wait for them, and nobody is taken out any more.
    /// Members cannot renew where no connection is taken, and are not gone for it; whoever watched to the end of the drain
    /// would be told that nobody is there.
    func stop() {
        isStopping = true
        changes.fire()
        reports.fire()
    }

    private func sweep() {
        guard !isStopping else { return }
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
            left(entry.service, entry.instance)
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
            rollout.registered(
                Rollout.Key(service: request.service, instance: request.instance), spiffeID: spiffeID,
                admin: request.admin)
            reports.fire()
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
        guard let entry = registry.deregister(lease: lease, owner: owner) else { return false }
        left(entry.service, entry.instance)
        rebuild()
        return true
    }

    private func left(_ service: String, _ instance: String) {
        rollout.left(Rollout.Key(service: service, instance: instance))
        reports.fire()
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

    // MARK: Policies

    /// Replaces all policies, or says why not. What watchers get next carries them.
    func apply(_ request: WeftControlV1.ApplyRequest, by operatorID: String) -> PolicyBook.ApplyOutcome {
        let outcome = policies.apply(
            request.policy ?? WeftPolicyV1.MeshPolicy(), dryRun: request.dryRun, expecting: request.expectedHash)
        if case .applied(let hash) = outcome, !request.dryRun {
            log.notice(
                "policies were applied",
                metadata: [
                    "hash": "\(hash)", "by": "\(operatorID)", "services": "\(policies.policy.services.count)",
                ])
            rebuild()
        }
        return outcome
    }

    /// The names that the mesh knows, to tell slips by.
    var knownNames: (services: Set<String>, methods: [String: Set<String>]) {
        var methods: [String: Set<String>] = [:]
        for contract in book.contracts { methods[contract.service] = Set(contract.methods.map(\.fullName)) }
        return (Set(methods.keys).union(registry.entries.map(\.service)), methods)
    }

    /// A member begins to watch; answers false if there are too many.
    func watchBegan(_ key: Rollout.Key, spiffeID: String, _ request: WeftControlV1.WatchRequest) -> Bool {
        defer { reports.fire() }
        return rollout.watchBegan(key, spiffeID: spiffeID, admin: request.admin, version: request.version)
    }

    func watchEnded(_ key: Rollout.Key) {
        rollout.watchEnded(key)
        reports.fire()
    }

    /// Answers false for who neither registered nor watches.
    func reported(_ key: Rollout.Key, version: String, faults: [String]) -> Bool {
        if !faults.isEmpty {
            log.warning(
                "a member refuses a configuration",
                metadata: [
                    "service": "\(key.service)", "instance": "\(key.instance)", "version": "\(version)",
                    "fault": "\(faults[0])", "faults": "\(faults.count)",
                ])
        }
        defer { reports.fire() }
        return rollout.reported(key, version: version, faults: faults)
    }

    /// The first state of the rollout that is newer than `revision`; nil when the task was cancelled before.
    func nextRollout(after revision: Int) async -> (revision: Int, message: WeftControlV1.Rollout)? {
        while rollout.revision <= revision {
            if isStopping { return nil }
            await reports.wait()
            if Task.isCancelled { return nil }
        }
        return (rollout.revision, WeftControlV1.Rollout(rollout, version: snapshot.version, hash: policies.hash))
    }

    // MARK: Watching

    /// The first snapshot whose version is not `version`; nil when the task was cancelled before there was one.
    func nextSnapshot(after version: String) async -> WeftControlV1.Snapshot? {
        while snapshot.version == version {
            if isStopping { return nil }
            await changes.wait()
            if Task.isCancelled { return nil }
        }
        return snapshot
    }

    /// The first set of contracts whose version is not `version`; nil when the task was cancelled before.
    func nextContracts(after version: String) async -> WeftControlV1.ContractSet? {
        while contracts.version == version {
            if isStopping { return nil }
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
        for policy in policies.policy.services {
            services[policy.service, default: named(policy.service)].policy = policy
        }
        var next = WeftControlV1.Snapshot()
        next.services = services.values.sorted { $0.name < $1.name }
        next.roots = roots
        next.version = ContentHash.of(next.encoded())
        var set = WeftControlV1.ContractSet()
        set.contracts = book.contracts.map(\.message)
        set.version = ContentHash.of(set.encoded())
        guard next.version != snapshot.version || set.version != contracts.version else { return }
        if next.version != snapshot.version { rollout.published(next.version, policies: policies.hash) }
        snapshot = next
        contracts = set
        saveSoon()
        changes.fire()
        reports.fire()
    }

    private func saveSoon() {
        guard let store, !savesLater else { return }
        savesLater = true
        _ = loop.schedule(after: Self.saveInterval) { [weak self] in
            guard let self else { return }
            savesLater = false
            store.save(snapshot)
        }
    }

    private func named(_ name: String) -> WeftControlV1.Service {
        var service = WeftControlV1.Service()
        service.name = name
        return service
    }
}
