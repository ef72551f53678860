import Exchange
import Foundation
import Logging
import Membership
import MeshAPI
import RPC
import Reactor
import Transport

/// Calls with a mesh identity of the command's own: it joins as a member, asks the registry, and speaks mTLS to the endpoint.
enum MemberSource {
    static func open(
        as service: String, in mesh: RunningMesh, loop: Loop, timeout: Duration
    ) async throws -> ContractSource {
        let membership = try await join(
            as: service, token: try mesh.token(of: service), mesh, loop: loop, timeout: timeout)
        let identity = membership.identity
        let control = Channel(membership.memberPool, destination: ServiceName.control, timers: loop)
        let contracts = try await MeshSource.contracts(control, timeout: timeout)
        let registry = try await registry(control, timeout: timeout)
        let owners = MeshSource.owners(contracts)
        return ContractSource(index: try MeshSource.index(contracts)) { rpcService in
            let owner = owners[rpcService] ?? rpcService
            guard let endpoint = registry.services.first(where: { $0.name == owner })?.endpoints.first else {
                throw Fault.failed("no instance of '\(owner)' is registered")
            }
            let context = TLSClientContext(identity: identity, serverRule: .spiffe(endpoint.spiffeId))
            let pool = ConnectionPool(
                to: try SocketAddress.parse(endpoint.address), loop: loop, security: .tls(context))
            return Channel(pool, destination: owner, timers: loop)
        }
    }

    /// Joins as a member, and answers how to ask the control plane.
    static func control(
        as service: String, in mesh: RunningMesh, loop: Loop, timeout: Duration
    ) async throws -> Channel {
        let membership = try await join(
            as: service, token: try mesh.token(of: service), mesh, loop: loop, timeout: timeout)
        return Channel(membership.memberPool, destination: ServiceName.control, timers: loop)
    }

    /// Joins as a member; its pool to the control plane speaks with the identity.
    ///
    /// The instance has one name whenever a command runs: the rotation of roots waits for each instance's certificate.
    static func join(
        as service: String, token: String, _ mesh: RunningMesh, loop: Loop, timeout: Duration
    ) async throws -> Membership {
        let pem = (try? String(contentsOfFile: mesh.roots, encoding: .utf8)) ?? ""
        let roots = try Certificate.all(inPEM: pem)
        guard !roots.isEmpty else { throw Fault.failed("there is no root certificate in \(mesh.roots)") }
        let control: SocketAddress
        do {
            control = try SocketAddress.parse(mesh.control)
        } catch {
            throw Fault.usage("the control plane's address: \(error)")
        }
        let membership = Membership(
            MemberConfig(
                service: service, instance: "\(service)-command", control: control, trustDomain: mesh.trustDomain,
                namespace: mesh.namespace, roots: roots, joinToken: { token }),
            identity: IdentityBox(), loop: loop, log: Logger(label: "weft") { _ in SwiftLogNoOpLogHandler() })
        try await join(membership, on: loop, timeout: timeout)
        return membership
    }

    /// A member tries for ever; a command does not.
    private static func join(_ membership: Membership, on loop: Loop, timeout: Duration) async throws {
        let joined = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask(executorPreference: loop) {
                try await membership.join()
                return true
            }
            group.addTask(executorPreference: loop) {
                try await loop.sleep(for: timeout)
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
        guard joined else { throw Fault.failed("the control plane did not let this command join in time") }
    }

    private static func registry(_ control: Channel, timeout: Duration) async throws -> WeftControlV1.Snapshot {
        let client = WeftControlV1.DiscoveryClient(control)
        return try await client.watch(.init(), options: CallOptions(timeout: timeout)) { snapshots in
            let iterator = snapshots.makeAsyncIterator()
            return try await iterator.next() ?? WeftControlV1.Snapshot()
        }
    }
}
