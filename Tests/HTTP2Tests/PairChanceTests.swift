import Bytes
import HTTP2
import Testing
import Timebase

/// Two sessions that talk at random, cut anywhere: what one says the other hears, once and in order, and nothing leaks.
@Suite(.onEveryEngine)
struct PairChanceTests {
    /// One side, with what it sent and heard on each stream.
    final class Side {
        let session: HTTP2Session
        var sent: [Int32: Sent] = [:]
        var heard: [Int32: Heard] = [:]
        var open: Set<Int32> = []
        var error: HTTP2ConnectionError?
        var drained = 0

        struct Sent {
            var bytes: [UInt8] = []
            var hasHead = false
            var didEnd = false
        }

        struct Heard {
            var bytes: [UInt8] = []
            var held = 0
            var heads = 0
            var didEnd = false
            var end: String?
        }

        init(_ session: HTTP2Session) {
            self.session = session
        }

        func takeEvents(_ chance: inout Chance) {
            while let event = session.nextEvent() {
                switch event {
                case .head(let stream, _, let end):
                    open.insert(stream)
                    heard[stream, default: Heard()].heads += 1
                    if end { heard[stream, default: Heard()].didEnd = true }
                case .chunk(let stream, let chunk, let end):
                    #expect(heard[stream]?.end == nil && heard[stream]?.didEnd == false)
                    heard[stream, default: Heard()].bytes += chunk.array
                    heard[stream, default: Heard()].held += chunk.count
                    if end { heard[stream, default: Heard()].didEnd = true }
                case .trailers(let stream, _):
                    #expect(heard[stream]?.didEnd == false)
                    heard[stream, default: Heard()].didEnd = true
                case .closed(let stream): finish(stream, "closed")
                case .reset(let stream, let code, let byPeer): finish(stream, "reset \(code) \(byPeer)")
                case .drained: drained += 1
                default: break
                }
            }
            for stream in heard.keys.sorted() where (heard[stream]?.held ?? 0) > 0 && Bool.random(using: &chance) {
                session.consume(heard[stream]?.held ?? 0, on: stream)
                heard[stream]?.held = 0
            }
        }

        /// Ends every stream that has not been ended.
        func endAll() {
            for stream in open.sorted() where sent[stream]?.didEnd != true {
                if sent[stream]?.hasHead != true { session.send(head: response, on: stream, end: false) }
                session.send(trailers: trailers, on: stream)
                sent[stream, default: Sent()].hasHead = true
                sent[stream]?.didEnd = true
            }
        }

        private func finish(_ stream: Int32, _ how: String) {
            #expect(heard[stream]?.end == nil, "a stream ends once")
            heard[stream, default: Heard()].end = how
            open.remove(stream)
        }

        func act(_ chance: inout Chance) {
            if session.role == .client, open.count < 12, Int.random(in: 0..<3, using: &chance) == 0,
                let stream = try? session.openStream(request, end: false)
            {
                open.insert(stream)
                sent[stream] = Sent(hasHead: true)
            }
            guard let stream = open.sorted().randomElement(using: &chance) else { return }
            var state = sent[stream] ?? Sent()
            defer { sent[stream] = state }
            guard Int.random(in: 0..<60, using: &chance) > 0 else { return session.reset(stream, code: 8) }
            if !state.hasHead {
                state.hasHead = true
                return session.send(head: response, on: stream, end: false)
            }
            guard !state.didEnd, session.room(on: stream) > 0 else { return }
            let size = Int.random(in: 0...(Bool.random(using: &chance) ? 200 : 30_000), using: &chance)
            let mark = UInt8.random(in: 0...255, using: &chance)
            let bytes = [UInt8](repeating: mark, count: size)
            switch Int.random(in: 0..<6, using: &chance) {
            case 0:
                state.didEnd = true
                session.send(trailers: trailers, on: stream)
            case 1:
                state.didEnd = true
                state.bytes += bytes
                session.send(Chunk(bytes), on: stream, end: true)
            default:
                state.bytes += bytes
                session.send(Chunk(bytes), on: stream, end: false)
            }
        }
    }

    static func settings(_ chance: inout Chance) -> HTTP2Settings {
        var settings = HTTP2Settings()
        settings.initialWindow = Int.random(in: 1000...100_000, using: &chance)
        settings.connectionWindow = Int.random(in: 65_535...200_000, using: &chance)
        settings.headerTableSize = [0, 100, 4096].randomElement(using: &chance) ?? 4096
        return settings
    }

    @Test("what is said is heard, and what was held comes back", arguments: 0..<4)
    func talk(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var limits = HTTP2Limits()
        limits.highMark = 50_000
        limits.lowMark = 10_000
        let client = Side(makeSession(.client, settings: Self.settings(&chance), limits: limits))
        let server = Side(makeSession(.server, settings: Self.settings(&chance), limits: limits))
        for _ in 0..<250 {
            client.act(&chance)
            server.act(&chance)
            move(client, server, &chance)
            move(server, client, &chance)
        }
        // All say the end, and everything flows.
        for _ in 0..<5000 {
            client.endAll()
            server.endAll()
            move(client, server, &chance)
            move(server, client, &chance)
            let isMore = client.session.hasOutput || server.session.hasOutput
            guard isMore || !client.open.isEmpty || !server.open.isEmpty else { break }
        }
        judge(client, server)
        judge(server, client)
    }

    private func move(_ from: Side, _ to: Side, _ chance: inout Chance) {
        var bytes = output(of: from.session, limit: Int.random(in: 1...40_000, using: &chance))
        from.takeEvents(&chance)
        while !bytes.isEmpty {
            let part = Array(bytes.prefix(Int.random(in: 1...20_000, using: &chance)))
            bytes.removeFirst(part.count)
            let thrown = receive(part, to.session)
            if to.error == nil { to.error = thrown }
            to.takeEvents(&chance)
        }
    }

    private func judge(_ sender: Side, _ receiver: Side) {
        #expect(sender.error == nil, "\(String(describing: sender.error))")
        #expect(sender.open.isEmpty && sender.session.activeStreams == 0)
        for (stream, heard) in receiver.heard {
            let said = sender.sent[stream]?.bytes ?? []
            #expect(heard.heads <= 1 && said.starts(with: heard.bytes), "stream \(stream)")
            if heard.end == "closed" {
                #expect(heard.bytes == said && heard.didEnd, "stream \(stream)")
            }
        }
    }
}
