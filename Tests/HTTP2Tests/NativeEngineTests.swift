import Bytes
@testable import HTTP2
import Testing
import Timebase

/// What the native engine does beyond the laws that bind both.
struct NativeEngineTests {
    /// A pair of native sessions past their prefaces.
    static func pair(
        clientLimits: HTTP2Limits = HTTP2Limits(), serverSettings: HTTP2Settings = HTTP2Settings(),
        serverLimits: HTTP2Limits = HTTP2Limits()
    ) -> Pair {
        Engines.$current.withValue(Engines(client: .native, server: .native)) {
            Pair(clientLimits: clientLimits, serverSettings: serverSettings, serverLimits: serverLimits).settle()
        }
    }

    static func server(_ limits: HTTP2Limits = HTTP2Limits()) -> Lone {
        Engines.$current.withValue(Engines(client: .native, server: .native)) { Lone(.server, limits: limits) }
    }

    @Test("large DATA is a part of the chunk it came in, small DATA is a copy", arguments: [8191, 8192, 16_384])
    func slices(_ size: Int) {
        let lone = Self.server()
        lone.send(.headers(1, end: false))
        let read = Chunk(Frame(0, 0, on: 1, [UInt8](repeating: 7, count: size)).bytes + Frame.data(1, "x").bytes)
        do {
            try lone.session.receive(read)
        } catch {
            Issue.record("\(error)")
        }
        guard case .chunk(1, let first, end: false) = lone.session.nextEvent() else {
            Issue.record("no chunk came")
            return
        }
        #expect(first.count == size && first == Chunk([UInt8](repeating: 7, count: size)))
        let isShared = read.withUnsafeBytes { whole in
            first.withUnsafeBytes { part in part.baseAddress == whole.baseAddress.map { $0 + 9 } }
        }
        #expect(isShared == (size >= 8192))
        guard case .chunk(1, let second, end: false) = lone.session.nextEvent() else {
            Issue.record("no second chunk came")
            return
        }
        #expect(second == Chunk("x"))
    }

    @Test("a DATA frame that comes in pieces is handed on in pieces, padding and all")
    func pieces() {
        let lone = Self.server()
        lone.send(.headers(1, end: false))
        let frame = Frame(0, 9, on: 1, [3] + Array("hello".utf8) + [0, 0, 0]).bytes
        for byte in frame { lone.send([byte]) }
        #expect(joined(Array(lone.heard.dropFirst())) == ["1 chunk hello end"])
        #expect(lone.error == nil)
    }

    @Test("streams with much to send take turns, and a small answer does not wait for a large one")
    func fairness() throws {
        let pair = Self.pair()
        let streams = try (0..<3).map { _ in try pair.client.openStream(request, end: true) }
        pair.run()
        for stream in streams {
            pair.server.send(head: response, on: stream, end: false)
            let size = stream == streams[2] ? 100 : 60_000
            pair.server.send(Chunk([UInt8](repeating: 1, count: size)), on: stream, end: true)
        }
        let sent = frames(output(of: pair.server)).filter { $0.type == 0 }
        #expect(sent.map(\.stream).prefix(5) == [1, 3, 5, 1, 3])
        #expect(sent.map(\.payload.count).prefix(3) == [16_384, 16_384, 100])
    }

    @Test("a header block above a frame's size leaves as HEADERS and CONTINUATION")
    func continuation() throws {
        let pair = Self.pair()
        let stream = try pair.client.openStream(request, end: true)
        pair.run()
        // Octets that Huffman coding does not make shorter.
        let long = String(repeating: "{|}~", count: 10_000)
        pair.server.send(head: [":status": "200", "x": long], on: stream, end: true)
        let bytes = output(of: pair.server)
        let sent = frames(bytes)
        #expect(sent.map(\.type) == [1, 9, 9] && sent.map(\.flags) == [1, 0, 4])
        #expect(sent.allSatisfy { $0.stream == 1 && $0.payload.count <= 16_384 })
        #expect(receive(bytes, pair.client) == nil)
        pair.run()
        #expect(pair.heardByClient == ["1 head :status=200 x=\(long) end", "1 closed"])
    }

    @Test("output stops at its limit, and goes on from there")
    func limit() throws {
        let pair = Self.pair()
        let stream = try pair.client.openStream(request, end: false)
        pair.client.send(Chunk([UInt8](repeating: 1, count: 100_000)), on: stream, end: true)
        let chain = OutputChain(blocks: HeapBlocks())
        #expect(pair.client.takeOutput(20_000, into: chain) && chain.count < 40_000)
        #expect(pair.client.hasOutput && pair.client.queuedBytes(on: stream) > 60_000)
        while pair.client.takeOutput(20_000, into: chain) {}
        #expect(!pair.client.hasOutput && chain.count > 100_000 && pair.client.queuedBytes(on: stream) == 0)
    }

    @Test("a stream that the connection's window stops goes on when that opens, and others are served before")
    func stalled() throws {
        let lone = Self.server()
        lone.send(.headers(1), .headers(3))
        for stream: Int32 in [1, 3] { lone.session.send(head: response, on: stream, end: false) }
        lone.session.send(Chunk([UInt8](repeating: 1, count: 70_000)), on: 1, end: true)
        _ = lone.answers()
        lone.send(.window(1, 100_000))
        #expect(!lone.session.hasOutput && lone.session.queuedBytes(on: 1) == 70_000 - 65_535)
        lone.session.send(Chunk("x"), on: 3, end: false)
        #expect(!lone.session.hasOutput)
        lone.send(.headers(5))
        lone.session.send(head: response, on: 5, end: true)
        #expect(lone.answers() == ["headers 5"])
        lone.send(.window(0, 4465))
        #expect(lone.answers() == ["data 1"] && !lone.session.hasOutput)
        lone.send(.window(0, 1))
        #expect(lone.answers() == ["data 3"])
    }

    @Test("octets that come one a frame are charged for the memory they take")
    func tinyData() {
        var limits = HTTP2Limits()
        limits.maxHeldBytes = 10_000
        limits.maxEvents = 1 << 20
        var updates = 0
        let lone = Self.server(limits)
        lone.send(.headers(1, end: false))
        for _ in 0..<40 { lone.send((0..<500).flatMap { _ in Frame.data(1, "x").bytes }) }
        updates += lone.answers().count { $0 == "window 0" }
        // 20,000 octets are 1.3 MB of memory: no window comes back above the limit.
        #expect(updates == 0 && lone.error == nil)
        lone.session.consume(20_000, on: 1)
        lone.send(.data(1, "y"))
        #expect(lone.error == nil && lone.session.activeStreams == 1)
    }

    @Test("what a stream was charged with goes with the stream")
    func chargesEnd() {
        var settings = HTTP2Settings()
        settings.connectionWindow = 65_535
        var limits = HTTP2Limits()
        limits.maxHeldBytes = 10_000
        let lone = Engines.$current.withValue(Engines(client: .native, server: .native)) {
            Lone(.server, settings: settings, limits: limits)
        }
        lone.send(.headers(1, end: false), .headers(3, end: false))
        lone.send((0..<20_000).flatMap { _ in Frame.data(1, "x").bytes })
        #expect(lone.answers() == [])
        lone.session.reset(1, code: 8)
        lone.send(Frame(0, 0, on: 3, [UInt8](repeating: 7, count: 16_000)))
        lone.session.consume(16_000, on: 3)
        #expect(lone.answers().contains("window 0"))
    }

    @Test("time pays for resets where it is told")
    func resetsByTime() {
        let lone = Self.server(FloodTests.limits)
        var now = Instant(nanoseconds: 1)
        for stream in 0..<UInt32(40) {
            lone.session.reach(now)
            lone.send(.headers(2 * stream + 1), .reset(2 * stream + 1))
            _ = lone.answers()
            now = now.advanced(by: .milliseconds(1001))
        }
        #expect(lone.error == nil)
        for stream in 40..<UInt32(60) { lone.send(.headers(2 * stream + 1), .reset(2 * stream + 1)) }
        #expect(lone.error?.code == 11)
    }

    @Test("what a peer sends on streams that were reset is read over, and its headers still count")
    func afterReset() {
        let lone = Self.server()
        lone.send(.headers(1, end: false))
        lone.session.reset(1, code: 8)
        #expect(lone.answers() == ["rst 1 8"])
        // The trailers add an entry to the table, which the next request names.
        let indexed: [UInt8] = [0x40, 1, UInt8(ascii: "k"), 1, UInt8(ascii: "v")]
        lone.send(.data(1, "late"), Frame(1, 5, on: 1, indexed), .window(1, 5), .reset(1))
        lone.send(Frame(1, 5, on: 3, hpack(Frame.goodHead) + [0x80 | 62]))
        #expect(lone.heard.last == "3 head :method=GET :scheme=http :path=/ :authority=a k=v end")
        #expect(lone.error == nil && lone.answers() == [])
    }

    @Test("more resets at once than are remembered cost no connection")
    func forgottenResets() {
        var settings = HTTP2Settings()
        settings.maxConcurrentStreams = 500
        let lone = Engines.$current.withValue(Engines(client: .native, server: .native)) {
            Lone(.server, settings: settings)
        }
        for stream in 0..<UInt32(400) { lone.send(.headers(2 * stream + 1, end: false)) }
        for stream in 0..<Int32(400) { lone.session.reset(2 * stream + 1, code: 8) }
        for stream in 0..<UInt32(400) { lone.send(.data(2 * stream + 1, "x", end: true)) }
        #expect(lone.error == nil && lone.session.activeStreams == 0)
    }

    @Test("memory that is kept goes back, and the session goes on")
    func trim() throws {
        let pair = Self.pair()
        for _ in 0..<3 {
            for _ in 0..<40 { _ = try pair.client.openStream(request, end: true) }
            pair.onServer = { server, event in
                if case .head(let stream, _, _) = event { server.send(head: response, on: stream, end: true) }
            }
            pair.run()
            pair.client.trim()
            pair.server.trim()
        }
        #expect(pair.heardByClient.count { $0.hasSuffix(" closed") } == 120 && pair.client.activeStreams == 0)
    }

    @Test("ids end after 2^30 streams")
    func idsExhausted() throws {
        var core = NativeCore(role: .client, settings: HTTP2Settings(), limits: HTTP2Limits())
        core.nextStream = Int64(Int32.max)
        #expect(try core.openStream(request, end: true) == Int32.max)
        var thrown: HTTP2StreamError?
        do throws(HTTP2StreamError) { _ = try core.openStream(request, end: true) } catch { thrown = error }
        #expect(thrown == .idsExhausted)
    }
}
