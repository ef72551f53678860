import Bytes
import Exchange
import Glibc
import Reactor
import Testing
import Timebase

@testable import Transport

@Suite("Exchanges through a listener and a pool")
struct ExchangeTests {
    /// The ways that a pair may be joined.
    enum Joint: String, CaseIterable, CustomTestStringConvertible {
        case tcp = "TCP"
        case unix = "a Unix socket"
        case mutualTLS = "mutual TLS"
        var testDescription: String { rawValue }

        func pair(_ acceptor: any Acceptor, limits: ConnectionLimits = .init()) throws -> Pair {
            switch self {
            case .tcp:
                return try Pair(acceptor, limits: limits)
            case .unix:
                return try Pair(acceptor, address: .unix(temporaryPath()), limits: limits)
            case .mutualTLS:
                let mesh = try TestMesh()
                let server = IdentityBox(try mesh.identity(TestMesh.server))
                let client = IdentityBox(try mesh.identity(TestMesh.client))
                return try Pair(
                    acceptor,
                    server: .tls(TLSServerContext(identity: server, expect: .spiffe(TestMesh.client))),
                    client: .tls(TLSClientContext(identity: client, serverRule: .spiffe(TestMesh.server))),
                    limits: limits)
            }
        }
    }

    @Test("come back whole, small and large", arguments: Joint.allCases, EngineChoice.allCases)
    func echo(_ joint: Joint, _ engine: EngineChoice) async throws {
        var limits = ConnectionLimits()
        limits.engine = engine
        let pair = try joint.pair(EchoAcceptor(), limits: limits)
        for size in [0, 1, 16_384, 16_385, 100_000, 5_000_000] {
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
            let reply = await pair.pool.call(body: body)
            #expect(reply.status == "200")
            #expect(reply.body == body)
            #expect(reply.trailer == "done")
            #expect(reply.ending == .complete)
        }
        #expect(await pair.loop.on { pair.pool.state } == .ready)
    }

    @Test(
        "run side by side, also more than the peer takes on one connection", arguments: Joint.allCases,
        EngineChoice.allCases)
    func concurrent(_ joint: Joint, _ engine: EngineChoice) async throws {
        var limits = ConnectionLimits()
        limits.engine = engine
        limits.maxConcurrentStreams = 10
        let pair = try joint.pair(EchoAcceptor(), limits: limits)
        let replies = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<500 {
                group.addTask {
                    let body = Array("call \(number)".utf8) + [UInt8](repeating: 7, count: number * 10)
                    let reply = await pair.pool.call(body: body)
                    return reply.body == body && reply.ending == .complete
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(replies == 500)
        let connections = await pair.loop.on { pair.listener.connectionCount }
        #expect(connections > 1 && connections <= limits.maxConnectionsPerPool)
    }

    @Test("know who the peer is, by mutual TLS")
    func peers() async throws {
        let acceptor = EchoAcceptor()
        let pair = try Joint.mutualTLS.pair(acceptor)
        #expect(await pair.pool.call().ending == .complete)
        let seen = await acceptor.peers.next()
        #expect(seen.identity == TestMesh.client)
        #expect(seen.security == "TLSv1.3")
        #expect(seen.address.hasPrefix("127.0.0.1:"))
        #expect(await pair.clientLog.opened().identity == TestMesh.server)
    }

    @Test(
        "hold a fast writer, in bounded memory, until its reader reads", arguments: Joint.allCases,
        EngineChoice.allCases)
    func backPressure(_ joint: Joint, _ engine: EngineChoice) async throws {
        let acceptor = HeldReader()
        var limits = ConnectionLimits()
        limits.engine = engine
        let pair = try joint.pair(acceptor, limits: limits)
        let writer = await pair.loop.on { FastWriter(on: pair.pool) }
        let reader = await acceptor.first.next()
        // The writer stops by itself, when the reader's window is full and the stream has no room.
        await reader.windowFull.next()
        let (written, heard) = await pair.loop.on { (writer.written, reader.heard) }
        #expect(heard == 1 << 20)
        #expect(written - heard <= (256 << 10) + 65_536)
        await pair.loop.on { reader.read() }
        #expect(await reader.done.next() == FastWriter.total)
    }

    @Test("end with the code that the other side gave them up with")
    func resets() async throws {
        let pair = try Pair(ResettingAcceptor())
        let refused = try #require(await pair.pool.call("/7").failure)
        #expect(refused.reason.hasPrefix("WAIT.refused"))
        #expect(refused.reach == .notProcessed)
        let cancelled = try #require(await pair.pool.call("/8").failure)
        #expect(cancelled.cause == .peerReset)
        #expect(cancelled.code == .cancel)
        #expect(cancelled.reach == .unknown)
        // A reset stream does not harm its neighbours.
        #expect(try #require(await pair.pool.call("/11").failure).code == .enhanceYourCalm)
        #expect(await pair.loop.on { pair.listener.connectionCount } == 1)
    }

    @Test("that this side gives up hear of it once, and the acceptor as well")
    func givingUp() async throws {
        let acceptor = HoldingAcceptor()
        let pair = try Pair(acceptor)
        let heard = Mailbox<Ending>()
        let stream = await pair.loop.on {
            let stream = pair.pool.open(CallIntent(destination: "test"), handler: EndingHandler(heard))
            stream.send(head: [":method": "POST", ":scheme": "http", ":authority": "a", ":path": "/"], end: false)
            return Unchecked(stream)
        }
        _ = await acceptor.arrived.next()
        await pair.loop.on {
            stream.value.reset(.cancel)
            stream.value.reset(.cancel)
            stream.value.send(Chunk("late"), end: true)
            #expect(stream.value.room == 0)
        }
        guard case .failed(let failure) = await heard.next() else {
            Issue.record("a reset exchange is not complete")
            return
        }
        #expect(failure.cause == .cancelled)
        #expect(failure.code == .cancel)
    }
}

func temporaryPath() -> String {
    "/tmp/weft-test-\(getpid())-\(Entropy.bytes(6).map { String($0, radix: 16) }.joined()).sock"
}

struct Unchecked<Value>: @unchecked Sendable {  // handed from a loop to a test and used on the loop again
    let value: Value

    init(_ value: Value) { self.value = value }
}

final class EndingHandler: ExchangeHandler {
    private let box: Mailbox<Ending>

    init(_ box: Mailbox<Ending>) { self.box = box }

    func heard(head: Fields, end: Bool) {}
    func heard(_ chunk: Chunk, end: Bool) {}
    func heard(trailers: Fields) {}
    func hasRoom() {}
    func ended(_ ending: Ending) { box.put(ending) }
}

/// Resets each exchange with the code that its path names.
final class ResettingAcceptor: Acceptor, @unchecked Sendable {  // has no state
    func accept(_ head: Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream) -> any ExchangeHandler {
        stream.reset(ResetCode(rawValue: UInt32(head[.path]?.dropFirst() ?? "") ?? 0))
        return SilentHandler()
    }
}

/// Writes as long as there is room.
final class FastWriter: ExchangeHandler, @unchecked Sendable {  // touched on its loop alone
    static let total = 20 << 20
    private(set) var written = 0
    private var stream: (any ExchangeStream)?

    init(on pool: ConnectionPool) {
        let stream = pool.open(CallIntent(destination: "test"), handler: self)
        self.stream = stream
        stream.send(head: [":method": "POST", ":scheme": "http", ":authority": "a", ":path": "/"], end: false)
        write()
    }

    private func write() {
        let block = Chunk([UInt8](repeating: 1, count: 1 << 16))
        while let stream, stream.room > 0, written < FastWriter.total {
            written += block.count
            stream.send(block, end: written == FastWriter.total)
        }
    }

    func heard(head: Fields, end: Bool) {}
    func heard(_ chunk: Chunk, end: Bool) {}
    func heard(trailers: Fields) {}
    func hasRoom() { write() }
    func ended(_ ending: Ending) { stream = nil }
}

/// Consumes nothing of its first exchange until it is told to.
final class HeldReader: Acceptor, @unchecked Sendable {  // touched on its loop alone
    let first = Mailbox<HeldReaderHandler>()

    func accept(_ head: Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream) -> any ExchangeHandler {
        let handler = HeldReaderHandler(stream)
        first.put(handler)
        return handler
    }
}

final class HeldReaderHandler: ExchangeHandler, @unchecked Sendable {  // touched on its loop alone
    let windowFull = Mailbox<Void>()
    let done = Mailbox<Int>()
    private(set) var heard = 0
    private var kept = 0
    private var isReading = false
    private let stream: any ExchangeStream

    init(_ stream: any ExchangeStream) { self.stream = stream }

    func read() {
        isReading = true
        stream.consume(kept)
    }

    func heard(head: Fields, end: Bool) {}

    func heard(_ chunk: Chunk, end: Bool) {
        heard += chunk.count
        if heard == 1 << 20 { windowFull.put(()) }
        if isReading { stream.consume(chunk.count) } else { kept += chunk.count }
        if end {
            done.put(heard)
            stream.send(head: [":status": "200"], end: true)
        }
    }

    func heard(trailers: Fields) {}
    func hasRoom() {}
    func ended(_ ending: Ending) {}
}
