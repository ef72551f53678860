import Exchange
import Reactor
import Testing
import Timebase

@testable import Transport

@Suite("Mutual TLS")
struct SecurityTests {
    /// A client that is refused, or refuses, and what each side says of it.
    struct Refusal: CustomTestStringConvertible, Sendable {
        let name: String
        let client: Failure.Cause
        let clientSays: String
        let server: Failure.Cause
        let serverSays: String
        let make: @Sendable () throws -> (ServerSecurity, ClientSecurity)
        var testDescription: String { name }
    }

    static let refusals: [Refusal] = [
        Refusal(
            name: "a client without a certificate",
            client: .tlsUntrusted, clientSays: "requires a certificate and we presented none",
            server: .tlsUntrusted, serverSays: "the client presented no certificate"
        ) {
            let mesh = try TestMesh()
            return try (
                server(mesh), .tls(client(IdentityBox(Identity(roots: mesh.authority.roots))))
            )
        },
        Refusal(
            name: "a client of another authority",
            client: .tlsUntrusted, clientSays: "alert unknown_ca",
            server: .tlsUntrusted, serverSays: "the client presented \(TestMesh.client), issued by CN=weft.local"
        ) {
            let mesh = try TestMesh()
            let foreign = try TestMesh().identity(TestMesh.client, roots: mesh.authority.roots)
            return try (server(mesh), .tls(client(IdentityBox(foreign))))
        },
        Refusal(
            name: "a client with another name",
            client: .tlsIdentityMismatch, clientSays: "does not accept the name in our certificate",
            server: .tlsIdentityMismatch,
            serverSays: "it is for spiffe://weft.local/ns/test/sa/stranger, not for \(TestMesh.client)"
        ) {
            let mesh = try TestMesh()
            let stranger = try mesh.identity("spiffe://weft.local/ns/test/sa/stranger")
            return try (server(mesh), .tls(client(IdentityBox(stranger))))
        },
        Refusal(
            name: "a client whose certificate has expired",
            client: .tlsExpired, clientSays: "our certificate has expired",
            server: .tlsExpired, serverSays: "certificate has expired"
        ) {
            let mesh = try TestMesh()
            let old = try mesh.identity(TestMesh.client, validity: .seconds(60), at: before(.seconds(3600)))
            return try (server(mesh), .tls(client(IdentityBox(old))))
        },
        Refusal(
            name: "a server of another authority",
            client: .tlsUntrusted, clientSays: "the server presented \(TestMesh.server)",
            server: .tlsUntrusted, serverSays: "does not know the authority that issued our certificate"
        ) {
            let mesh = try TestMesh()
            let foreign = try TestMesh().identity(TestMesh.client)
            return try (server(mesh), .tls(client(IdentityBox(foreign))))
        },
        Refusal(
            name: "a server with another name",
            client: .tlsIdentityMismatch, clientSays: "it is for \(TestMesh.server), not for spiffe://weft.local/other",
            server: .tlsIdentityMismatch, serverSays: "does not accept the name in our certificate"
        ) {
            let mesh = try TestMesh()
            let box = IdentityBox(try mesh.identity(TestMesh.client))
            return try (
                server(mesh), .tls(TLSClientContext(identity: box, serverRule: .spiffe("spiffe://weft.local/other")))
            )
        },
        Refusal(
            name: "a server whose certificate has expired",
            client: .tlsExpired, clientSays: "certificate has expired",
            server: .tlsExpired, serverSays: "our certificate has expired"
        ) {
            let mesh = try TestMesh()
            let old = try mesh.identity(TestMesh.server, validity: .seconds(60), at: before(.seconds(3600)))
            let box = IdentityBox(old)
            return (
                .tls(TLSServerContext(identity: box, expect: .spiffe(TestMesh.client))),
                .tls(client(IdentityBox(try mesh.identity(TestMesh.client))))
            )
        },
        Refusal(
            name: "a client that speaks plaintext",
            client: .connectFailed, clientSays: "the peer closed the connection before it spoke HTTP/2",
            server: .tlsFailed, serverSays: "the client does not speak TLS on this connection"
        ) { (try server(TestMesh()), .plaintext) },
        Refusal(
            name: "a server that speaks plaintext",
            client: .tlsFailed, clientSays: "the server does not speak TLS on this connection",
            server: .protocolError, serverSays: "the peer speaks TLS on a plaintext connection"
        ) {
            let mesh = try TestMesh()
            return (.plaintext, .tls(client(IdentityBox(try mesh.identity(TestMesh.client)))))
        },
        Refusal(
            name: "a client that speaks another protocol inside TLS",
            client: .tlsFailed, clientSays: "no_application_protocol",
            server: .tlsFailed, serverSays: "the client speaks none of the protocols h2"
        ) {
            let mesh = try TestMesh()
            let box = IdentityBox(try mesh.identity(TestMesh.client))
            return try (
                server(mesh), .tls(TLSClientContext(identity: box, serverRule: .trusted, alpn: ["http/1.1"]))
            )
        },
    ]

    @Test("refuses, before any exchange, with the reason on both sides", arguments: refusals)
    func refuses(_ row: Refusal) async throws {
        let (server, client) = try row.make()
        let acceptor = EchoAcceptor()
        let pair = try Pair(acceptor, server: server, client: client, limits: .dialsOnce)
        let failure = try #require(await pair.pool.call().failure)
        #expect(failure.cause == row.client)
        #expect(failure.detail.contains(row.clientSays), "\(failure.detail)")
        #expect(failure.reach == .neverSent)
        #expect(failure.subject == pair.listener.localAddress.description)
        let refusal = await pair.serverLog.refusal()
        #expect(refusal.cause == row.server)
        #expect(refusal.detail.contains(row.serverSays), "\(refusal.detail)")
        #expect(refusal.subject.hasPrefix("127.0.0.1:"))
        // The pool remembers why, and says so without dialling again.
        #expect(await pair.pool.call().failure == failure)
        #expect(await pair.loop.on { pair.pool.state } == .transientFailure(failure))
    }

    @Test("takes a client without a certificate where one is optional, and gives it no identity")
    func optional() async throws {
        let mesh = try TestMesh()
        let acceptor = EchoAcceptor()
        let box = IdentityBox(try mesh.identity(TestMesh.server, dnsNames: ["course.example"]))
        let context = TLSServerContext(identity: box, clients: .optional, expect: .anySpiffe(inDomain: "weft.local"))
        let roots = IdentityBox(Identity(roots: mesh.authority.roots))
        let pair = try Pair(
            acceptor, server: .tls(context),
            client: .tls(TLSClientContext(identity: roots, serverRule: .dnsName("course.example"))))
        #expect(await pair.pool.call().ending == .complete)
        #expect(await acceptor.peers.next().identity == nil)
    }

    @Test("takes new keys and roots without a restart, and keeps what is open")
    func rotation() async throws {
        let old = try TestMesh()
        let new = try TestMesh()
        let both = old.authority.roots + new.authority.roots
        let serverBox = IdentityBox(try old.identity(TestMesh.server))
        let clientBox = IdentityBox(try old.identity(TestMesh.client))
        let acceptor = EchoAcceptor()
        let pair = try Pair(
            acceptor, server: .tls(TLSServerContext(identity: serverBox, expect: .spiffe(TestMesh.client))),
            client: .tls(Self.client(clientBox)))
        func dialAnew() async -> Reply {
            let pool = ConnectionPool(
                to: pair.listener.localAddress, loop: pair.loop, security: .tls(Self.client(clientBox)))
            defer { pool.close() }
            return await pool.call()
        }
        #expect(await pair.pool.call().ending == .complete)

        // The roots overlap first, then the leaves change one after the other, then the old root goes.
        serverBox.replace(try old.identity(TestMesh.server, roots: both))
        clientBox.replace(try old.identity(TestMesh.client, roots: both))
        #expect(await dialAnew().ending == .complete)
        serverBox.replace(try new.identity(TestMesh.server, roots: both))
        #expect(await dialAnew().ending == .complete)
        clientBox.replace(try new.identity(TestMesh.client, roots: both))
        #expect(await dialAnew().ending == .complete)
        serverBox.replace(try new.identity(TestMesh.server))
        clientBox.replace(try new.identity(TestMesh.client))
        #expect(await dialAnew().ending == .complete)

        // What was open all the time still is; who kept the old identity is refused now.
        #expect(await pair.pool.call().ending == .complete)
        clientBox.replace(try old.identity(TestMesh.client, roots: both))
        #expect(await dialAnew().failure?.cause == .tlsUntrusted)
    }

    @Test("says so when this process has no certificate yet")
    func noIdentity() async throws {
        let mesh = try TestMesh()
        let pair = try Pair(
            EchoAcceptor(),
            server: .tls(TLSServerContext(identity: IdentityBox(), expect: .spiffe(TestMesh.client))),
            client: .tls(Self.client(IdentityBox(try mesh.identity(TestMesh.client)))))
        #expect(await pair.pool.call().failure != nil)
        #expect(await pair.serverLog.refusal().detail == "cannot serve TLS: this process has no certificate yet")
    }

    private static func server(_ mesh: TestMesh) throws -> ServerSecurity {
        .tls(
            TLSServerContext(
                identity: IdentityBox(try mesh.identity(TestMesh.server)), expect: .spiffe(TestMesh.client)))
    }

    private static func client(_ box: IdentityBox) -> TLSClientContext {
        TLSClientContext(identity: box, serverRule: .spiffe(TestMesh.server))
    }

    private static func before(_ duration: Duration) -> WallTime {
        WallTime(seconds: SystemClock.wall.seconds - duration.components.seconds)
    }
}
