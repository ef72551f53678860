import Logging
import MeshAPI
import Membership
import MeshPolicy
import ServiceKit
import Transport

// What a sidecar does as a member of a control plane's mesh.
extension Sidecar {
    private static let noIdentity = "the sidecar has no identity yet"
    private static let noConfiguration = "neither the configuration nor the endpoints of others are known yet"
    private static let refusedConfiguration = "the configuration is refused, and there is none before it"

    /// Joins the mesh, and stays a member until the very end of the drain: late calls need identity and endpoints too.
    func join(_ control: SidecarConfig.Control) throws {
        let membership = try makeMembership(control)
        self.membership = membership
        let metrics = IdentityMetrics(context.metrics)
        membership.onStatusChange = { metrics.show($0) }
        context.readiness.refuse(Self.noIdentity)
        context.readiness.refuse(Self.noConfiguration)
        context.runUntilDrain("membership") { [self] in
            do {
                try await membership.join()
                context.readiness.accept(Self.noIdentity)
                enterControl(control)
                try await takePart(membership)
            } catch {
                // Cancelled: the process drains.
            }
        }
    }

    /// What needs an identity: before there is one, TLS knows no roots, and each side would refuse the other.
    private func takePart(_ membership: Membership) async throws {
        if let address = advertised, let app, !isLeaving {
            context.runUntilDrain("lease") {
                try? await membership.keepLease(at: address) { app.isServing() }
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            let parts: [@Sendable () async throws -> Void] = [
                { try await membership.keepIdentity() },
                { try await membership.watchRegistry { self.take($0) } },
                { await membership.keepReporting() },
                { try await membership.keepAsking { self.take($0) } },
            ]
            for part in parts { group.addTask(executorPreference: loop, operation: part) }
            try await group.waitForAll()
        }
    }

    /// The lease is given back before anything else ends, so that others stop calling.
    func leaveFirst(_ membership: Membership) {
        context.onDrain("registry") { [self] done in
            isLeaving = true
            Task(executorPreference: loop) {
                await membership.leave()
                done()
            }
        }
    }

    private func makeMembership(_ control: SidecarConfig.Control) throws -> Membership {
        let roots: [Certificate]
        do {
            roots = try Certificate.all(inPEM: context.files.readText(control.rootsFile))
        } catch {
            throw ProcessFault("control.roots_file: \(error)", exitCode: 2)
        }
        let token = control.joinToken
        let files = context.files
        var member = MemberConfig(
            service: config.service, instance: config.instance, control: control.address,
            trustDomain: control.trustDomain, namespace: control.namespace, roots: roots,
            joinToken: {
                switch token {
                case .text(let text): return text
                case .file(let path):
                    let text = try files.readText(path)
                    return String(text.drop { $0.isWhitespace }.prefix { !$0.isWhitespace })
                }
            }, version: config.version, admin: adminAddress)
        member.readRoots = { try Certificate.all(inPEM: files.readText(control.rootsFile)) }
        return Membership(
            member, identity: identity, loop: loop, log: context.log, events: outboundTelemetry.connections,
            network: context.network)
    }

    /// Where others are told to call: what the file says, or where the listener is.
    private var advertised: String? {
        guard let inbound = config.inbound else { return nil }
        return inbound.advertise ?? listeners["inbound"]?.localAddress.description
    }

    // MARK: The registry

    /// The control plane is found like any service, but needs no registry for it.
    private func enterControl(_ control: SidecarConfig.Control) {
        let name = ServiceName.control
        let id = "spiffe://\(control.trustDomain)/ns/\(control.namespace)/sa/\(name)"
        let endpoint = Destination.Endpoint(address: control.address, security: .mutual(.spiffe(id)))
        enter(name, methods: MethodTable(of: name), endpoints: [endpoint])
        publishRoutes()
    }

    /// Makes the routes and the rules what a snapshot says, in one step between two calls; answers why it did not take the
    /// rules. What the file fixes, and the control plane, stay as they are.
    ///
    /// With a fault in any policy the rules stay what they were, as a whole; who is there is taken all the same, since a
    /// mesh must not lose its endpoints over a slip in a policy.
    func take(_ snapshot: WeftControlV1.Snapshot) -> [PolicyFault] {
        let faults = book.take(snapshot)
        var fixed = Set(config.outbound?.destinations.map(\.name) ?? [])
        fixed.insert(ServiceName.control)
        for service in snapshot.services {
            let methods = contracts.table(of: service, book.rules(of: service.name).methods)
            if service.name == config.service { inbound?.methods = methods }
            if !fixed.contains(service.name) {
                enter(service.name, methods: methods, endpoints: service.endpoints.compactMap(endpoint))
            }
        }
        let named = Set(snapshot.services.map(\.name))
        for name in destinations.keys.sorted() where !named.contains(name) && !fixed.contains(name) {
            destinations.removeValue(forKey: name)?.drain()
            contracts.forget(name)
        }
        for name in fixed { destinations[name]?.replace(rules: book.rules(of: name)) }
        inbound?.replace(rules: book.rules(of: config.service))
        recheckRunningCalls()
        publishRoutes()
        taken.note(snapshot.version, faults)
        tellReadiness(faults)
        tell(snapshot, faults)
        return faults
    }

    /// With nothing to fall back on, a sidecar that refuses its configuration would let through what operators forbid.
    private func tellReadiness(_ faults: [PolicyFault]) {
        context.readiness.accept(Self.noConfiguration)
        if taken.version.isEmpty, !faults.isEmpty {
            context.readiness.refuse(Self.refusedConfiguration)
        } else {
            context.readiness.accept(Self.refusedConfiguration)
        }
    }

    private func tell(_ snapshot: WeftControlV1.Snapshot, _ faults: [PolicyFault]) {
        let endpoints = snapshot.services.map { "\($0.name) \($0.endpoints.count)" }.joined(separator: ", ")
        context.log.info(
            "the registry changed", metadata: ["version": "\(snapshot.version)", "endpoints": "\(endpoints)"])
        for fault in faults {
            context.log.error(
                "the policies of a snapshot cannot be used; those before it stay in force",
                metadata: ["version": "\(snapshot.version)", "in_force": "\(taken.version)", "fault": "\(fault)"])
        }
    }

    private func endpoint(_ entry: WeftControlV1.Endpoint) -> Destination.Endpoint? {
        do {
            let address = try SocketAddress.parse(entry.address)
            return Destination.Endpoint(
                address: address, security: .mutual(.spiffe(entry.spiffeId)), version: entry.version)
        } catch {
            context.log.warning(
                "an instance cannot be reached",
                metadata: ["instance": "\(entry.instance)", "address": "\(entry.address)", "error": "\(error)"])
            return nil
        }
    }
}
