import ArgumentParser
import Exchange
import MeshAPI
import RPC
import Reactor
import Timebase
import Transport

/// Whom a command asks about the mesh: the admin listeners of all its members, or those that are named.
struct AdminOptions: ParsableArguments, Sendable {
    @Option(help: "Ask the process with this admin listener (HOST:PORT or unix:PATH) alone; repeat for more.")
    var admin: [String] = []

    @Option(help: "The state folder of the running mesh, whose control plane knows all members.")
    var state = ".weft"

    /// Finds the members, and opens a channel to each on one loop.
    func open(timeout: Duration) async throws -> [AdminMember] {
        let loop = try Loop.start(name: "admin")
        guard admin.isEmpty else {
            return try admin.map { try AdminMember(at: $0, loop: loop) }
        }
        return try await AdminMember.all(in: RunningMesh.load(state), loop: loop, timeout: timeout)
    }
}

/// A member of the mesh whose admin listener can be asked.
struct AdminMember: Sendable {
    /// Empty if only the address is known: the process says it (`GetStatus`).
    var service = ""
    var instance = ""
    /// What the instance runs: `v2`.
    var version = ""
    let address: String
    let channel: Channel

    var client: WeftAdminV1.AdminClient { WeftAdminV1.AdminClient(channel) }

    /// How the member is called in what people read.
    var name: String { instance.isEmpty ? address : instance }

    init(at text: String, loop: Loop) throws {
        do {
            let address = try SocketAddress.parse(text)
            let pool = ConnectionPool(to: address, loop: loop, security: .plaintext)
            self.address = text
            channel = Channel(pool, destination: "admin", timers: loop)
        } catch {
            throw Fault.usage("--admin: \(error)")
        }
    }

    /// Every member that says where it can be asked, in the order of their names.
    static func all(in mesh: RunningMesh, loop: Loop, timeout: Duration) async throws -> [AdminMember] {
        let pool = ConnectionPool(to: try SocketAddress.parse(mesh.sidecar), loop: loop, security: .plaintext)
        let control = Channel(pool, destination: ServiceName.control, timers: loop)
        let snapshot: WeftControlV1.Snapshot
        do {
            let client = WeftControlV1.DiscoveryClient(control)
            snapshot = try await client.watch(.init(), options: CallOptions(timeout: timeout)) { snapshots in
                let iterator = snapshots.makeAsyncIterator()
                return try await iterator.next() ?? WeftControlV1.Snapshot()
            }
        } catch let error as RPCError {
            throw Fault.call(
                "the mesh does not say who is there: \(error.code): \(error.message)", code: error.code.rawValue)
        }
        var members: [AdminMember] = []
        for service in snapshot.services {
            for endpoint in service.endpoints where !endpoint.admin.isEmpty {
                var member = try AdminMember(at: endpoint.admin, loop: loop)
                member.service = service.name
                member.instance = endpoint.instance
                member.version = endpoint.version
                members.append(member)
            }
        }
        guard !members.isEmpty else {
            throw Fault.failed("no member of the mesh has an admin listener; name one with --admin")
        }
        return members.sorted { ($0.service, $0.instance) < ($1.service, $1.instance) }
    }
}
