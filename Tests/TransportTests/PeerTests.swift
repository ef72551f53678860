import Bytes
import Exchange
import Foundation
import Reactor
import Testing
import Timebase

@testable import Transport

/// Peers that nobody here wrote: nghttp2's tools, Python's ssl and h2, grpcio.
@Suite("With peers from elsewhere")
struct PeerTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let python =
        ProcessInfo.processInfo.environment["WEFT_PYTHON"] ?? root.appending(path: ".venv/bin/python").path
    static let hasPython = FileManager.default.isExecutableFile(atPath: python)
    static let hasNghttp2 = FileManager.default.isExecutableFile(atPath: "/usr/bin/h2load")

    @Test("h2load and nghttp are served in plaintext", .enabled(if: hasNghttp2))
    func nghttp2() async throws {
        let pair = try Pair(EchoAcceptor())
        let address = pair.listener.localAddress
        let load = try await Program("/usr/bin/h2load", ["-n", "2000", "-c", "4", "-m", "16", "http://\(address)/"])
            .run()
        #expect(load.contains("2000 succeeded, 0 failed, 0 errored, 0 timeout"), "\(load)")
        let one = try await Program("/usr/bin/nghttp", ["-v", "-H", "x-a: b", "http://\(address)/"]).run()
        #expect(one.contains(":status: 200"))
        #expect(one.contains("x-echo: done"))
    }

    @Test("h2load and nghttp are served over mutual TLS", .enabled(if: hasNghttp2))
    func nghttp2TLS() async throws {
        let mesh = try TestMesh()
        let files = try PEMFiles(mesh.identity(TestMesh.client))
        let pair = try securePair(mesh, EchoAcceptor(), clients: .required)
        let one = try await Program(
            "/usr/bin/nghttp",
            ["-v", "--cert", files.chain, "--key", files.key, "https://\(pair.listener.localAddress)/"]
        ).run()
        #expect(one.contains("The negotiated protocol: h2"))
        #expect(one.contains("x-echo: done"))
        let open = try securePair(mesh, EchoAcceptor(), clients: .none)
        let load = try await Program(
            "/usr/bin/h2load", ["-n", "500", "-c", "4", "-m", "8", "https://\(open.listener.localAddress)/"]
        ).run()
        #expect(load.contains("500 succeeded, 0 failed, 0 errored, 0 timeout"), "\(load)")
        #expect(load.contains("TLS Protocol: TLSv1.3"))
    }

    @Test("Python's ssl and h2 exchange over mutual TLS", .enabled(if: hasPython))
    func pythonH2() async throws {
        let mesh = try TestMesh()
        let files = try PEMFiles(mesh.identity(TestMesh.client))
        let pair = try securePair(mesh, EchoAcceptor(), clients: .required)
        let port = String(try #require(pair.listener.localAddress.port))
        let output = try await Program(
            Self.python, [script("h2_client.py"), port, files.chain, files.key, files.roots, "course.example"]
        ).run()
        #expect(output == "alpn h2 TLSv1.3\nstatus 200\ntrailers {'x-echo': 'done'}\nsame True\n")
    }

    @Test("grpcio calls a listener", .enabled(if: hasPython), arguments: [false, true])
    func grpcClient(isSecure: Bool) async throws {
        let mesh = try TestMesh()
        let files = try PEMFiles(mesh.identity(TestMesh.client))
        let acceptor = GRPCEchoAcceptor()
        let pair = try isSecure ? securePair(mesh, acceptor, clients: .required) : Pair(acceptor)
        let port = String(try #require(pair.listener.localAddress.port))
        let output = try await Program(
            Self.python, [script("grpc_peer.py"), "client", port] + (isSecure ? files.all : [])
        ).run()
        #expect(output == "unary True\nstream True\nmany True\n")
    }

    @Test("a pool calls grpcio", .enabled(if: hasPython), arguments: [false, true])
    func grpcServer(isSecure: Bool) async throws {
        let mesh = try TestMesh()
        let files = try PEMFiles(mesh.identity(TestMesh.server, dnsNames: ["course.example"]))
        let program = Program(Self.python, [script("grpc_peer.py"), "server"] + (isSecure ? files.all : []))
        let port = try #require(UInt16(try await program.startAndReadLine()))
        defer { program.stop() }
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let context = TLSClientContext(
            identity: IdentityBox(try mesh.identity(TestMesh.client)), serverRule: .spiffe(TestMesh.server))
        let pool = ConnectionPool(
            to: .ip("127.0.0.1", port: port), loop: loop, security: isSecure ? .tls(context) : .plaintext)
        defer { pool.close() }
        for size in [0, 5, 1_000_000] {
            let message =
                [0] + withUnsafeBytes(of: UInt32(size).bigEndian) { Array($0) } + [UInt8](repeating: 3, count: size)
            let reply = await pool.call("/test.Echo/Both", body: message)
            #expect(reply.status == "200")
            #expect(reply.body == message)
            #expect(reply.ending == .complete)
        }
    }

    @Test("grpcio understands why a listener leaves it when it pings too often", .enabled(if: hasPython))
    func grpcPings() async throws {
        let pair = try Pair(HoldingAcceptor())
        let port = String(try #require(pair.listener.localAddress.port))
        let output = try await Program(Self.python, [script("grpc_peer.py"), "pinger", port]).run()
        #expect(output.hasSuffix("UNAVAILABLE True\n"), "\(output)")
        let failure = await pair.serverLog.refusal()
        #expect(failure.detail == "the peer sent pings too often")
    }

    @Test("a pool slows down when grpcio complains about its pings", .enabled(if: hasPython))
    func grpcComplains() async throws {
        let program = Program(Self.python, [script("grpc_peer.py"), "server"])
        let port = try #require(UInt16(try await program.startAndReadLine()))
        defer { program.stop() }
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        var limits = ConnectionLimits()
        limits.keepalive = .milliseconds(20)
        limits.keepaliveMinimum = .milliseconds(20)
        let log = EventLog()
        let pool = ConnectionPool(
            to: .ip("127.0.0.1", port: port), loop: loop, security: .plaintext, limits: limits, events: log.events)
        defer { pool.close() }
        let call = await loop.on { Unchecked(OpenCall(on: pool)) }
        defer { withExtendedLifetime(call) {} }
        let slowed = await log.first { if case .keepaliveSlowed(_, let interval) = $0 { interval } else { nil } }
        #expect(slowed == .milliseconds(40))
    }

    private func script(_ name: String) -> String {
        Self.root.appending(path: "Tests/TransportTests/Peers/\(name)").path
    }

    private func securePair(
        _ mesh: TestMesh, _ acceptor: any Acceptor, clients: TLSServerContext.ClientCertificates
    ) throws -> Pair {
        let box = IdentityBox(try mesh.identity(TestMesh.server, dnsNames: ["course.example"]))
        return try Pair(
            acceptor, server: .tls(TLSServerContext(identity: box, clients: clients, expect: .spiffe(TestMesh.client))))
    }
}

/// A call that sends its head and waits.
final class OpenCall: ExchangeHandler {
    private var stream: (any ExchangeStream)?

    init(on pool: ConnectionPool) {
        let stream = pool.open(CallIntent(destination: "test"), handler: self)
        self.stream = stream
        stream.send(
            head: [
                ":method": "POST", ":scheme": "http", ":authority": "test", ":path": "/test.Echo/Both",
                "content-type": "application/grpc", "te": "trailers",
            ], end: false)
    }

    func heard(head: Fields, end: Bool) {}
    func heard(_ chunk: Chunk, end: Bool) {}
    func heard(trailers: Fields) {}
    func hasRoom() {}
    func ended(_ ending: Ending) { stream = nil }
}

/// An identity in files, as other programs want it; the files go with the value.
final class PEMFiles {
    let chain: String
    let key: String
    let roots: String
    var all: [String] { [chain, key, roots] }

    init(_ identity: Identity) throws {
        let folder = temporaryPath()
        (chain, key, roots) = (folder + ".chain.pem", folder + ".key.pem", folder + ".roots.pem")
        try identity.chain.map(\.pem).joined().write(toFile: chain, atomically: false, encoding: .utf8)
        try (identity.key?.pem ?? "").write(toFile: key, atomically: false, encoding: .utf8)
        try identity.roots.map(\.pem).joined().write(toFile: roots, atomically: false, encoding: .utf8)
    }

    deinit {
        for path in all { try? FileManager.default.removeItem(atPath: path) }
    }
}

/// A program of somebody else.
final class Program {
    private let process = Process()
    private let output = Pipe()
    private let input = Pipe()

    init(_ path: String, _ arguments: [String]) {
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        process.standardInput = input
    }

    /// Everything that it printed, when it has ended.
    func run() async throws -> String {
        let file = output.fileHandleForReading
        try process.run()
        return await onThread { String(decoding: file.readDataToEndOfFile(), as: UTF8.self) }
    }

    func startAndReadLine() async throws -> String {
        try process.run()
        let file = output.fileHandleForReading
        return await onThread {
            var line: [UInt8] = []
            while let byte = try? file.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") { line.append(byte) }
            return String(decoding: line, as: UTF8.self)
        }
    }

    func stop() {
        try? input.fileHandleForWriting.close()
        process.terminate()
    }
}

/// An echo that ends as gRPC does.
final class GRPCEchoAcceptor: Acceptor, @unchecked Sendable {  // has no state
    func accept(_ head: Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream) -> any ExchangeHandler {
        GRPCEchoHandler(stream)
    }
}

final class GRPCEchoHandler: ExchangeHandler {
    private var stream: (any ExchangeStream)?

    init(_ stream: any ExchangeStream) {
        self.stream = stream
        stream.send(head: [":status": "200", "content-type": "application/grpc"], end: false)
    }

    func heard(head: Fields, end: Bool) {}

    func heard(_ chunk: Chunk, end: Bool) {
        stream?.consume(chunk.count)
        if !chunk.isEmpty { stream?.send(chunk, end: false) }
        if end { stream?.send(trailers: ["grpc-status": "0"]) }
    }

    func heard(trailers: Fields) { stream?.send(trailers: ["grpc-status": "0"]) }
    func hasRoom() {}
    func ended(_ ending: Ending) { stream = nil }
}
