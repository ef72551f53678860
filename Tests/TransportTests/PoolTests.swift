import Exchange
import Glibc
import Reactor
import Testing
import Timebase

@testable import Transport

@Suite("A pool")
struct PoolTests {
    @Test("says that nobody listens, and does not dial again at once")
    func connectRefused() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        // Bound and not listening: nobody answers there, and no other test can get the port.
        let bound = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(bound) }
        var raw = try #require(RawAddress(.ip("127.0.0.1", port: 0)))
        #expect(raw.withPointer { bind(bound, $0, $1) } == 0)
        let address = try #require(RawAddress.local(of: bound))
        let log = EventLog()
        let pool = ConnectionPool(to: address, loop: loop, security: .plaintext, limits: .dialsOnce, events: log.events)
        let failure = try #require(await pool.call().failure)
        #expect(failure.reason == "CONNECT.connect_refused[\(address)]")
        #expect(failure.detail == "connection refused")
        #expect(failure.reach == .neverSent)
        #expect(await pool.call().failure == failure)
        #expect(await loop.on { pool.state } == .transientFailure(failure))
        let delay = await log.first { if case .dialFailed(_, _, let delay) = $0 { delay } else { nil } }
        #expect(delay >= .seconds(800) && delay <= .seconds(1200))
    }

    @Test("says which name it could not resolve")
    func unknownName() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let pool = ConnectionPool(to: .name("no-such-host.invalid", port: 1), loop: loop, security: .plaintext)
        let failure = try #require(await pool.call().failure)
        #expect(failure.reason == "CONNECT.connect_failed[no-such-host.invalid:1]")
        #expect(failure.detail.hasPrefix("cannot resolve no-such-host.invalid: "))
        #expect(failure.reach == .neverSent)
    }

    @Test("resolves a name without holding its loop, and tries every address")
    func name() async throws {
        let pair = try Pair(EchoAcceptor())
        let port = try #require(pair.listener.localAddress.port)
        // localhost may be ::1 first, where nobody listens.
        let pool = ConnectionPool(to: .name("localhost", port: port), loop: pair.loop, security: .plaintext)
        defer { pool.close() }
        #expect(await pool.call().ending == .complete)
    }

    @Test("gives up on a peer that accepts and says nothing")
    func silentPeer() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let server = try ScriptedServer(on: loop) { _ in }
        defer { server.close() }
        var limits = ConnectionLimits()
        limits.dialTimeout = .milliseconds(20)
        let pool = ConnectionPool(to: server.address, loop: loop, security: .plaintext, limits: limits)
        let failure = try #require(await pool.call().failure)
        #expect(failure.cause == .connectTimeout)
        #expect(failure.detail.hasSuffix("took longer than 0.02 seconds"))
        #expect(failure.reach == .neverSent)
    }

    @Test("refuses what does not fit its queue")
    func queueLimit() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let server = try ScriptedServer(on: loop) { _ in }
        defer { server.close() }
        var limits = ConnectionLimits()
        limits.maxPending = 2
        let pool = ConnectionPool(to: server.address, loop: loop, security: .plaintext, limits: limits)
        let calls = await loop.on { (0..<3).map { _ in ClientCall(on: pool, body: []) } }
        let failure = try #require(await calls[2].done.next().failure)
        #expect(failure.reason == "QUEUE.queue_full[\(server.address)]")
        #expect(failure.reach == .neverSent)
        // Those that wait fail with the pool.
        pool.close()
        #expect(await calls[0].done.next().failure?.cause == .draining)
        #expect(await calls[1].done.next().failure?.cause == .draining)
    }

    @Test("knows how far each exchange got when the peer says GOAWAY")
    func goAway() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let server = try ScriptedServer(on: loop) { script in
            if script.streams.isEmpty { script.sendSettings() }
            if script.streams == [1, 3, 5] {
                script.goAway(last: 3, code: 0, "maintenance")
                script.answer(1)
                script.reset(3, 7)
            }
        }
        defer { server.close() }
        let pool = ConnectionPool(to: server.address, loop: loop, security: .plaintext)
        let calls = await loop.on { (0..<3).map { _ in ClientCall(on: pool, body: []) } }
        let first = await calls[0].done.next()
        #expect(first.ending == .complete)
        #expect(first.status == "200")
        let second = try #require(await calls[1].done.next().failure)
        #expect(second.cause == .refused)
        #expect(second.reach == .notProcessed)
        let third = try #require(await calls[2].done.next().failure)
        #expect(third.reason == "WAIT.peer_goaway")
        #expect(third.detail == "the peer said GOAWAY (NO_ERROR, \"maintenance\")")
        #expect(third.reach == .notProcessed)
    }

    @Test("does not know whether an exchange was processed when the connection breaks")
    func broken() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let server = try ScriptedServer(on: loop) { script in
            if script.streams.isEmpty { script.sendSettings(maxConcurrentStreams: 1) }
            if script.streams == [1] { script.connection.abort() }
        }
        defer { server.close() }
        var limits = ConnectionLimits()
        limits.maxConnectionsPerPool = 1
        let pool = ConnectionPool(to: server.address, loop: loop, security: .plaintext, limits: limits)
        let failure = try #require(await pool.call(body: []).failure)
        #expect(failure.cause == .peerClosed)
        #expect(failure.phase == .wait)
        #expect(failure.reach == .unknown)
    }

    @Test("fails what it carries when the peer breaks the protocol")
    func protocolError() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let server = try ScriptedServer(on: loop) { script in
            if script.streams.isEmpty { script.sendSettings() }
            if script.streams == [1] { script.send(frame: 0, stream: 0, [1, 2, 3]) }  // DATA on stream 0
        }
        defer { server.close() }
        let pool = ConnectionPool(to: server.address, loop: loop, security: .plaintext)
        let failure = try #require(await pool.call(body: []).failure)
        #expect(failure.cause == .protocolError)
        #expect(failure.reach == .unknown)
    }

    @Test("asks a silent peer whether it is there, if told to, and leaves one that is not")
    func keepalive() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        // It answers SETTINGS, and nothing more, not even a PING.
        let server = try ScriptedServer(on: loop) { script in if script.streams.isEmpty { script.sendSettings() } }
        defer { server.close() }
        var limits = ConnectionLimits()
        limits.keepalive = .milliseconds(10)
        limits.keepaliveMinimum = .milliseconds(10)
        limits.keepaliveTimeout = .milliseconds(10)
        let pool = ConnectionPool(to: server.address, loop: loop, security: .plaintext, limits: limits)
        let failure = try #require(await pool.call(body: []).failure)
        #expect(failure.detail == "the peer did not answer a ping")
    }

    @Test("closes a connection that nobody uses, and dials again for the next exchange")
    func idle() async throws {
        var limits = ConnectionLimits()
        limits.idleTimeout = .milliseconds(10)
        let pair = try Pair(EchoAcceptor(), limits: limits)
        for _ in 0..<2 {
            #expect(await pair.pool.call().ending == .complete)
            let failure = await pair.clientLog.first { event -> Failure?? in
                if case .closed(_, let failure) = event { .some(failure) } else { nil }
            }
            #expect(failure == nil)
            #expect(await pair.loop.on { pair.pool.state } == .idle)
        }
    }

    @Test("replaces a connection that is old, and loses no exchange")
    func age() async throws {
        var limits = ConnectionLimits()
        limits.maxAge = .milliseconds(5)
        let pair = try Pair(EchoAcceptor(), limits: limits)
        var opened = 0
        while opened < 4 {
            let reply = await pair.pool.call()
            // A server's GOAWAY may cross a request: then it was not processed, and whoever retries may say it again.
            #expect(reply.ending == .complete || reply.failure?.reach != .unknown, "\(reply.ending)")
            opened += 1
            _ = await pair.clientLog.first { if case .closed = $0 { true } else { nil } }
        }
    }
}

@Suite("A listener")
struct ListenerTests {
    @Test("drains without losing an exchange")
    func drain() async throws {
        let acceptor = HoldingAcceptor()
        // A path that no other test takes when the listener leaves it.
        let pair = try Pair(acceptor, address: .unix(temporaryPath()))
        let calls = await pair.loop.on { (0..<50).map { _ in ClientCall(on: pair.pool, body: []) } }
        _ = await acceptor.arrived.first { $0 == 50 ? true : nil }
        let done = Mailbox<Bool>()
        pair.listener.drain(grace: .seconds(30)) { done.put(true) }
        // The pool hears the first GOAWAY, and takes new exchanges elsewhere; here nobody listens any more.
        while await pair.loop.on({ pair.pool.state }) == .ready {}
        let late = await pair.pool.call().failure
        #expect(late?.cause == .connectRefused, "\(String(describing: late))")
        #expect(late?.reach == .neverSent)
        await pair.loop.on { acceptor.answerAll() }
        for call in calls { #expect(await call.done.next().ending == .complete) }
        #expect(await done.next())
        #expect(await pair.loop.on { pair.listener.connectionCount } == 0)
    }

    @Test("says first that it will leave, serves what crosses that, and then names the last stream")
    func drainInTwoPhases() async throws {
        var limits = ConnectionLimits()
        limits.drainNotice = .seconds(1000)
        let pair = try Pair(EchoAcceptor(), limits: limits)
        let client = try FrameClient(to: pair.listener.localAddress)
        await client.send(frame: 4)
        _ = await client.next(4)
        let done = Mailbox<Bool>()
        pair.listener.drain(grace: .seconds(1000)) { done.put(true) }
        let notice = try #require(await client.next(7))
        #expect(Array(notice.prefix(8)) == [0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0])
        let ping = try #require(await client.next(6))
        // The client had sent a request before it read the notice: GET / over http, from the static table.
        await client.send(frame: 1, flags: 0x5, stream: 1, [0x82, 0x84, 0x86, 0x41, 1, UInt8(ascii: "a")])
        await client.send(frame: 6, flags: 1, ping)
        #expect(await client.next(1) != nil, "the answer's head")
        #expect(try #require(await client.next(7)).prefix(8) == [0, 0, 0, 1, 0, 0, 0, 0])
        #expect(await done.next())
    }

    @Test("breaks off what is left when the time to drain is over")
    func drainGrace() async throws {
        let acceptor = HoldingAcceptor()
        let pair = try Pair(acceptor)
        let call = await pair.loop.on { ClientCall(on: pair.pool, body: []) }
        _ = await acceptor.arrived.next()
        let done = Mailbox<Bool>()
        pair.listener.drain(grace: .milliseconds(10)) { done.put(true) }
        #expect(await call.done.next().failure?.reach == .unknown)
        #expect(await done.next())
    }

    @Test("takes no more connections than it may, until one ends")
    func connectionLimit() async throws {
        var limits = ConnectionLimits()
        limits.maxConnections = 1
        let pair = try Pair(EchoAcceptor(), limits: limits)
        #expect(await pair.pool.call().ending == .complete)
        limits.dialTimeout = .seconds(1000)
        let second = ConnectionPool(
            to: pair.listener.localAddress, loop: pair.loop, security: .plaintext, limits: limits)
        defer { second.close() }
        let call = await pair.loop.on { ClientCall(on: second, body: []) }
        // A turn of the loop later the second connection is still not accepted.
        #expect(await pair.loop.on { pair.listener.connectionCount } == 1)
        pair.pool.close()
        #expect(await call.done.next().ending == .complete)
    }

    @Test("says which address is taken")
    func addressInUse() async throws {
        let pair = try Pair(EchoAcceptor())
        let address = pair.listener.localAddress
        #expect(
            throws: ListenError(
                address: address.description, code: EADDRINUSE, reason: "address already in use")
        ) {
            try Listener.listen(on: address, loop: pair.loop, security: .plaintext, acceptor: EchoAcceptor())
        }
    }

    @Test("shares a port where asked to")
    func sharedPort() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let first = try Listener.listen(
            on: .ip("127.0.0.1", port: 0), loop: loop, security: .plaintext, acceptor: EchoAcceptor(), sharesPort: true)
        let second = try Listener.listen(
            on: first.localAddress, loop: loop, security: .plaintext, acceptor: EchoAcceptor(), sharesPort: true)
        #expect(first.localAddress == second.localAddress)
        first.close()
        second.close()
    }

    @Test("replaces a stale socket file, keeps one that is used, and lets only its user connect")
    func unixFiles() async throws {
        let path = temporaryPath()
        defer { unlink(path) }
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        // Bound and never removed: what a killed process leaves.
        let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var raw = try #require(RawAddress(.unix(path)))
        #expect(raw.withPointer { bind(stale, $0, $1) } == 0)
        close(stale)
        let listener = try Listener.listen(
            on: .unix(path), loop: loop, security: .plaintext, acceptor: EchoAcceptor())
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(throws: ListenError.self) {
            try Listener.listen(on: .unix(path), loop: loop, security: .plaintext, acceptor: EchoAcceptor())
        }
        listener.close()
        await loop.on {}
        #expect(lstat(path, &status) != 0)
        // A file that is no socket is somebody's: it stays.
        close(open(path, O_CREAT | O_WRONLY, 0o600))
        #expect(throws: ListenError(address: "unix:\(path)", reason: "a file that is no socket is there")) {
            try Listener.listen(on: .unix(path), loop: loop, security: .plaintext, acceptor: EchoAcceptor())
        }
    }
}

/// A client that sends and reads frames as a test says.
final class FrameClient: @unchecked Sendable {  // one test uses it, one call at a time
    private let client: PlainClient
    private var input: [UInt8] = []

    init(to address: SocketAddress) throws {
        client = try PlainClient(to: address)
        client.send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
    }

    func send(frame type: UInt8, flags: UInt8 = 0, stream: UInt8 = 0, _ payload: [UInt8] = []) async {
        client.send([0, 0, UInt8(payload.count), type, flags, 0, 0, 0, stream] + payload)
    }

    /// The payload of the next frame of a type; others are skipped. Nil when the peer has ended.
    func next(_ type: UInt8) async -> [UInt8]? {
        await onThread { [self] in
            while true {
                while input.count < 9 || input.count < 9 + length {
                    let more = client.receive()
                    guard !more.isEmpty else { return nil }
                    input += more
                }
                let payload = Array(input[9..<9 + length])
                let found = input[3]
                input.removeFirst(9 + length)
                if found == type { return payload }
            }
        }
    }

    private var length: Int { Int(input[0]) << 16 | Int(input[1]) << 8 | Int(input[2]) }
}
