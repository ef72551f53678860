import Bytes
import Exchange
import RPC
import Reactor
import Testing
import Timebase
@testable import Traces

@Suite struct TraceParentTests {
    private static let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func `what is read is written again`() throws {
        let parent = try #require(TraceParent(Self.good))
        #expect(parent.traceID == "0af7651916cd43dd8448eb211c80319c" && parent.spanID == "b7ad6b7169203331")
        #expect(parent.isSampled && parent.text == Self.good)
        #expect(parent.withBytes { String(decoding: $0, as: UTF8.self) } == Self.good)
    }

    /// W3C Trace Context, level 1, §3.2 and §4.3; the random flag is level 2's.
    @Test(arguments: [
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", UInt8(0)),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02", 2),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03", 3),
        // Flags that nobody knows are not passed on.
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff", 3),
        // A version to come, read as far as this one goes.
        ("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", 1),
        ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-will-be-like", 1),
    ])
    func `flags and versions`(text: String, flags: UInt8) throws {
        let parent = try #require(TraceParent(text))
        #expect(parent.flags == flags && parent.text.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-"))
    }

    @Test(arguments: [
        "", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
        "00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.what",
        " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
    ])
    func `what breaks a rule is as if it were not there`(text: String) {
        #expect(TraceParent(text) == nil)
    }

    @Test func `attempts have spans that can be worked out, each its own`() {
        var spans: Set<UInt64> = [7]
        var last: UInt64 = 7
        for attempt in 2...5 {
            last = TraceParent.span(ofAttempt: attempt, after: last)
            spans.insert(last)
        }
        #expect(spans.count == 5 && !spans.contains(0))
    }
}

@Suite struct SamplerTests {
    private func trace(_ low: UInt64, sampled: Bool = false) -> TraceParent {
        TraceParent(traceHigh: 1, traceLow: low, span: 2, flags: sampled ? 1 : 0)
    }

    @Test func `whoever began a trace decides for all its hops`() {
        let sampler = Sampler(ratio: 0)
        #expect(sampler.isSampled(trace(1, sampled: true), isRoot: false))
        #expect(!Sampler(ratio: 1).isSampled(trace(1), isRoot: false))
    }

    @Test func `without regard for the parent the ratio holds for all`() {
        #expect(!Sampler(ratio: 0, followsParent: false).isSampled(trace(1, sampled: true), isRoot: false))
        #expect(Sampler(ratio: 1, followsParent: false).isSampled(trace(.max), isRoot: false))
    }

    @Test func `a ratio takes its share of traces that begin, the same at every hop`() {
        var chance = Chance(seed: 4)
        let sampler = Sampler(ratio: 0.25)
        let taken = (0..<10_000).count { _ in sampler.isSampled(trace(chance.next()), isRoot: true) }
        #expect((2300...2700).contains(taken))
        #expect(sampler.isSampled(trace(0), isRoot: true) && !sampler.isSampled(trace(.max), isRoot: true))
    }
}

@Suite struct SpanQueueTests {
    private func span(_ id: UInt64) -> Span {
        let now = WallTime(seconds: 10)
        return Span(
            .server, "s", of: TraceParent(traceHigh: 0, traceLow: 1, span: id, flags: 1), id: id, parent: 0, from: now,
            to: now)
    }

    @Test func `batches leave in order, and what is too much is dropped and counted`() {
        var queue = SpanQueue(limit: 5, batch: 2)
        for id in 1...7 { queue.add(span(UInt64(id))) }
        #expect(queue.count == 5 && queue.dropped == 2 && queue.isBatchFull)
        #expect(queue.take().map(\.id) == [1, 2] && queue.take().map(\.id) == [3, 4] && queue.take().map(\.id) == [5])
        #expect(queue.take().isEmpty && !queue.isBatchFull)
    }

    @Test func `exports are tried again a few times, ever later`() {
        var chance = Chance(seed: 1)
        let delays = (1...5).map { ExportRetry.delay(after: $0, &chance) }
        #expect(delays[4] == nil)
        for (index, delay) in delays.prefix(4).enumerated() {
            let whole = Duration.seconds(1 << index)
            #expect(delay.map { $0 >= whole / 2 && $0 <= whole } == true)
        }
    }

    @Test func `earlier times of day borrow from the seconds`() {
        let time = WallTime(seconds: 10, nanoseconds: 100).before(.nanoseconds(300))
        #expect(time == WallTime(seconds: 9, nanoseconds: 999_999_800))
        #expect(time.before(.zero - .nanoseconds(300)) == WallTime(seconds: 10, nanoseconds: 100))
    }
}
