import Exchange
import Reactor
import Testing
import Timebase

@testable import Transport

@Suite("Certificates of peers")
struct KnownCertificatesTests {
    @Test("are one object, however often they are parsed, and others are others")
    func original() throws {
        let mesh = try TestMesh()
        let first = try #require(try mesh.identity(TestMesh.client).chain.first)
        let again = try Certificate(pem: first.pem)
        let other = try #require(try mesh.identity(TestMesh.client).chain.first)
        let known = KnownCertificates()
        #expect(known.original(of: first).handle === first.handle)
        #expect(known.original(of: again).handle === first.handle)
        #expect(known.original(of: other).handle === other.handle)
    }

    @Test("are kept once by the connections of one peer, in both roles, and still name it")
    func shared() async throws {
        let mesh = try TestMesh()
        let server = IdentityBox(try mesh.identity(TestMesh.server))
        let client = IdentityBox(try mesh.identity(TestMesh.client))
        let acceptor = EchoAcceptor()
        let pair = try Pair(
            acceptor,
            server: .tls(TLSServerContext(identity: server, expect: .spiffe(TestMesh.client))),
            client: .tls(TLSClientContext(identity: client, serverRule: .spiffe(TestMesh.server))))
        let second = ConnectionPool(
            to: pair.listener.localAddress, loop: pair.loop,
            security: .tls(TLSClientContext(identity: client, serverRule: .spiffe(TestMesh.server))))
        defer { second.close() }
        for pool in [pair.pool, second] {
            #expect(await pool.call(body: [1, 2, 3]).body == [1, 2, 3])
            #expect(await acceptor.peers.next().identity == TestMesh.client)
        }
        let shown = await pair.loop.on {
            pair.loop.sources.compactMap { ($0 as? WireConnection)?.tls?.peerCertificate }.map {
                UInt(bitPattern: $0.handle.pointer)
            }
        }
        #expect(shown.count == 4)
        #expect(Set(shown).count == 2, "two peers on four connections")
    }

    @Test("must be shown in time")
    func slowHandshake() throws {
        let mesh = try TestMesh()
        let world = ManualWorld()
        let server = IdentityBox(try mesh.identity(TestMesh.server, at: WallTime(seconds: 1_000_000)))
        let listener = try world.listen(
            EchoAcceptor(), security: .tls(TLSServerContext(identity: server, expect: .spiffe(TestMesh.client))))
        let socket = world.network.arrive()
        // A record of 512 bytes is announced, and comes a byte a second.
        socket.input = [22, 3, 1, 2, 0, 1, 0, 1, 252]
        for second in 1...10 {
            world.settle()
            #expect(listener.connectionCount == 1, "second \(second)")
            socket.input = [0]
            world.advance(.seconds(1))
        }
        #expect(listener.connectionCount == 0)
        #expect(socket.isClosed)
    }
}
