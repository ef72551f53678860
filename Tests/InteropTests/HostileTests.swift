import Foundation
import Testing

/// Our server against peers that break the rules or ask for too much: the programs of Tests/Hostile, which share no code
/// with Weft. Each prints a line for each of its rows.
@Suite("With hostile peers", .serialized)
struct HostileTests {
    static let programs = Programs.root.appending(path: "Tests/Hostile")

    @Test("a server keeps every row of the conformance table", arguments: InteropTests.Security.allCases)
    func conformance(security: InteropTests.Security) async throws {
        let server = try await InteropServer(security)
        let said = try await run("conformance.py", [server.port, "--engine", "nghttp2"], server)
        #expect(said.passed.count >= 147, "\(said.text)")
        #expect(said.failed == [], "\(said.text)")
    }

    @Test("a server outlives every flood, and serves others meanwhile", arguments: InteropTests.Security.allCases)
    func floods(security: InteropTests.Security) async throws {
        let server = try await InteropServer(security)
        let said = try await run("floods.py", [server.port, try server.program.id], server)
        #expect(said.passed.count >= 24, "\(said.text)")
        #expect(said.failed == [], "\(said.text)")
    }

    @Test("a client outlives every server that misbehaves, and says what went wrong")
    func servers() async throws {
        let said = try await run("servers.py", [try Programs.own("interop-client")], nil)
        #expect(said.passed.count >= 80, "\(said.text)")
        #expect(said.failed == [], "\(said.text)")
    }

    // MARK: Parts

    private func run(
        _ script: String, _ arguments: [String], _ server: InteropServer?
    ) async throws -> (text: String, passed: [Substring], failed: [Substring]) {
        let trust = server?.certificates.map { ["--roots", $0.roots] } ?? []
        let path = HostileTests.programs.appending(path: script).path
        let program = try Program(try Programs.python(), [path] + arguments + trust)
        let (text, code) = await program.finish()
        let lines = text.split(separator: "\n")
        let failed = lines.filter { !$0.hasSuffix(" passed") }
        #expect(code == 0, "\(text)")
        return (text, lines.filter { $0.hasSuffix(" passed") }, failed)
    }
}

/// Our interop server, in a process of its own.
final class InteropServer: Sendable {
    let program: Program
    let port: String
    let certificates: Certificates?

    init(_ security: InteropTests.Security, _ arguments: [String] = []) async throws {
        certificates = security == .tls ? try await Certificates() : nil
        let trust = certificates.map { ["--use_tls", "--tls_cert_file", $0.chain, "--tls_key_file", $0.key] } ?? []
        program = try Program(try Programs.own("interop-server"), ["--port", "0"] + trust + arguments)
        port = try await program.port()
    }
}
