import Foundation
import RPC
import Reactor
import Testing
import Timebase
import Transport

@testable import WebProtocols

/// A port with everything on it, and clients that nobody here wrote.
@Suite("With clients from elsewhere", .serialized)
struct PeerTests {
    @Test("connectrpc's client passes by every protocol, codec, compression and version of HTTP")
    func connect() async throws {
        let port = try Port()
        let said = try await Peers.run("connect_client.py", [port.number])
        let encodings = ["identity", "gzip"]
        let expected =
            [1, 2].flatMap { version in
                encodings.flatMap { encoding in
                    [
                        "CONNECT proto \(encoding) HTTP/\(version) passed",
                        "CONNECT json \(encoding) HTTP/\(version) passed",
                        "GRPC_WEB proto \(encoding) HTTP/\(version) passed",
                    ]
                }
            } + encodings.map { "GRPC proto \($0) HTTP/2 passed" }
        #expect(Set(said.split(separator: "\n").map(String.init)) == Set(expected), "\(said)")
    }

    @Test("sonora's client of gRPC-Web is served over HTTP/1.1")
    func sonora() async throws {
        let port = try Port()
        let said = try await Peers.run("sonora_client.py", [port.number])
        #expect(said == "unary passed\nerror passed\nstream passed\n")
    }

    @Test("requests by hand are answered over HTTP/1.1 and HTTP/2 on one port")
    func raw() async throws {
        let port = try Port()
        let said = try await Peers.run("raw_client.py", [port.number])
        #expect(said == "keep-alive passed\nchunked passed\nping-pong passed\n")
    }

    @Test("over TLS, ALPN chooses between HTTP/2 and HTTP/1.1 on one port")
    func tls() async throws {
        let authority = try CertificateAuthority.create(
            trustDomain: "weft.local", validity: .seconds(86_400), now: SystemClock.wall)
        let key = try PrivateKey.generateP256()
        let leaf = try authority.issue(
            request: CertificateRequest.make(key: key, commonName: "test"),
            spiffeID: "spiffe://weft.local/ns/test/sa/server", validity: .seconds(3600), now: SystemClock.wall,
            dnsNames: ["localhost"])
        let identity = IdentityBox(try Identity(chain: [leaf], key: key, roots: authority.roots))
        let port = try Port(
            security: .tls(
                TLSServerContext(identity: identity, clients: .none, expect: .none, alpn: ["h2", "http/1.1"])))
        let roots = FileManager.default.temporaryDirectory.appending(path: "weft-web-\(UUID()).pem")
        try authority.roots.map(\.pem).joined().write(to: roots, atomically: false, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: roots) }
        let said = try await Peers.run("tls_client.py", [port.number, roots.path])
        #expect(
            said == """
                http/1.1 11
                of http/1.1 it chose http/1.1
                of h2 it chose h2
                of http/1.1 h2 it chose h2
                grpc passed

                """)
    }

    private static let hasChromium = FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium")

    @Test(
        "a page of another origin calls from Chromium, where it may", .enabled(if: hasChromium, "chromium is missing"))
    func browser() async throws {
        var settings = WebSettings()
        settings.crossOrigin.origins = .any
        let (open, closed) = (try Port(settings), try Port())
        let said = try await Peers.run("browser_client.py", [open.number, closed.number])
        #expect(
            said == """
                connect 200 Ünder "quotes" v
                error 400 invalid_argument
                get 200 c2
                grpc-web 0 0 128 grpc-status: 0;x-count: 2;
                grpc-web error 3 the id is "empty"
                closed post TypeError
                closed get TypeError

                """)
    }
}

/// A loop with a listener, which ends with the value.
final class Port: Sendable {
    private let loop: Loop
    private let listener: Listener
    let number: String

    init(_ settings: WebSettings = WebSettings(), security: ServerSecurity = .plaintext) throws {
        loop = try Loop.start(name: "port")
        let router = Router(timers: loop)
        router.add(Courses(notes: Notes()))
        router.add(Interop())
        let web = WebAcceptor(router, timers: loop, settings: settings)
        listener = try Listener.listen(
            on: .ip("127.0.0.1", port: 0), loop: loop, security: security, acceptor: web,
            protocols: HTTP1Connection.serving(web))
        number = String(listener.localAddress.port ?? 0)
    }

    deinit {
        listener.close()
        loop.stop()
    }
}

/// The scripts of the peers, and the Python that has them.
enum Peers {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Peers")

    static func python() throws -> String {
        let root = folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = ProcessInfo.processInfo.environment["WEFT_PYTHON"] ?? root.appending(path: ".venv/bin/python").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw PeerFault(description: "\(path) is not there: run make setup, or set WEFT_PYTHON")
        }
        return path
    }

    /// Runs a script until it ends, and never longer than a test may take; answers all that it said.
    static func run(_ script: String, _ arguments: [String]) async throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["120", try python(), folder.appending(path: script).path] + arguments
        process.standardOutput = output
        process.standardError = output
        try withSignals { try process.run() }
        return await withCheckedContinuation { continuation in
            Foundation.Thread.detachNewThread {
                let bytes = output.fileHandleForReading.readDataToEndOfFile()
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    /// A child inherits its thread's signal mask, and the threads of tests block every signal: the limit of time would not
    /// reach it.
    private static func withSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var old = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &old)
        defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
        try body()
    }
}

struct PeerFault: Error, CustomStringConvertible {
    let description: String
}
