import Bytes
import HTTP2
import Testing

/// Flow control: who is stopped by whom, and that no window leaks.
@Suite(.onEveryEngine)
struct WindowTests {
    static let small: HTTP2Settings = {
        var settings = HTTP2Settings()
        settings.initialWindow = 10_000
        settings.connectionWindow = 100_000
        return settings
    }()

    static func bytes(_ count: Int) -> Chunk { Chunk([UInt8](repeating: 7, count: count)) }

    /// A pair whose server holds what it hears, with `count` open streams that have sent their heads.
    static func holding(_ count: Int, limits: HTTP2Limits = HTTP2Limits()) throws -> (Pair, [Int32]) {
        let pair = Pair(serverSettings: small, serverLimits: limits).settle()
        pair.consumesAtServer = false
        let streams = try (0..<count).map { _ in try pair.client.openStream(request, end: false) }
        pair.run()
        pair.heardByServer = []
        return (pair, streams)
    }

    static func received(_ pair: Pair) -> Int {
        pair.heardByServer.compactMap { $0.split(separator: "#").last.flatMap { Int($0.prefix { $0.isNumber }) } }
            .reduce(0, +)
    }

    @Test("a reader that does not consume stops its sender at the window")
    func stops() throws {
        let (pair, streams) = try Self.holding(1)
        pair.client.send(Self.bytes(25_000), on: streams[0], end: true)
        pair.run()
        #expect(Self.received(pair) == 10_000 && pair.client.queuedBytes(on: 1) == 15_000)
        pair.server.consume(4999, on: 1)
        pair.run()
        #expect(Self.received(pair) == 10_000, "less than half a window is not worth an update")
        pair.server.consume(1, on: 1)
        pair.run()
        #expect(Self.received(pair) == 15_000)
        pair.server.consume(10_000, on: 1)
        pair.run()
        #expect(Self.received(pair) == 25_000 && pair.client.queuedBytes(on: 1) == 0)
        #expect(pair.heardByServer.last?.hasSuffix(" end") == true)
    }

    @Test("what is consumed twice gives no window twice")
    func overConsuming() throws {
        let (pair, streams) = try Self.holding(1)
        pair.client.send(Self.bytes(50_000), on: streams[0], end: true)
        pair.run()
        pair.server.consume(1_000_000, on: 1)
        pair.run()
        #expect(Self.received(pair) == 20_000)
    }

    @Test("what is consumed twice does not let more be held either")
    func overConsumingAll() throws {
        var limits = HTTP2Limits()
        limits.maxHeldBytes = 0
        let (pair, streams) = try Self.holding(31, limits: limits)
        pair.client.send(Self.bytes(1000), on: streams[30], end: false)
        pair.run()
        pair.server.consume(10_000_000, on: streams[30])
        for stream in streams.dropLast() { pair.client.send(Self.bytes(10_000), on: stream, end: true) }
        pair.run()
        #expect(Self.received(pair) <= 101_000)
    }

    @Test("what is still sent on a stream that was answered early is swallowed, and its windows come back")
    func swallowing() throws {
        var limits = HTTP2Limits()
        limits.maxHeldBytes = 0
        let pair = Pair(clientSettings: Self.small, serverSettings: Self.small, serverLimits: limits).settle()
        pair.consumesAtServer = false
        pair.consumesAtClient = false
        let stream = try pair.client.openStream(request, end: false)
        pair.client.send(Self.bytes(5000), on: stream, end: false)
        pair.run()
        // The client does not read, so the answer, and the reset behind it, cannot leave.
        pair.server.send(head: response, on: stream, end: false)
        pair.server.send(Self.bytes(20_000), on: stream, end: true)
        pair.server.reset(stream, code: 0)
        pair.run()
        let heard = pair.heardByServer.count
        pair.client.send(Self.bytes(150_000), on: stream, end: false)
        pair.run()
        // Without the 5000 that were handed out before, a window and more goes through.
        #expect(pair.client.queuedBytes(on: stream) == 0)
        #expect(pair.heardByServer.count == heard)
        pair.client.consume(10_000, on: stream)
        pair.run()
        #expect(pair.heardByClient.contains { $0.hasSuffix(" end") } && pair.heardByClient.last == "1 reset 0 by peer")
    }

    @Test("slow streams that hold their windows do not starve a fast one")
    func noStarving() throws {
        // 30 streams of 10 000 bytes hold three times the connection's window.
        let (pair, streams) = try Self.holding(31)
        for stream in streams.dropLast() {
            pair.client.send(Self.bytes(10_000), on: stream, end: false)
            pair.run()
        }
        #expect(Self.received(pair) == 300_000)
        let fast = streams[30]
        pair.onServer = { server, event in
            if case .chunk(fast, let chunk, _) = event { server.consume(chunk.count, on: fast) }
        }
        pair.client.send(Self.bytes(200_000), on: fast, end: true)
        pair.run()
        #expect(Self.received(pair) == 500_000)
    }

    @Test("above the bound of held bytes the connection's window closes, and consuming opens it again")
    func heldBound() throws {
        var limits = HTTP2Limits()
        limits.maxHeldBytes = 50_000
        let (pair, streams) = try Self.holding(30, limits: limits)
        for stream in streams { pair.client.send(Self.bytes(10_000), on: stream, end: true) }
        pair.run()
        // The bound, and then the window that was given before.
        #expect(Self.received(pair) <= 150_000)
        #expect(Self.received(pair) >= 100_000)
        for stream in streams { pair.server.consume(10_000, on: stream) }
        pair.run()
        for stream in streams { pair.server.consume(10_000, on: stream) }
        pair.run()
        #expect(Self.received(pair) == 300_000)
    }

    @Test("windows of streams that ended with bytes held come back", arguments: ["server resets", "client resets"])
    func noLeak(_ how: String) throws {
        var limits = HTTP2Limits()
        limits.maxHeldBytes = 0
        limits.resetBurst = 10_000
        let (pair, _) = try Self.holding(0, limits: limits)
        for _ in 0..<50 {
            let stream = try pair.client.openStream(request, end: false)
            pair.client.send(Self.bytes(10_000), on: stream, end: false)
            pair.run()
            if how == "server resets" {
                pair.server.reset(stream, code: 8)
                // These bytes cross the reset.
                pair.client.send(Self.bytes(100), on: stream, end: false)
            } else {
                pair.client.reset(stream, code: 8)
            }
            pair.run()
        }
        #expect(Self.received(pair) >= 500_000)
        #expect(pair.server.activeStreams == 0 && pair.client.activeStreams == 0)
    }

    @Test("bytes that cross a reset give the connection's window back")
    func crossing() throws {
        var limits = HTTP2Limits()
        limits.maxHeldBytes = 0
        let (pair, _) = try Self.holding(0, limits: limits)
        for _ in 0..<30 {
            let stream = try pair.client.openStream(request, end: false)
            _ = pair.clientToServer()
            pair.client.send(Self.bytes(9000), on: stream, end: false)
            pair.server.reset(stream, code: 8)
            _ = pair.clientToServer()
            pair.run()
        }
        let stream = try pair.client.openStream(request, end: false)
        pair.client.send(Self.bytes(10_000), on: stream, end: true)
        pair.run()
        #expect(pair.heardByServer.suffix(2).last == "\(stream) chunk #10000 end" || Self.received(pair) == 10_000)
    }

    @Test("a full stream says once that it drained")
    func drained() throws {
        var limits = HTTP2Limits()
        limits.highMark = 30_000
        limits.lowMark = 10_000
        let pair = Pair(clientLimits: limits, serverSettings: Self.small).settle()
        let stream = try pair.client.openStream(request, end: false)
        #expect(pair.client.room(on: stream) == 30_000)
        pair.client.send(Self.bytes(20_000), on: stream, end: false)
        pair.client.send(Self.bytes(15_000), on: stream, end: false)
        #expect(pair.client.room(on: stream) == -5000)
        _ = pair.clientToServer()
        #expect(pair.client.room(on: stream) == 5000 && pair.heardByClient == [], "below the high mark is not drained")
        pair.run()
        #expect(pair.heardByClient == ["1 drained"])
        pair.client.send(Self.bytes(20_000), on: stream, end: true)
        pair.run()
        #expect(pair.heardByClient == ["1 drained"])
    }

    @Test("a window that shrinks below what is out, and grows again, loses nothing")
    func output() throws {
        let (pair, streams) = try Self.holding(2)
        pair.consumesAtServer = true
        for stream in streams { pair.client.send(Self.bytes(300_000), on: stream, end: true) }
        pair.run()
        #expect(Self.received(pair) == 600_000)
    }
}
