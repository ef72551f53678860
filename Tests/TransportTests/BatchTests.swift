import Bytes
import Exchange
import Reactor
import Testing
import Timebase

@testable import Transport

@Suite("A connection's output")
struct BatchTests {
    private let world = ManualWorld()

    private func limits(_ change: (inout ConnectionLimits) -> Void) -> ConnectionLimits {
        var limits = ConnectionLimits()
        limits.maxAge = nil
        limits.idleTimeout = nil
        change(&limits)
        return limits
    }

    @Test("is written once a turn, however many calls are answered in it")
    func batch() throws {
        let listener = try world.listen(EchoAcceptor())
        let client = world.client()
        let before = client.writes.count
        for stream in 0..<50 { client.input += Frame.request(UInt32(2 * stream + 1)).bytes }
        world.settle()
        #expect(world.frames(client).filter { $0.type == 1 }.count == 100)  // heads and trailers
        #expect(client.writes.count == before + 1)
        #expect(listener.connectionCount == 1)
    }

    @Test("is not offered to a full socket again before the socket says that it takes more")
    func blocked() throws {
        let acceptor = StreamingAcceptor()
        _ = try world.listen(acceptor)
        let client = world.client()
        world.send(.request(1), to: client)
        client.capacity = 0
        let before = client.writes.count
        for _ in 0..<10 {
            acceptor.stream?.send(Chunk([UInt8](repeating: 1, count: 1000)), end: false)
            world.settle()
        }
        #expect(client.writes.count == before + 1)
        client.capacity = .max
        world.settle()
        #expect(world.frames(client).filter { $0.type == 0 }.reduce(0) { $0 + $1.payload.count } == 10_000)
    }

    @Test("waits within its bound for a peer that reads slowly, and the rest stays with its stream")
    func bound() throws {
        let acceptor = StreamingAcceptor()
        _ = try world.listen(acceptor)
        let client = world.client()
        // Windows that hold nothing back.
        world.send(
            Frame(type: 4, payload: [0, 4, 0x7f, 0xff, 0xff, 0xff]),
            Frame(type: 8, payload: Frame.number(0x7000_0000)), .request(1), to: client)
        client.capacity = 10_000
        while let stream = acceptor.stream, stream.room > 0 {
            stream.send(Chunk([UInt8](repeating: 1, count: 60_000)), end: false)
            world.settle()
        }
        let wire = try #require(world.loop.sources.compactMap { $0 as? WireConnection }.first)
        #expect(wire.output.count <= WireConnection.fillLimit + 16_384 + 9)
        client.capacity = .max
        world.settle()
        #expect(wire.output.isEmpty)
        #expect((acceptor.stream?.room ?? 0) > 0)
    }

    @Test("ends a connection whose peer reads nothing for a minute, and none that reads a little")
    func stalled() throws {
        let acceptor = StreamingAcceptor()
        let listener = try world.listen(acceptor, limits { $0.writeTimeout = .seconds(60) })
        let client = world.client()
        world.send(.request(1), to: client)
        client.capacity = 0
        acceptor.stream?.send(Chunk([UInt8](repeating: 1, count: 10_000)), end: false)
        world.settle()
        for _ in 0..<5 {
            world.advance(.seconds(59))
            client.capacity = 1
            world.settle()
            #expect(listener.connectionCount == 1)
        }
        world.advance(.seconds(60))
        #expect(listener.connectionCount == 0)
        guard case .failed(let failure) = acceptor.ending else {
            Issue.record("the call must hear of it")
            return
        }
        #expect(failure.detail.hasPrefix("the peer has read nothing for 60"))
    }

    @Test("ends a stream whose peer gives no window for long, and not its neighbour")
    func zeroWindow() throws {
        let acceptor = StreamingAcceptor()
        let listener = try world.listen(acceptor, limits { $0.streamWriteTimeout = .seconds(300) })
        let client = world.client()
        world.send(Frame(type: 4, payload: [0, 4, 0, 0, 0, 0]), .request(1), to: client)  // INITIAL_WINDOW_SIZE 0
        acceptor.stream?.send(Chunk("nobody reads this"), end: false)
        world.settle()
        _ = world.frames(client)
        world.advance(.seconds(299))
        #expect(acceptor.ending == nil)
        for _ in 0..<6 { world.advance(.seconds(75)) }
        guard case .failed(let failure) = acceptor.ending else {
            Issue.record("the call must hear of it")
            return
        }
        #expect(failure.detail.hasPrefix("the peer gave no window for 300"))
        #expect(world.frames(client).contains(Frame(type: 3, stream: 1, payload: Frame.number(8))))
        #expect(listener.connectionCount == 1)
    }

    @Test("waits for a peer that gives little window, as long as it gives some")
    func smallWindow() throws {
        let acceptor = StreamingAcceptor()
        _ = try world.listen(acceptor, limits { $0.streamWriteTimeout = .seconds(300) })
        let client = world.client()
        world.send(Frame(type: 4, payload: [0, 4, 0, 0, 0, 0]), .request(1), to: client)  // INITIAL_WINDOW_SIZE 0
        acceptor.stream?.send(Chunk("slowly"), end: true)
        for _ in 0..<6 {
            for _ in 0..<3 { world.advance(.seconds(75)) }
            #expect(acceptor.ending == nil)
            world.send(Frame(type: 8, stream: 1, payload: Frame.number(1)), to: client)
        }
        #expect(acceptor.ending == .complete)
    }

    @Test("tells calls that were given up of their end, though the socket is full")
    func givenUp() {
        let pool = world.pool()
        let call = SeenExchange(on: pool, end: false)
        let server = world.serve()
        server.capacity = 0
        call.stream?.send(Chunk("x"), end: false)
        world.settle()
        call.stream?.reset(.cancel)
        world.settle()
        #expect(call.failure?.cause == .cancelled)
    }

    @Test("is due from a peer that has not said that it speaks HTTP/2", arguments: ["", "PRI * HT"])
    func preface(_ said: String) throws {
        let listener = try world.listen(EchoAcceptor())
        let socket = world.network.arrive()
        socket.input = Array(said.utf8)
        world.settle()
        #expect(listener.connectionCount == 1)
        world.advance(.seconds(10))
        socket.isEnded = true
        world.settle()
        #expect(listener.connectionCount == 0)
    }

    /// A large chunk is handed to the kernel where it lies; small runs around it are gathered.
    @Test("is not copied where it is large")
    func shared() throws {
        let large = Chunk([UInt8](repeating: 7, count: 50_000))
        let owner = ProducerOwner([Chunk("small "), Chunk("runs"), large, Chunk("end")])
        let socket = ManualSocket(20, on: world.poller)
        let wire = WireConnection(socket, peer: "p", isConnecting: false, owner: owner, events: .none, on: world.loop)
        wire.start(timeout: nil, nil)
        world.settle()
        #expect(socket.writes.count == 1)
        let runs = socket.writes.first ?? []
        #expect(runs.map(\.count) == [10, 50_000, 3])
        #expect(large.withUnsafeBytes { $0.baseAddress } == runs.dropFirst().first?.baseAddress)
        #expect(socket.takeOutput().count == 50_013)
    }

    @Test("and its input: large reads may be kept, small ones are the loop's memory")
    func bulkReads() throws {
        let owner = ProducerOwner([])
        let socket = ManualSocket(20, on: world.poller)
        let wire = WireConnection(socket, peer: "p", isConnecting: false, owner: owner, events: .none, on: world.loop)
        wire.start(timeout: nil, nil)
        socket.input = [UInt8](repeating: 1, count: 64 * 1024 + 200_000 + 100)
        for _ in 0..<4 { world.settle() }
        #expect(owner.handler.received == [.bytes(65_536), .chunk(200_100)])
        socket.input = [UInt8](repeating: 1, count: 100)
        world.settle()
        socket.input = [UInt8](repeating: 1, count: 50_000)
        world.settle()
        #expect(owner.handler.received.suffix(2) == [.bytes(100), .bytes(50_000)])
    }
}

/// Makes handlers that produce what a test gives them.
private final class ProducerOwner: WireOwner {
    let id = LiveID.next()
    let handler: Producer

    init(_ chunks: [Chunk]) { handler = Producer(chunks) }

    func handler(for connection: WireConnection) -> any WireHandler { handler }
    func ended(_ connection: WireConnection, _ failure: Failure?) {}
}

private final class Producer: WireHandler {
    enum Received: Equatable { case bytes(Int), chunk(Int) }

    private var chunks: [Chunk]
    private(set) var received: [Received] = []

    init(_ chunks: [Chunk]) { self.chunks = chunks }

    func received(_ bytes: UnsafeRawBufferPointer) { received.append(.bytes(bytes.count)) }
    func received(_ chunk: Chunk) { received.append(.chunk(chunk.count)) }
    func receivedEnd() {}

    func produce(_ limit: Int, into output: OutputChain) {
        for chunk in chunks { output.append(chunk) }
        chunks = []
    }

    func drain() {}
    func closed(_ failure: Failure?) {}
}
