import ArgumentParser
import Foundation
import MeshAPI
import MeshPolicy
import RPC
import Timebase
import WellKnown

/// `weft apply`: replaces the policies of a running mesh.
struct ApplyCommand: WaitingCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Replace the policies of a running mesh, and wait until all members go by them.",
        discussion: """
            The file is YAML or JSON in the words of weft.policy.v1: {services: [{service: course, retry: {...}}]}, or a
            mesh.yaml with such a list under 'policies'. It replaces all policies; print those in force with
            'weft get policies'. With any fault nothing changes.
            Exit codes: 0 applied (and with --wait: everybody goes by them), 1 not by everybody, or not reached, 2 the
            file is wrong, 64 + N the control plane refused with gRPC status N.
            """)

    @Option(name: .shortAndLong, help: "The policies; - reads standard input.")
    var file: String

    @Flag(help: "Check them here and at the control plane, and change nothing.")
    var dryRun = false

    @Flag(help: "Wait until every member goes by them, or says why not.")
    var wait = false

    @Option(help: "With --wait, give up after this long: 500ms, 5s, 1m.")
    var timeout = "30s"

    @Option(help: "Only if the policies in force have this hash: nobody else changed them meanwhile.")
    var expect: String?

    @OptionGroup var control: ControlOptions

    func run() async throws {
        let timeout = try WaitTime.parse(timeout, "--timeout")
        let document = try YAMLDocument.read(file: file)
        let policy = try Policies.read(document, file: fileName)
        let channel = try await control.open(timeout: min(timeout, .seconds(10)))
        var request = WeftControlV1.ApplyRequest()
        request.policy = policy
        request.dryRun = dryRun
        request.expectedHash = expect ?? ""
        let applied: WeftControlV1.ApplyResponse
        do {
            applied = try await WeftControlV1.ConfigurationClient(channel).apply(
                request, options: CallOptions(timeout: min(timeout, .seconds(10))))
        } catch let error as RPCError {
            throw Policies.refused(error, document, file: fileName)
        }
        for warning in applied.warnings { Policies.warn(warning, document, file: fileName) }
        if dryRun {
            print(applied.unchanged ? "\(applied.hash) is in force already" : "\(applied.hash) would be taken")
            return
        }
        print(applied.unchanged ? "\(applied.hash) was in force already" : "\(applied.hash) is in force")
        if wait { try await RolloutWatch(hash: applied.hash, timeout: timeout).run(channel) }
    }

    private var fileName: String { file == "-" ? "stdin" : file }
}

/// What `weft apply` and `weft up` do with a document of policies.
enum Policies {
    /// All faults go to standard error, each with its line.
    static func read(_ document: DocumentNode, file: String) throws -> WeftPolicyV1.MeshPolicy {
        do {
            return try PolicyDocument(document).policy
        } catch {
            throw Fault.usage(error.all.map { $0.described(in: file) }.joined(separator: "\nweft: "))
        }
    }

    /// What the control plane found, with the lines that it cannot know.
    static func refused(_ error: RPCError, _ document: DocumentNode, file: String) -> any Error {
        let violations = error.detail(GoogleRpc.BadRequest.self)?.fieldViolations ?? []
        guard error.code == .invalidArgument, !violations.isEmpty else {
            return Fault.call(
                "the control plane refused: \(error.code): \(error.message)", code: error.code.rawValue)
        }
        let lines = violations.map { violation in
            PolicyDocument.Fault(
                place: document.place(of: violation.field), path: violation.field, problem: violation.description
            ).described(in: file)
        }
        return Fault.usage(lines.joined(separator: "\nweft: "))
    }

    static func warn(_ warning: String, _ document: DocumentNode, file: String) {
        let path = warning.range(of: ": ").map { String(warning[..<$0.lowerBound]) } ?? ""
        let place = document.place(of: path)
        let position = place.line > 0 ? ":\(place.line):\(place.column)" : ""
        FileHandle.standardError.write(Data("weft: warning: \(file)\(position): \(warning)\n".utf8))
    }
}
