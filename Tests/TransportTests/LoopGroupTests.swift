import Bytes
import Exchange
import Reactor
import Synchronization
import Testing
import Timebase

@testable import Transport

@Suite("Several loops")
struct LoopGroupTests {
    @Test("serve one port, each its own connections with what was made for it, on its own thread")
    func spread() async throws {
        let group = try LoopGroup.start(count: 2, name: "test")
        defer { group.stop() }
        let acceptors = Mailbox<LoopAcceptor>()
        let listeners = try group.listen(on: .ip("127.0.0.1", port: 0), security: .plaintext) { loop in
            let acceptor = LoopAcceptor(loop)
            acceptors.put(acceptor)
            return acceptor
        }
        let made = [await acceptors.next(), await acceptors.next()]
        let client = try Loop.start(name: "client")
        defer { client.stop() }
        let address = listeners.localAddress
        // The kernel deals connections by a hash of their ports: 40 of them miss a loop once in 2^39.
        let pools = (0..<40).map { _ in ConnectionPool(to: address, loop: client, security: .plaintext) }
        for pool in pools {
            for _ in 0..<5 { #expect(await pool.call(body: []).ending == .complete) }
        }
        let calls = made.map { $0.calls.load(ordering: .relaxed) }
        #expect(calls.reduce(0, +) == 200)
        #expect(calls.allSatisfy { $0 > 0 && $0 % 5 == 0 }, "a connection stays on its loop: \(calls)")
        #expect(made.map { $0.strangers.load(ordering: .relaxed) } == [0, 0])
        for (listener, loop) in zip(listeners.listeners, group.loops) {
            let (report, sockets) = await loop.on { (listener.report, loop.socketReports()) }
            #expect(Set(report.sockets) == Set(sockets.map(\.id)), "each loop has its own connections alone")
        }
        for pool in pools { pool.drain() }
        let done = Mailbox<Bool>()
        listeners.drain(grace: .seconds(1000)) { done.put(true) }
        #expect(await done.next())
    }

    @Test("say which address is taken, and leave nothing open")
    func taken() async throws {
        let pair = try Pair(EchoAcceptor())
        let group = try LoopGroup.start(count: 2)
        defer { group.stop() }
        let address = pair.listener.localAddress
        #expect(throws: ListenError.self) {
            try group.listen(on: address, security: .plaintext) { _ in EchoAcceptor() }
        }
    }
}

/// Counts the calls of one loop, and those that came on another thread.
private final class LoopAcceptor: Acceptor {
    let calls = Atomic<Int>(0)
    let strangers = Atomic<Int>(0)
    private let loop: Loop

    init(_ loop: Loop) { self.loop = loop }

    func accept(_ head: Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream) -> any ExchangeHandler {
        calls.add(1, ordering: .relaxed)
        if !loop.isCurrent { strangers.add(1, ordering: .relaxed) }
        stream.send(head: [":status": "200"], end: true)
        return SilentHandler()
    }
}
