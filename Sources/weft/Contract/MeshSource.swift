import Descriptors
import Exchange
import Foundation
import Membership
import MeshAPI
import ProtoWire
import RPC
import Reactor
import Transport

/// The contracts of the running mesh, from its control plane, and calls through it.
///
/// Without an identity of its own a command goes through the edge's sidecar; with `--as` it joins as a member and speaks mTLS.
enum MeshSource {
    static func open(_ options: SourceOptions, timeout: Duration) async throws -> ContractSource {
        let mesh = try RunningMesh.load(options.state)
        let loop = try Loop.start(name: "client")
        if let service = options.identity {
            return try await MemberSource.open(as: service, in: mesh, loop: loop, timeout: timeout)
        }
        let pool = ConnectionPool(to: try SocketAddress.parse(mesh.sidecar), loop: loop, security: .plaintext)
        let contracts = try await contracts(
            Channel(pool, destination: ServiceName.control, timers: loop), timeout: timeout)
        let owners = owners(contracts)
        return ContractSource(index: try index(contracts)) { rpcService in
            Channel(pool, destination: owners[rpcService] ?? rpcService, timers: loop)
        }
    }

    static func contracts(_ channel: Channel, timeout: Duration) async throws -> [WeftControlV1.Contract] {
        do {
            let client = WeftControlV1.ContractsClient(channel)
            return try await client.watch(.init(), options: CallOptions(timeout: timeout)) { sets in
                let iterator = sets.makeAsyncIterator()
                return try await iterator.next()?.contracts ?? []
            }
        } catch let error as RPCError {
            throw Fault.call(
                "the mesh does not give its contracts: \(error.code): \(error.message)", code: error.code.rawValue)
        }
    }

    /// The mesh service that offers each RPC service.
    static func owners(_ contracts: [WeftControlV1.Contract]) -> [String: String] {
        var owners: [String: String] = [:]
        for contract in contracts {
            for name in contract.rpcServices { owners[name] = contract.service }
        }
        return owners
    }

    static func index(_ contracts: [WeftControlV1.Contract]) throws -> ContractIndex {
        var files: [String: FileDescriptorProto] = [:]
        for contract in contracts {
            for file in try FileDescriptorSet(decoding: contract.descriptorSet).file { files[file.name ?? ""] = file }
        }
        return ContractIndex(files.values.sorted { ($0.name ?? "") < ($1.name ?? "") })
    }
}
