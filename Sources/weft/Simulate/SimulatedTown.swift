import Descriptors
import Foundation
import Generate
import MeshSimulation
import ProtoWire
import Timebase
import WellKnown

/// Makes a town of a mesh's file and of the contracts that lie beside it.
enum SimulatedTown {
    private static let edge = "edge"

    static func make(
        _ mesh: MeshFile, importPaths: [String], chains: [(caller: String, callee: String)], timeout: Duration,
        callsPerSecond: Int
    ) throws -> Town {
        let contracts = try contracts(importPaths)
        var town = Town("forecast")
        town.services = mesh.services.map { service in
            var methods: [TownMethod] = []
            for file in contracts {
                for rpc in file.service where meshName(rpc, in: file) == service.name {
                    methods += rpc.method.filter { $0.clientStreaming != true && $0.serverStreaming != true }
                        .map { TownMethod(fullName(rpc, $0, in: file), isIdempotent: isIdempotent($0)) }
                }
            }
            guard !methods.isEmpty else {
                FileHandle.standardError.write(
                    Data("weft: no contract of '\(service.name)' is in \(importPaths.joined(separator: ", ")); ".utf8)
                        + Data("a stand-in with one method takes its place\n".utf8))
                let name = "simulated.\(service.name.replacing("-", with: "_")).Service/Call"
                return TownService(
                    service.name, replicas: service.replicas, methods: [TownMethod(name, isIdempotent: true)])
            }
            var set = FileDescriptorSet()
            set.file = contracts
            return TownService(
                service.name, replicas: service.replicas, methods: methods, contract: set.encoded())
        }
        try connect(&town, chains)
        var caller = TownCaller(
            edge, calls: called(in: town, chains), callsPerSecond: Double(callsPerSecond))
        caller.timeout = timeout...timeout
        town.callers = [caller]
        return town
    }

    /// Every method of a caller calls one of the callee: the first that may be repeated where its own may, or the first.
    private static func connect(_ town: inout Town, _ chains: [(caller: String, callee: String)]) throws {
        for (caller, callee) in chains {
            guard let from = town.services.firstIndex(where: { $0.name == caller }),
                let to = town.services.first(where: { $0.name == callee })
            else { continue }
            for index in town.services[from].methods.indices {
                let isIdempotent = town.services[from].methods[index].isIdempotent
                let target = to.methods.first { $0.isIdempotent == isIdempotent } ?? to.methods[0]
                town.services[from].methods[index].calls.append(target.name)
            }
        }
        try checkForRings(chains)
    }

    private static func checkForRings(_ chains: [(caller: String, callee: String)]) throws {
        for start in Set(chains.map(\.caller)) {
            var reached: Set<String> = [start]
            // Each round reaches one service more, or none.
            for _ in chains {
                for chain in chains where reached.contains(chain.caller) { reached.insert(chain.callee) }
            }
            if chains.contains(where: { reached.contains($0.caller) && $0.callee == start }) {
                throw Fault.usage("--calls: '\(start)' would be called by what it calls, for ever")
            }
        }
    }

    /// What the edge calls: every service that no other is said to call.
    private static func called(in town: Town, _ chains: [(caller: String, callee: String)]) -> [String] {
        let callees = Set(chains.map(\.callee))
        return town.services.filter { !callees.contains($0.name) }.flatMap { $0.methods.map(\.name) }
    }

    // MARK: Contracts

    /// Every file below the folders, with what it imports.
    private static func contracts(_ folders: [String]) throws -> [FileDescriptorProto] {
        let names = ContractFiles.expand(".", under: folders)
        guard !names.isEmpty else { return [] }
        return try ProtoFiles.compile(names, importPaths: folders)
    }

    /// What the contract says, or the last part of its package before the version.
    private static func meshName(_ service: ServiceDescriptorProto, in file: FileDescriptorProto) -> String {
        let said = try? service.options?.value(of: WeftOptionsV1.service)?.meshName
        if let said, !said.isEmpty { return said }
        let parts = (file.package ?? "").split(separator: ".")
        let isVersion = parts.last?.first == "v" && parts.last?.dropFirst().first?.isNumber == true
        return String((isVersion ? parts.dropLast() : parts[...]).last ?? "")
    }

    private static func fullName(
        _ service: ServiceDescriptorProto, _ method: MethodDescriptorProto, in file: FileDescriptorProto
    ) -> String {
        let package = file.package.map { $0.isEmpty ? "" : $0 + "." } ?? ""
        return "\(package)\(service.name ?? "")/\(method.name ?? "")"
    }

    private static func isIdempotent(_ method: MethodDescriptorProto) -> Bool {
        let level = method.options?.idempotencyLevel
        return level == .noSideEffects || level == .idempotent
    }
}
