import Bytes
import HTTP2
import Testing

/// Conversations of two sessions, as each side hears them.
@Suite(.onEveryEngine)
struct PairTests {
    static let heardRequest = "1 head :method=POST :scheme=http :path=/a :authority=b"

    /// Opens a stream with a whole request, and lets the server answer it by `answer` when it has heard the end.
    static func call(_ pair: Pair, _ answer: @escaping (HTTP2Session, Int32) -> Void) throws {
        let stream = try pair.client.openStream(request, end: false)
        pair.client.send(Chunk("ask"), on: stream, end: true)
        pair.onServer = { server, event in
            guard case .chunk(let stream, _, end: true) = event else { return }
            answer(server, stream)
        }
        pair.run()
    }

    @Test("prefaces bring each side's settings")
    func preface() {
        let pair = Pair()
        pair.run()
        #expect(pair.heardByServer == ["settings 4294967295 1048576"])
        #expect(pair.heardByClient == ["settings 1000 1048576"])
        #expect(pair.client.peerMaxConcurrentStreams == 1000)
        #expect(!pair.client.hasOutput && !pair.server.hasOutput && !pair.client.wantsClose)
    }

    @Test(
        "a unary call is one head, one chunk and trailers, and both sides hear that it closed",
        arguments: [1, 9, Int.max])
    func unary(_ piece: Int) throws {
        let pair = Pair().settle()
        pair.piece = piece
        try Self.call(pair) { server, stream in
            server.send(head: response, on: stream, end: false)
            server.send(Chunk("answer"), on: stream, end: false)
            server.send(trailers: trailers, on: stream)
        }
        #expect(joined(pair.heardByServer) == [Self.heardRequest, "1 chunk ask end", "1 closed"])
        #expect(
            joined(pair.heardByClient) == [
                "1 head :status=200", "1 chunk answer", "1 trailers grpc-status=0", "1 closed",
            ])
        #expect(pair.client.activeStreams == 0 && pair.server.activeStreams == 0)
    }

    @Test("trailers-only is a head that ends")
    func trailersOnly() throws {
        let pair = Pair().settle()
        try Self.call(pair) { server, stream in
            server.send(head: [":status": "200", "grpc-status": "12"], on: stream, end: true)
        }
        #expect(pair.heardByClient == ["1 head :status=200 grpc-status=12 end", "1 closed"])
    }

    @Test("a head and trailers without bytes make no DATA frame between")
    func headThenTrailers() throws {
        let pair = Pair().settle()
        try Self.call(pair) { server, stream in
            server.send(head: response, on: stream, end: false)
            server.send(trailers: trailers, on: stream)
        }
        #expect(pair.heardByClient == ["1 head :status=200", "1 trailers grpc-status=0", "1 closed"])
    }

    @Test("empty trailers are a plain end")
    func emptyTrailers() throws {
        let pair = Pair().settle()
        try Self.call(pair) { server, stream in
            server.send(head: response, on: stream, end: false)
            server.send(trailers: Fields(), on: stream)
        }
        #expect(pair.heardByClient == ["1 head :status=200", "1 chunk  end", "1 closed"])
    }

    @Test("interim responses come before the final one")
    func interim() throws {
        let pair = Pair().settle()
        try Self.call(pair) { server, stream in
            server.send(head: [":status": "103", "link": "x"], on: stream, end: false)
            server.send(head: [":status": "100"], on: stream, end: false)
            server.send(head: response, on: stream, end: true)
        }
        #expect(
            pair.heardByClient == [
                "1 interim :status=103 link=x", "1 interim :status=100", "1 head :status=200 end", "1 closed",
            ])
    }

    @Test("messages stream both ways, in order, and each half ends by itself")
    func bidirectional() throws {
        let pair = Pair().settle()
        let stream = try pair.client.openStream(request, end: false)
        pair.run()
        pair.server.send(head: response, on: stream, end: false)
        for text in ["1", "2", "3"] {
            pair.client.send(Chunk(text), on: stream, end: false)
            pair.run()
            pair.server.send(Chunk(text + "!"), on: stream, end: false)
            pair.run()
        }
        pair.server.send(trailers: trailers, on: stream)
        pair.run()
        #expect(pair.client.activeStreams == 1)
        pair.client.send(.empty, on: stream, end: true)
        pair.run()
        #expect(
            pair.heardByServer == [
                Self.heardRequest, "1 chunk 1", "1 chunk 2", "1 chunk 3", "1 chunk  end", "1 closed",
            ])
        #expect(
            pair.heardByClient == [
                "1 head :status=200", "1 chunk 1!", "1 chunk 2!", "1 chunk 3!", "1 trailers grpc-status=0", "1 closed",
            ])
    }

    @Test("what never indexed means survives the way")
    func sensitive() throws {
        let pair = Pair().settle()
        var head = request
        head.append("authorization", "secret", isSensitive: true)
        _ = try pair.client.openStream(head, end: true)
        pair.run()
        #expect(pair.heardByServer == [Self.heardRequest + " authorization=secret! end"])
    }

    @Test("small chunks share a frame, big ones are sent whole and in order", arguments: [64, 5000, .max])
    func chunking(_ limit: Int) throws {
        let pair = Pair().settle()
        let stream = try pair.client.openStream(request, end: false)
        var expected: [UInt8] = []
        for (index, size) in [1, 2, 3, 10_000, 5, 4096, 4095, 40_000, 1].enumerated() {
            let bytes = [UInt8](repeating: UInt8(index + 1), count: size)
            expected += bytes
            pair.client.send(Chunk(bytes), on: stream, end: index == 8)
        }
        var heard: [UInt8] = []
        var ends = 0
        pair.onServer = { _, event in
            guard case .chunk(_, let chunk, let end) = event else { return }
            heard += chunk.array
            if end { ends += 1 }
        }
        var isMore = true
        while isMore {
            var bytes: [UInt8] = []
            isMore = pair.client.takeOutput(limit) { bytes += Array($0) }
            #expect(receive(bytes, pair.server) == nil)
            pair.takeEvents()
        }
        #expect(heard == expected && ends == 1)
    }

    @Test("ping and its answer carry the same number")
    func ping() {
        let pair = Pair().settle()
        pair.client.ping(0x0102_0304_0506_0708)
        pair.run()
        #expect(pair.heardByServer == ["ping 72623859790382856"])
        #expect(pair.heardByClient == ["pingack 72623859790382856"])
    }
}

/// Ends, errors and limits of streams.
@Suite(.onEveryEngine)
struct StreamEndTests {
    @Test("a reset is heard at once by who made it, and by the peer with its code")
    func reset() throws {
        let pair = Pair().settle()
        let stream = try pair.client.openStream(request, end: false)
        pair.client.send(Chunk("x"), on: stream, end: false)
        pair.run()
        pair.client.send(Chunk([UInt8](repeating: 1, count: 9999)), on: stream, end: false)
        pair.client.reset(stream, code: 8)
        pair.takeEvents()
        #expect(pair.heardByClient == ["1 reset 8"])
        #expect(pair.client.queuedBytes(on: stream) == 0 && pair.client.activeStreams == 0)
        pair.run()
        #expect(pair.heardByServer == [PairTests.heardRequest, "1 chunk x", "1 reset 8 by peer"])
        #expect(pair.heardByClient == ["1 reset 8"])
    }

    @Test("a request that was reset before it left is never sent")
    func resetUnsent() throws {
        let pair = Pair().settle()
        let stream = try pair.client.openStream(request, end: true)
        pair.client.reset(stream, code: 8)
        let next = try pair.client.openStream(request, end: true)
        pair.run()
        #expect(pair.heardByClient == ["1 reset 8"])
        #expect(pair.heardByServer == ["\(next)" + PairTests.heardRequest.dropFirst() + " end"])
    }

    @Test("commands on a stale stream are ignored")
    func stale() throws {
        let pair = Pair().settle()
        let stream = try pair.client.openStream(request, end: true)
        pair.run()
        pair.server.reset(stream, code: 2)
        pair.run()
        for session in [pair.client, pair.server] {
            session.send(Chunk("x"), on: stream, end: true)
            session.send(trailers: trailers, on: stream)
            session.reset(stream, code: 8)
            session.consume(100, on: stream)
            session.consume(100, on: 99)
            #expect(session.room(on: stream) == 0)
        }
        pair.server.send(head: response, on: stream, end: true)
        pair.run()
        #expect(pair.heardByClient == ["1 reset 2 by peer"])
    }

    @Test("an answer that ends early sends its trailers before the reset with NO_ERROR")
    func earlyAnswer() throws {
        let pair = Pair().settle()
        let stream = try pair.client.openStream(request, end: false)
        pair.client.send(Chunk("x"), on: stream, end: false)
        pair.run()
        pair.server.send(head: response, on: stream, end: false)
        pair.server.send(Chunk([UInt8](repeating: 1, count: 30_000)), on: stream, end: false)
        pair.server.send(trailers: trailers, on: stream)
        pair.server.reset(stream, code: 0)
        pair.client.send(Chunk("y"), on: stream, end: false)
        pair.run()
        #expect(pair.heardByServer.last == "1 reset 0" && !pair.heardByServer.contains("1 chunk y"))
        #expect(pair.heardByClient.suffix(2) == ["1 trailers grpc-status=0", "1 reset 0 by peer"])
    }

    @Test("a peer's GOAWAY ends the streams above its last id as not processed, and lets the others finish")
    func goAway() throws {
        let pair = Pair().settle()
        let first = try pair.client.openStream(request, end: true)
        pair.run()
        // The second request crosses the GOAWAY.
        pair.server.goAway(code: 0, debug: "maintenance")
        let second = try pair.client.openStream(request, end: true)
        _ = pair.serverToClient()
        #expect(throws: HTTP2StreamError.goingAway) { _ = try pair.client.openStream(request, end: true) }
        pair.run()
        #expect(pair.heardByClient == ["goaway 1 0 maintenance", "\(second) reset 7 by peer"])
        #expect(!pair.client.wantsClose && !pair.server.wantsClose)
        pair.server.send(head: response, on: first, end: true)
        pair.run()
        #expect(pair.heardByClient.last == "1 closed" && pair.heardByServer.last == "1 closed")
        #expect(pair.client.wantsClose && pair.server.wantsClose)
        #expect(pair.clientError == nil && pair.serverError == nil)
    }

    @Test("a request that was sent already is not processed either, if the GOAWAY leaves it out")
    func goAwayCrossing() throws {
        let pair = Pair().settle()
        pair.server.goAway()
        let stream = try pair.client.openStream(request, end: false)
        _ = pair.clientToServer()
        pair.run()
        #expect(pair.heardByServer == [])
        #expect(pair.heardByClient == ["goaway 0 0", "\(stream) reset 7 by peer"])
    }

    @Test("after the notice of a shutdown new streams are still taken")
    func shutdownNotice() throws {
        let pair = Pair().settle()
        pair.server.shutdownNotice()
        _ = try pair.client.openStream(request, end: true)
        _ = pair.clientToServer()
        pair.run()
        #expect(pair.heardByServer.count == 1)
        #expect(pair.heardByClient == ["goaway 2147483647 0"])
        pair.server.goAway()
        pair.server.send(head: response, on: 1, end: true)
        pair.run()
        #expect(pair.heardByClient.suffix(3).sorted() == ["1 closed", "1 head :status=200 end", "goaway 1 0"])
        #expect(pair.server.wantsClose)
    }

    @Test("no more streams are opened than the peer allows")
    func streamLimit() throws {
        var settings = HTTP2Settings()
        settings.maxConcurrentStreams = 2
        let pair = Pair(serverSettings: settings).settle()
        _ = try pair.client.openStream(request, end: true)
        _ = try pair.client.openStream(request, end: true)
        #expect(throws: HTTP2StreamError.streamLimit) { _ = try pair.client.openStream(request, end: true) }
        pair.client.reset(1, code: 8)
        #expect(try pair.client.openStream(request, end: true) == 5)
        pair.run()
        #expect(pair.server.activeStreams == 2 && pair.serverError == nil)
    }

    @Test("before the peer's settings a cautious number of streams is opened")
    func presumedStreams() throws {
        var limits = HTTP2Limits()
        limits.presumedPeerStreams = 3
        let client = makeSession(.client, limits: limits)
        for _ in 0..<3 { _ = try client.openStream(request, end: true) }
        #expect(throws: HTTP2StreamError.streamLimit) { _ = try client.openStream(request, end: true) }
    }

    @Test("a head that the peer will not take is not sent")
    func headTooLarge() throws {
        let pair = Pair().settle()
        var head = request
        head.append("x", String(repeating: "y", count: 17_000))
        #expect(throws: HTTP2StreamError.headTooLarge(limit: 16_384)) {
            _ = try pair.client.openStream(head, end: true)
        }
        #expect(pair.client.activeStreams == 0 && !pair.client.hasOutput)
    }

    @Test("a response head that is too large to send resets its stream")
    func responseTooLarge() throws {
        let pair = Pair().settle()
        let stream = try pair.client.openStream(request, end: true)
        pair.run()
        pair.server.send(head: [":status": "200", "x": String(repeating: "y", count: 70_000)], on: stream, end: true)
        pair.run()
        #expect(pair.heardByServer.last == "1 reset 2" && pair.heardByClient == ["1 reset 2 by peer"])
    }
}

/// Chunks of a stream as one line, however they were cut up.
func joined(_ lines: [String]) -> [String] {
    var result: [String] = []
    for line in lines {
        guard let at = line.range(of: " chunk "), let last = result.last, last.hasPrefix(line[..<at.upperBound]),
            !last.hasSuffix(" end")
        else {
            result.append(line)
            continue
        }
        result[result.count - 1] = last + line[at.upperBound...]
    }
    return result
}

extension String {
    /// Where `other` first occurs.
    fileprivate func range(of other: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(other) { return start..<index(start, offsetBy: other.count) }
            start = index(after: start)
        }
        return nil
    }
}
