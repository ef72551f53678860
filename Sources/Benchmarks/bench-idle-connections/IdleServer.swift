import Bytes
import Exchange
import Glibc
import Reactor
import Timebase
import Transport

/// Answers calls, and measures its process after the first and after the last of them.
final class IdleServer: Acceptor, @unchecked Sendable {  // one loop on the main thread
    /// Long enough for connections to come to rest.
    static let rest: Duration = .seconds(3)

    private let setup: Setup
    private let loop: Loop
    private var served = 0
    private var start: MemoryUse?

    init(_ setup: Setup) throws {
        self.setup = setup
        loop = try Loop(name: "server")
    }

    func run(_ program: String) throws {
        raiseDescriptorLimit()
        var security = ServerSecurity.plaintext
        let authority = try CertificateAuthority.create(
            trustDomain: "bench.local", validity: .seconds(86_400), now: SystemClock.wall)
        if setup.isSecure {
            setenv("BENCH_CA_CERTIFICATE", authority.roots[0].pem, 1)
            setenv("BENCH_CA_KEY", authority.key.pem, 1)
            let identity = try Setup.identity(Setup.serverID, authority: authority)
            security = .tls(TLSServerContext(identity: identity, expect: .spiffe(Setup.clientID)))
        }
        let listener = try Listener.listen(
            on: .ip("127.0.0.1", port: 0), loop: loop, security: security, limits: setup.limits, acceptor: self)
        try spawn(program, ["client"] + setup.words + ["\(listener.localAddress.port ?? 0)"])
        loop.run()
        var status: Int32 = 0
        wait(&status)
    }

    private func spawn(_ program: String, _ arguments: [String]) throws(UsageError) {
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child = pid_t()
        let code = posix_spawn(&child, "/proc/self/exe", nil, nil, &words, environ)
        guard code == 0 else { throw UsageError("cannot start the clients: \(errorText(code))") }
    }

    func accept(_ head: Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream) -> any ExchangeHandler {
        stream.send(head: [":status": "200", "content-type": "application/grpc"], end: false)
        stream.send(trailers: ["grpc-status": "0"])
        served += 1
        if served == 1 {
            loop.schedule(after: IdleServer.rest / 2) { [self] in start = .now }
        }
        if served == setup.connections + 1 {
            loop.schedule(after: IdleServer.rest) { [self] in
                if let start { MemoryUse.now.report("server", since: start, connections: setup.connections, setup) }
                loop.stop()
            }
        }
        return Nobody()
    }
}

/// Hears nothing.
final class Nobody: ExchangeHandler {
    func heard(head: Fields, end: Bool) {}
    func heard(_ chunk: Chunk, end: Bool) {}
    func heard(trailers: Fields) {}
    func hasRoom() {}
    func ended(_ ending: Ending) {}
}
