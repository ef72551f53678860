import Foundation
import Testing

/// Our programs against peers that break the rules or ask for too much: those of Tests/Hostile, which share no code with
/// Weft. Each prints a line for each of its rows.
@Suite("With hostile peers", .serialized)
struct HostileTests {
    static let programs = Programs.root.appending(path: "Tests/Hostile")

    struct Way: Sendable, CustomTestStringConvertible {
        let engine: String
        let security: InteropTests.Security
        var testDescription: String { "\(engine), \(security.rawValue)" }

        static let all = ["native", "nghttp2"].flatMap { engine in
            InteropTests.Security.allCases.map { Way(engine: engine, security: $0) }
        }
    }

    @Test("a server keeps every row of the conformance table", arguments: Way.all)
    func conformance(way: Way) async throws {
        let server = try await InteropServer(way)
        try await run("conformance.py", [server.port, "--engine", way.engine] + server.roots, rows: 180)
    }

    /// One way for the engine that is to go is enough.
    @Test("a server outlives every flood, and serves others meanwhile", arguments: Way.all.dropLast())
    func floods(way: Way) async throws {
        let server = try await InteropServer(way)
        try await run("floods.py", [server.port, try server.program.id] + server.roots, rows: 24)
    }

    @Test("a server leaves peers that take too long", arguments: Way.all)
    func slow(way: Way) async throws {
        let limits = ["--handshake_timeout_ms", "400", "--idle_timeout_ms", "1000", "--write_timeout_ms", "800"]
        let server = try await InteropServer(way, limits)
        try await run("slow.py", [server.port] + server.roots, rows: 8)
    }

    @Test("a client outlives every server that misbehaves, and says what went wrong", arguments: ["native", "nghttp2"])
    func servers(engine: String) async throws {
        try await run("servers.py", [try Programs.own("interop-client"), "--engine", engine], rows: 80)
    }

    private func run(_ script: String, _ arguments: [String], rows: Int) async throws {
        let path = HostileTests.programs.appending(path: script).path
        let program = try Program(try Programs.python(), [path] + arguments)
        let (text, code) = await program.finish()
        let lines = text.split(separator: "\n")
        let failed = lines.filter { !$0.hasSuffix(" passed") }
        #expect(code == 0 && failed == [], "\(failed.joined(separator: "\n"))")
        #expect(lines.count >= rows, "as many rows as there are: \(text)")
    }
}

/// Our interop server, in a process of its own.
final class InteropServer: Sendable {
    let program: Program
    let port: String
    let certificates: Certificates?

    init(_ way: HostileTests.Way, _ arguments: [String] = []) async throws {
        certificates = way.security == .tls ? try await Certificates() : nil
        let trust = certificates.map { ["--use_tls", "--tls_cert_file", $0.chain, "--tls_key_file", $0.key] } ?? []
        let own = ["--port", "0", "--http2", way.engine]
        program = try Program(try Programs.own("interop-server"), own + trust + arguments)
        port = try await program.port()
    }

    /// What its peers need to trust it.
    var roots: [String] { certificates.map { ["--roots", $0.roots] } ?? [] }
}
