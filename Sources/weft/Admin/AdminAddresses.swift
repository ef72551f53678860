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

    /// Every member that says where it can be asked, in the order of their names: instances, and sidecars that only call.
    static func all(in mesh: RunningMesh, loop: Loop, timeout: Duration) async throws -> [AdminMember] {
        let pool = ConnectionPool(to: try SocketAddress.parse(mesh.sidecar), loop: loop, security: .plaintext)
        let rollout = try await Rollouts.now(
            Channel(pool, destination: ServiceName.control, timers: loop), timeout: timeout)
        var members: [AdminMember] = []
        for row in rollout.members where !row.admin.isEmpty {
            var member = try AdminMember(at: row.admin, loop: loop)
            member.service = row.service
            member.instance = row.instance
            members.append(member)
        }
        guard !members.isEmpty else {
            throw Fault.failed("no member of the mesh has an admin listener; name one with --admin")
        }
        return members
    }
}

/// What the control plane knows of its members.
enum Rollouts {
    static func now(_ control: Channel, timeout: Duration) async throws -> WeftControlV1.Rollout {
        do {
            let client = WeftControlV1.ConfigurationClient(control)
            return try await client.watchRollout(.init(), options: CallOptions(timeout: timeout)) { rollouts in
                let iterator = rollouts.makeAsyncIterator()
                return try await iterator.next() ?? WeftControlV1.Rollout()
            }
        } catch let error as RPCError {
            throw Fault.call(
                "the mesh does not say who is there: \(error.code): \(error.message)", code: error.code.rawValue)
        }
    }
}
