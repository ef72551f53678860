import Bytes
import Descriptors
import Exchange
import Foundation
import Membership
import MeshAPI
import ProtoResolve
import ProtoSyntax
import ProtoWire
import RPC
import Reactor
import Timebase
import Transport

/// Where a command finds the contract and the server: opened once, asked by `list`, `describe` and `call`.
struct ContractSource {
    let index: ContractIndex
    /// Makes the channel on which a method of this RPC service is called; nil where there is only a file.
    let channel: (_ rpcService: String) throws -> Channel

    /// Opens what the options name. Diagnostics of --proto files go to standard error.
    static func open(_ options: SourceOptions, needsServer: Bool) async throws -> ContractSource {
        guard let timeout = Duration(text: options.timeout), timeout > .zero else {
            throw Fault.usage("--timeout: '\(options.timeout)' is not a duration such as 500ms or 5s")
        }
        if !options.proto.isEmpty {
            let index = ContractIndex(try ProtoFiles.compile(options.proto, importPaths: options.importPaths))
            return ContractSource(index: index, channel: try server(options, needsServer: needsServer))
        }
        if options.address != nil {
            let channel = try server(options, needsServer: true)
            let files = try await ReflectionSource(channel: channel(""), timeout: timeout).files()
            return ContractSource(index: ContractIndex(files), channel: channel)
        }
        return try await MeshSource.open(options, timeout: timeout)
    }

    private static func server(
        _ options: SourceOptions, needsServer: Bool
    ) throws -> (String) throws -> Channel {
        guard let text = options.address else {
            guard !needsServer else { throw Fault.usage("name the server to call with --address") }
            return { _ in throw Fault.usage("name the server to call with --address") }
        }
        let address: SocketAddress
        do {
            address = try SocketAddress.parse(text)
        } catch {
            throw Fault.usage("--address: \(error)")
        }
        let loop = try Loop.start(name: "client")
        let pool = ConnectionPool(to: address, loop: loop, security: .plaintext)
        return { _ in Channel(pool, destination: text, timers: loop) }
    }
}
