import Exchange
import Glibc
import Reactor
import Testing
import Timebase

@testable import Transport

@Suite("A pool's state")
struct PoolStateTests {
    @Test("goes from idle over connecting to ready, and to shutdown when it is closed")
    func walk() async throws {
        let pair = try Pair(EchoAcceptor())
        let states = Mailbox<PoolState>()
        await pair.loop.on { pair.pool.onStateChange = { states.put($0) } }
        #expect(await pair.loop.on { pair.pool.state } == .idle)
        pair.pool.connect()
        #expect(await states.next() == .connecting)
        #expect(await states.next() == .ready)
        pair.pool.close()
        #expect(await states.next() == .shutdown)
    }

    @Test("is a failure while a failed dial is not to be repeated, and idle after")
    func failure() async throws {
        let network = ScriptedNetwork()
        network.outcomes = [.refused]
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        var limits = ConnectionLimits()
        limits.backoffBase = .milliseconds(1)
        let pool = ConnectionPool(
            to: .ip("192.0.2.1", port: 1), network: network, loop: loop, security: .plaintext, limits: limits)
        let states = Mailbox<PoolState>()
        await loop.on { pool.onStateChange = { states.put($0) } }
        pool.connect()
        #expect(await states.next() == .connecting)
        guard case .transientFailure(let failure) = await states.next() else {
            Issue.record("a refused connection is a failure")
            return
        }
        #expect(failure.cause == .connectRefused)
        #expect(await states.next() == .idle)
    }

    @Test("lets those wait that want to, and fails the others")
    func waitForReady() async throws {
        let pair = try Pair(EchoAcceptor())
        let network = ScriptedNetwork()
        network.outcomes = [.refused, .refused, .reach(pair.listener.localAddress)]
        var limits = ConnectionLimits()
        limits.backoffBase = .milliseconds(1)
        let pool = ConnectionPool(
            to: .ip("192.0.2.1", port: 1), network: network, loop: pair.loop, security: .plaintext, limits: limits)
        defer { pool.close() }
        let calls = await pair.loop.on {
            (
                ClientCall(on: pool, body: [], waitsForReady: false),
                ClientCall(on: pool, body: [1, 2, 3], waitsForReady: true)
            )
        }
        #expect(await calls.0.done.next().failure?.cause == .connectRefused)
        let reply = await calls.1.done.next()
        #expect(reply.ending == .complete)
        #expect(reply.body == [1, 2, 3])
        #expect(network.dialled.count == 3)
    }

    @Test("is asked to dial at once when the network has changed")
    func resetBackoff() async throws {
        let pair = try Pair(EchoAcceptor())
        let network = ScriptedNetwork()
        network.outcomes = [.refused, .reach(pair.listener.localAddress)]
        let pool = ConnectionPool(
            to: .ip("192.0.2.1", port: 1), network: network, loop: pair.loop, security: .plaintext, limits: .dialsOnce)
        defer { pool.close() }
        #expect(await pool.call().failure?.cause == .connectRefused)
        pool.resetBackoff()
        #expect(await pool.call().ending == .complete)
    }
}

@Suite("A dial")
struct DialTests {
    private let four = SocketAddress.ip("192.0.2.1", port: 1)
    private let otherFour = SocketAddress.ip("192.0.2.2", port: 1)
    private let six = SocketAddress.ip("2001:db8::1", port: 1)
    private let otherSix = SocketAddress.ip("2001:db8::2", port: 1)

    @Test("takes the families in turn")
    func interleaves() {
        #expect(Dial.interleaved([six, otherSix, four, otherFour]) == [six, four, otherSix, otherFour])
        #expect(Dial.interleaved([four, six, otherSix]) == [four, six, otherSix])
        #expect(Dial.interleaved([four, otherFour]) == [four, otherFour])
        #expect(Dial.interleaved([]) == [])
    }

    @Test("tries the next address at once when one fails")
    func failover() async throws {
        let pair = try Pair(EchoAcceptor())
        let network = ScriptedNetwork()
        network.outcomes = [.refused, .fails, .reach(pair.listener.localAddress)]
        var limits = ConnectionLimits()
        limits.connectStagger = .seconds(1000)
        let pool = ConnectionPool(
            to: .name("a", port: 1), anyOf: [six, otherSix, four], network: network, loop: pair.loop,
            security: .plaintext, limits: limits)
        defer { pool.close() }
        #expect(await pool.call().ending == .complete)
        #expect(network.dialled == [six, four, otherSix])
    }

    @Test("tries the next address beside one that does not answer, and closes the loser")
    func stagger() async throws {
        let pair = try Pair(EchoAcceptor())
        // It accepts, and never says a word of HTTP/2: such a middlebox must not win.
        let silent = try ScriptedServer(on: pair.loop) { _ in }
        defer { silent.close() }
        let network = ScriptedNetwork()
        network.outcomes = [.reach(silent.address), .hangs, .reach(pair.listener.localAddress)]
        var limits = ConnectionLimits()
        limits.connectStagger = .milliseconds(1)
        let pool = ConnectionPool(
            to: .name("a", port: 1), anyOf: [six, otherSix, four], network: network, loop: pair.loop,
            security: .plaintext, limits: limits)
        defer { pool.close() }
        #expect(await pool.call().ending == .complete)
        #expect(network.dialled == [six, four, otherSix])
        #expect(await pair.loop.on { network.openSockets } == 1)
    }

    @Test("fails with its last reason when no address is left")
    func exhausted() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let network = ScriptedNetwork()
        network.outcomes = [.fails, .refused]
        let pool = ConnectionPool(
            to: .name("a", port: 1), anyOf: [six, four], network: network, loop: loop, security: .plaintext,
            limits: .dialsOnce)
        let failure = try #require(await pool.call().failure)
        #expect(failure.reason == "CONNECT.connect_refused[192.0.2.1:1]")
    }
}

@Suite("Connections of one pool")
struct PoolSizeTests {
    @Test("become more at the peer's stream limit, and fewer when the burst is over")
    func scaling() async throws {
        var limits = ConnectionLimits()
        limits.maxConcurrentStreams = 2
        limits.extraConnectionIdle = .milliseconds(5)
        let acceptor = HoldingAcceptor()
        let pair = try Pair(acceptor, limits: limits)
        let calls = await pair.loop.on { (0..<6).map { _ in ClientCall(on: pair.pool, body: []) } }
        _ = await acceptor.arrived.first { $0 == 6 ? true : nil }
        #expect(await pair.loop.on { pair.pool.ready.count } == 3)
        await pair.loop.on { acceptor.answerAll() }
        for call in calls { #expect(await call.done.next().ending == .complete) }
        for _ in 0..<2 { _ = await pair.clientLog.first { if case .closed(_, nil) = $0 { true } else { nil } } }
        #expect(await pair.loop.on { pair.pool.ready.count } == 1)
        #expect(await pair.loop.on { pair.pool.state } == .ready)
    }

    @Test("are never more than the limit; the rest waits and is served")
    func cap() async throws {
        var limits = ConnectionLimits()
        limits.maxConcurrentStreams = 1
        limits.maxConnectionsPerPool = 2
        let acceptor = HoldingAcceptor()
        let pair = try Pair(acceptor, limits: limits)
        let calls = await pair.loop.on { (0..<5).map { _ in ClientCall(on: pair.pool, body: []) } }
        _ = await acceptor.arrived.first { $0 == 2 ? true : nil }
        #expect(await pair.loop.on { pair.pool.activeExchanges } == 5)
        await pair.loop.on { acceptor.answerAll(andThoseThatCome: true) }
        for call in calls { #expect(await call.done.next().ending == .complete) }
        #expect(await pair.loop.on { pair.listener.connectionCount } == 2)
    }
}

/// A network whose connects go where a test says, in the order that they are asked for.
final class ScriptedNetwork: Network, @unchecked Sendable {  // touched on its loop alone once the test has set it up
    enum Outcome {
        /// `connect` fails at once.
        case fails
        /// The peer refuses.
        case refused
        /// Nobody ever answers.
        case hangs
        case reach(SocketAddress)
    }

    var outcomes: [Outcome] = []
    private(set) var dialled: [SocketAddress] = []
    private(set) var openSockets = 0

    func connect(to address: SocketAddress) -> ConnectResult {
        dialled.append(address)
        let outcome = outcomes.isEmpty ? .fails : outcomes.removeFirst()
        switch outcome {
        case .fails: return .failed(111)
        case .refused, .hangs:
            openSockets += 1
            return .begun(IdleSocket(self, isRefused: { if case .refused = outcome { true } else { false } }()))
        case .reach(let target):
            guard case .begun(let socket) = SystemNetwork().connect(to: target) else { return .failed(111) }
            openSockets += 1
            return .begun(CountedSocket(socket, self))
        }
    }

    func listen(on address: SocketAddress, sharesPort: Bool) throws(ListenError) -> any ListeningSocket {
        throw ListenError(address: address.description, reason: "this network has no listeners")
    }

    func resolve(
        _ name: String, port: UInt16, on loop: Loop, _ answer: @escaping @Sendable (ResolveResult) -> Void
    ) {
        loop.execute { answer(.failed("this network has no names")) }
    }

    fileprivate func closed() { openSockets -= 1 }
}

/// A pipe's end: writable at once, where the connection is refused; never ready, where nobody answers.
private final class IdleSocket: StreamSocket {
    let handle: Int32
    private let other: Int32
    private let network: ScriptedNetwork

    init(_ network: ScriptedNetwork, isRefused: Bool) {
        self.network = network
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0)
        // The reading end of an empty pipe is never writable, the writing end always.
        handle = isRefused ? ends[1] : ends[0]
        other = isRefused ? ends[0] : ends[1]
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> IOResult { .wouldBlock }
    func write(_ bytes: UnsafeRawBufferPointer) -> IOResult { .wouldBlock }
    func connectResult() -> Int32 { ECONNREFUSED }
    func finishWriting() {}

    func close() {
        _ = Glibc.close(handle)
        _ = Glibc.close(other)
        network.closed()
    }
}

private final class CountedSocket: StreamSocket {
    private let socket: any StreamSocket
    private let network: ScriptedNetwork

    init(_ socket: any StreamSocket, _ network: ScriptedNetwork) {
        self.socket = socket
        self.network = network
    }

    var handle: Int32 { socket.handle }
    func read(into buffer: UnsafeMutableRawBufferPointer) -> IOResult { socket.read(into: buffer) }
    func write(_ bytes: UnsafeRawBufferPointer) -> IOResult { socket.write(bytes) }
    func connectResult() -> Int32 { socket.connectResult() }
    func finishWriting() { socket.finishWriting() }

    func close() {
        socket.close()
        network.closed()
    }
}
