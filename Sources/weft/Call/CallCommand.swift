import ArgumentParser
import Descriptors
import Exchange
import Foundation
import ProtoWire
import RPC
import Timebase

/// `weft call`: one call, JSON in and JSON out.
struct CallCommand: WaitingCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Call a method with JSON; replies are printed as JSON, one after another.",
        discussion: """
            Exit codes: 0 OK, 2 a wrong request, 64 + N a call that failed with gRPC status N.
            """)

    @OptionGroup var source: SourceOptions

    @Argument(help: "The method: learn.course.v1.CourseService/GetCourse.")
    var method: String

    @Option(
        name: .shortAndLong,
        help: "The request as JSON; @FILE reads a file, - standard input. Several objects for a stream.")
    var data = "{}"

    @Option(name: [.customShort("H"), .customLong("header")], help: "Metadata as NAME:VALUE; repeat for more.")
    var headers: [String] = []

    @Flag(name: .shortAndLong, help: "Print response metadata to standard error.")
    var verbose = false

    func run() async throws {
        let contract = try await ContractSource.open(source, needsServer: true)
        guard case .method(let declared, let service)? = contract.index.find(method) else {
            throw Fault.unknown(method, in: contract.index)
        }
        let plan = try CallPlan(
            method: declared, service: service, files: contract.index.files, json: try input(),
            options: CallOptions(timeout: Duration(text: source.timeout), metadata: try metadata()))
        do {
            try await plan.run(on: try contract.channel(service)) { print($0) }
        } catch let error as RPCError {
            let reason =
                error.cause.map { "\n  why: \($0.reason)" + ($0.detail.isEmpty ? "" : " - \($0.detail)") } ?? ""
            throw Fault.call("\(error.code): \(error.message)\(reason)", code: error.code.rawValue)
        }
    }

    private func input() throws -> [UInt8] {
        if data == "-" { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        guard data.hasPrefix("@") else { return Array(data.utf8) }
        let path = String(data.dropFirst())
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Fault.usage("--data: cannot read \(path)")
        }
        return Array(bytes)
    }

    private func metadata() throws -> Metadata {
        var metadata = Metadata()
        for header in headers {
            let parts = header.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2 else { throw Fault.usage("--header: '\(header)' is not NAME:VALUE") }
            do {
                try metadata.add(parts[0].lowercased(), parts[1])
            } catch {
                throw Fault.usage("--header: '\(header)': \(error)")
            }
        }
        return metadata
    }
}
