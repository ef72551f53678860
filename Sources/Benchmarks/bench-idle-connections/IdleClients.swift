import Bytes
import Exchange
import Glibc
import Reactor
import Timebase
import Transport

/// Opens connections one after the other, makes a call on each, and measures its process.
final class IdleClients: @unchecked Sendable {  // one loop on the main thread
    /// Connections that are made at the same time: handshakes of the others would wait for the processor.
    private static let atOnce = 32

    private let setup: Setup
    private let loop: Loop
    private let address: SocketAddress
    private let security: ClientSecurity
    private var pools: [ConnectionPool] = []
    private var done = 0
    private var start: MemoryUse?

    init(_ setup: Setup, port: UInt16) throws {
        self.setup = setup
        loop = try Loop(name: "clients")
        address = .ip("127.0.0.1", port: port)
        guard setup.isSecure else {
            security = .plaintext
            return
        }
        guard let certificate = getenv("BENCH_CA_CERTIFICATE"), let key = getenv("BENCH_CA_KEY") else {
            throw UsageError("the server starts its clients by itself")
        }
        let authority = try CertificateAuthority.load(
            certificatePEM: String(cString: certificate), keyPEM: String(cString: key))
        let identity = try Setup.identity(Setup.clientID, authority: authority)
        security = .tls(TLSClientContext(identity: identity, serverRule: .spiffe(Setup.serverID)))
    }

    func run() {
        raiseDescriptorLimit()
        loop.execute { [self] in next() }
        loop.run()
    }

    private func next() {
        let pool = ConnectionPool(to: address, loop: loop, security: security, limits: setup.limits)
        pools.append(pool)
        let call = IdleCall { [self] ending in ended(ending) }
        let stream = pool.open(CallIntent(destination: "bench"), handler: call)
        stream.send(
            head: [
                ":method": "POST", ":scheme": "http", ":authority": "bench", ":path": "/bench.Echo/Unary",
                "content-type": "application/grpc", "te": "trailers", "user-agent": "bench-idle",
            ], end: true)
    }

    private func ended(_ ending: Ending) {
        guard ending == .complete else {
            print("a call failed: \(ending)")
            exit(1)
        }
        done += 1
        if done == 1 {
            loop.schedule(after: IdleServer.rest) { [self] in
                start = .now
                for _ in 0..<min(IdleClients.atOnce, setup.connections) { next() }
            }
        } else if done == setup.connections + 1 {
            loop.schedule(after: IdleServer.rest / 2) { [self] in
                if let start { MemoryUse.now.report("client", since: start, connections: setup.connections, setup) }
                loop.schedule(after: IdleServer.rest) { [loop] in loop.stop() }
            }
        } else if pools.count < setup.connections + 1 {
            loop.execute { [self] in next() }
        }
    }
}

/// One call's end.
private final class IdleCall: ExchangeHandler {
    private let done: (Ending) -> Void

    init(_ done: @escaping (Ending) -> Void) { self.done = done }

    func heard(head: Fields, end: Bool) {}
    func heard(_ chunk: Chunk, end: Bool) {}
    func heard(trailers: Fields) {}
    func hasRoom() {}
    func ended(_ ending: Ending) { done(ending) }
}
