import BenchAPI
@testable import Client
import Exchange
import Foundation
import RPC
import Testing
import Timebase
import Transport

/// Servers of grpcio on real sockets, which fail as they are asked to.
@Suite struct PeerTests {
    private func call(_ client: Client, _ settings: [String: String]) async throws -> String {
        var metadata = Metadata()
        try metadata.add("x-call", "\(UInt64.random(in: 0 ... .max))")
        for (name, value) in settings { try metadata.add("x-" + name, value) }
        let options = CallOptions(timeout: .seconds(20), metadata: metadata)
        do {
            return try await Bench.EchoClient(client.channel).unary(Bench.Msg(), options: options).id
        } catch let error as RPCError {
            return error.code.name
        }
    }

    private func retrying(_ more: String = "") throws -> Client.Options {
        Client.Options(
            serviceConfig: try ServiceConfig(
                json: """
                    {"methodConfig":[{"name":[{"service":"bench.Echo"}],"retryPolicy":{"maxAttempts":4,
                    "initialBackoff":"0.01s","maxBackoff":"0.1s","backoffMultiplier":2,
                    "retryableStatusCodes":["UNAVAILABLE"]}}]\(more)}
                    """))
    }

    @Test func `retries come to a good answer, with early heads too, and obey pushback`() async throws {
        let server = try PeerServer(1)
        let client = try Client("127.0.0.1:\(server.ports[0])", options: retrying())
        #expect(try await call(client, [:]) == "0 after 0")
        #expect(try await call(client, ["codes": "14,14,0"]) == "0 after 2")
        #expect(try await call(client, ["codes": "14,14,0", "head": "early"]) == "0 after 2")
        #expect(try await call(client, ["codes": "14,14,14,14,0"]) == "UNAVAILABLE")
        #expect(try await call(client, ["codes": "5,0"]) == "NOT_FOUND")
        let start = ContinuousClock.now
        #expect(try await call(client, ["codes": "14,0", "pushback": "300"]) == "0 after 1")
        #expect(start.duration(to: .now) >= .milliseconds(300))
        #expect(try await call(client, ["codes": "14,0", "pushback": "never"]) == "UNAVAILABLE")
        await client.close()
        #expect(client.state == .shutdown)
    }

    @Test func `hedges win over a slow server`() async throws {
        let server = try PeerServer(3)
        var options = Client.Options()
        options.serviceConfig.balancing = .roundRobin
        options.serviceConfig.methods = [
            MethodConfig([.all], attempts: .hedge(.init(maxAttempts: 3, delay: .milliseconds(50), nonFatal: [])))
        ]
        let client = try Client(
            "ipv4:" + server.ports.map { "127.0.0.1:\($0)" }.joined(separator: ","), options: options)
        let start = ContinuousClock.now
        let said = try await call(client, ["delays": "3000,3000,0"])
        #expect(said.hasSuffix("after 2") && start.duration(to: .now) < .seconds(2))
        await client.close()
    }

    @Test func `all servers take turns, and the ill ones are left out`() async throws {
        let server = try PeerServer(3)
        let client = try Client(
            "ipv4:" + server.ports.map { "127.0.0.1:\($0)" }.joined(separator: ","),
            options: retrying(
                #","loadBalancingConfig":[{"round_robin":{}}],"healthCheckConfig":{"serviceName":"bench.Echo"}"#))
        client.connect()
        var used: Set<String> = []
        for _ in 0..<300 where used.count < 3 {
            used.insert(String(try await call(client, [:]).prefix(1)))
        }
        #expect(used == ["0", "1", "2"])
        let ill = try await call(client, ["health": "NOT_SERVING"]).prefix(1)
        // The news comes over another stream; from then on the server is not asked.
        var others = 0
        for _ in 0..<3000 where others < 30 {
            others = try await call(client, [:]).prefix(1) == ill ? 0 : others + 1
        }
        #expect(others == 30)
        await client.close()
    }

    @Test func `TLS is spoken to whom the roots vouch for, and to nobody else`() async throws {
        let now = WallTime(seconds: Int64(Date().timeIntervalSince1970))
        let authority = try CertificateAuthority.create(trustDomain: "example.org", validity: .seconds(3600), now: now)
        let key = try PrivateKey.generateP256()
        let leaf = try authority.issue(
            request: .make(key: key, commonName: "server"), spiffeID: "spiffe://example.org/ns/a/sa/b",
            validity: .seconds(600), now: now, dnsNames: ["courses.example"])
        let folder = FileManager.default.temporaryDirectory.appending(path: "weft-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (chain, keyFile) = (folder.appending(path: "chain.pem"), folder.appending(path: "key.pem"))
        try leaf.pem.write(to: chain, atomically: true, encoding: .utf8)
        try key.pem.write(to: keyFile, atomically: true, encoding: .utf8)
        let server = try PeerServer(1, chain.path, keyFile.path)
        let target = "127.0.0.1:\(server.ports[0])"
        let roots = authority.roots
        let client = try Client(target, security: .tls(roots: roots, serverName: "courses.example"))
        #expect(try await call(client, [:]) == "0 after 0")
        for wrong in [
            Client.Security.tls(roots: roots, serverName: "other.example"),
            .tls(roots: [], serverName: "courses.example"), .plaintext,
        ] {
            #expect(try await call(try Client(target, security: wrong), [:]) == "UNAVAILABLE")
        }
        await client.close()
    }
}

/// Some servers of grpcio, until nobody holds them any more.
private final class PeerServer {
    let ports: [Int]
    private let process: Process

    init(_ count: Int, _ files: String...) throws {
        let process = Process()
        self.process = process
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let root = folder.deletingLastPathComponent().deletingLastPathComponent()
        let python =
            ProcessInfo.processInfo.environment["WEFT_PYTHON"] ?? root.appending(path: ".venv/bin/python").path
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw PeerFault(description: "\(python) is not there: run make setup, or set WEFT_PYTHON")
        }
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments =
            ["120", python, folder.appending(path: "Peers/retry_server.py").path, "\(count)"] + files
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try PeerServer.withSignals { try process.run() }
        var line = Data()
        while !line.contains(0x0a) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw PeerFault(description: "the server did not start") }
            line += more
        }
        ports = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard ports.count == count else { throw PeerFault(description: "the server has \(ports.count) ports") }
    }

    deinit {
        process.terminate()
    }

    /// A child inherits its thread's signal mask, and the threads of tests block every signal.
    private static func withSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var old = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &old)
        defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
        try body()
    }
}

private struct PeerFault: Error, CustomStringConvertible {
    let description: String
}
