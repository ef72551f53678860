import Bytes
import Exchange
import Glibc
import Reactor
import Testing

@testable import Transport

@Suite("A listener with other protocols")
struct ProtocolTests {
    @Test("tells HTTP/2 from the rest by its first bytes, however they are cut")
    func sniffing() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let listener = try Listener.listen(
            on: .ip("127.0.0.1", port: 0), loop: loop, security: .plaintext, acceptor: EchoAcceptor(),
            protocols: { Shouter($0, alpn: $1) })
        defer { listener.close() }
        let pool = ConnectionPool(to: listener.localAddress, loop: loop, security: .plaintext)
        defer { pool.close() }
        #expect(await pool.call().ending == .complete)

        let client = try PlainClient(to: listener.localAddress)
        #expect(try await client.exchange(["PRI * HTTP/2"]) == nil, "these may still become HTTP/2")
        #expect(try await client.exchange([".1\n"]) == "none: PRI * HTTP/2.1\n")
        let other = try PlainClient(to: listener.localAddress)
        #expect(try await other.exchange(["GET / HTTP/1.1\n"]) == "none: GET / HTTP/1.1\n")
    }

    @Test("says why it leaves, also to a peer that it did not hear to its end")
    func lastWords() async throws {
        let pair = try Pair(EchoAcceptor())
        let client = try PlainClient(to: pair.listener.localAddress)
        // More than is read before the refusal: closing a socket with unread bytes would reset it, and the reason be lost.
        let (heard, isWhole) = try await client.flood("no preface ", times: 50_000)
        #expect(isWhole)
        #expect(heard.count > 9 + 9)
        let goAway = heard.indices.contains { $0 + 9 <= heard.count && heard[$0...].starts(with: [7, 0, 0, 0, 0, 0]) }
        #expect(goAway)
        #expect(await pair.serverLog.refusal().cause == .protocolError)
    }

    @Test("follows ALPN")
    func alpn() async throws {
        let mesh = try TestMesh()
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let context = TLSServerContext(
            identity: IdentityBox(try mesh.identity(TestMesh.server)), clients: .none, expect: .none,
            alpn: ["h2", "http/1.1"])
        let listener = try Listener.listen(
            on: .ip("127.0.0.1", port: 0), loop: loop, security: .tls(context), acceptor: EchoAcceptor(),
            protocols: { Shouter($0, alpn: $1) })
        defer { listener.close() }
        func pool(_ alpn: [String]) -> ConnectionPool {
            let roots = IdentityBox(Identity(roots: mesh.authority.roots))
            let client = TLSClientContext(identity: roots, serverRule: .spiffe(TestMesh.server), alpn: alpn)
            return ConnectionPool(to: listener.localAddress, loop: loop, security: .tls(client))
        }
        let modern = pool(["h2"])
        defer { modern.close() }
        #expect(await modern.call().ending == .complete)
        // The shouter answers HTTP/2's preface with its own words, which are no SETTINGS.
        let old = pool(["http/1.1"])
        defer { old.close() }
        #expect(await old.call().failure?.phase == .connect)
    }
}

/// Answers what it hears with the protocol that it was made for, when a line is whole.
final class Shouter: WireHandler {
    private unowned let connection: WireConnection  // it owns this handler
    private var output: [UInt8]
    private var hasLine = false

    init(_ connection: WireConnection, alpn: String?) {
        self.connection = connection
        output = Array("\(alpn ?? "none"): ".utf8)
    }

    func received(_ bytes: UnsafeRawBufferPointer) {
        output += bytes
        hasLine = hasLine || bytes.contains(UInt8(ascii: "\n"))
        if hasLine { connection.wantsFlush() }
    }

    func produce(_ limit: Int, into chain: OutputChain) {
        guard hasLine else { return }
        output.withUnsafeBytes { chain.append($0) }
        output = []
    }

    func flushed() { if hasLine { connection.close() } }
    func receivedEnd() { connection.close() }
    func drain() { connection.close() }
    func closed(_ failure: Failure?) {}
}

/// A blocking socket of a test's own.
final class PlainClient: Sendable {
    private let descriptor: Int32

    init(to address: SocketAddress) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var raw = try #require(RawAddress(address))
        let descriptor = descriptor
        try #require(raw.withPointer { connect(descriptor, $0, $1) } == 0)
    }

    deinit { close(descriptor) }

    /// Sends much and reads all until the peer ends; false if it reset the connection.
    func flood(_ text: String, times: Int) async throws -> ([UInt8], isWhole: Bool) {
        await onThread { [descriptor] in
            let bytes = Array(String(repeating: text, count: times).utf8)
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return ([], false) }
                sent += count
            }
            shutdown(descriptor, Int32(SHUT_WR))
            var all: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 256)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                guard count > 0 else { return (all, count == 0) }
                all += buffer[..<count]
            }
        }
    }

    func send(_ bytes: [UInt8]) {
        let count = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        #expect(count == bytes.count)
    }

    /// What comes next; nothing when the peer has ended.
    func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = read(descriptor, &buffer, buffer.count)
        return Array(buffer.prefix(max(count, 0)))
    }

    /// Sends the pieces; answers all that comes until the peer ends, or nil if no line was sent.
    func exchange(_ pieces: [String]) async throws -> String? {
        for piece in pieces { try #require(write(descriptor, piece, piece.utf8.count) == piece.utf8.count) }
        guard pieces.last?.hasSuffix("\n") == true else { return nil }
        return await onThread { [descriptor] in
            var all: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 256)
            while case let count = read(descriptor, &buffer, buffer.count), count > 0 { all += buffer[..<count] }
            return String(decoding: all, as: UTF8.self)
        }
    }
}
