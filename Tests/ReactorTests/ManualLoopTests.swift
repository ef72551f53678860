import Reactor
import Testing
import Timebase

/// A poller whose time a test moves and whose handles a test makes ready.
final class ManualPoller: Poller {
    var now = Instant(nanoseconds: 0)
    var wall: WallTime { WallTime(seconds: now.nanoseconds / 1_000_000_000) }
    var watched: [Int32: (Interest, UInt64)] = [:]
    var pending: [(UInt64, Readiness)] = []
    private var ready: [(UInt64, Readiness)] = []
    private(set) var waits: [Instant?] = []

    func add(_ handle: Int32, _ interest: Interest, token: UInt64) { watched[handle] = (interest, token) }
    func change(_ handle: Int32, _ interest: Interest, token: UInt64) { watched[handle] = (interest, token) }
    func remove(_ handle: Int32) { watched[handle] = nil }
    func wake() {}

    /// Time goes straight to the deadline, as nothing else can happen before.
    func wait(until deadline: Instant?) -> Int {
        waits.append(deadline)
        if pending.isEmpty, let deadline, deadline > now { now = deadline }
        ready = pending
        pending = []
        return ready.count
    }

    func ready(at index: Int) -> (token: UInt64, readiness: Readiness) {
        (ready[index].0, ready[index].1)
    }
}

final class Recorder: ReadySource, TurnEndFlusher {
    var seen: [Readiness] = []
    var flushes = 0
    var onReady: () -> Void = {}
    var onFlush: () -> Void = {}

    func ready(_ events: Readiness) {
        seen.append(events)
        onReady()
    }

    func flush() {
        flushes += 1
        onFlush()
    }
}

final class Log: @unchecked Sendable {  // touched on the test's thread alone
    var lines: [String] = []
}

@Suite("A loop on a poller that a test drives")
struct ManualLoopTests {
    let poller = ManualPoller()
    let loop: Loop

    init() {
        loop = Loop(name: "manual", poller: poller)
    }

    @Test("fires timers in the order of their times, whatever the order that they were set in")
    func timerOrder() {
        var chance = Chance(seed: 7)
        var fired: [Int] = []
        var expected: [Int] = []
        var cancelled: [LoopTimer] = []
        for _ in 0..<500 {
            let after = Int(chance.next() % 10_000)
            let timer = loop.schedule(after: .nanoseconds(after)) { fired.append(after) }
            if chance.next() % 3 == 0 { cancelled.append(timer) } else { expected.append(after) }
        }
        for timer in cancelled { timer.cancel() }
        while fired.count < expected.count { loop.turn() }
        #expect(fired == expected.sorted())
        #expect(poller.now.nanoseconds == Int64(expected.max() ?? 0))
    }

    @Test("waits without an end when nothing is due, and forgets a cancelled timer at once")
    func cancelledTimer() {
        var fired = 0
        let timer = loop.schedule(after: .seconds(1)) { fired += 1 }
        #expect(timer.isPending)
        timer.cancel()
        timer.cancel()
        #expect(!timer.isPending)
        loop.turn()
        #expect(fired == 0)
        #expect(poller.waits == [nil])
    }

    @Test("fires a timer that a timer set, in its own time")
    func nestedTimer() {
        var times: [Int64] = []
        loop.schedule(after: .seconds(1)) { [loop] in
            times.append(loop.now.nanoseconds)
            loop.schedule(after: .seconds(2)) { times.append(loop.now.nanoseconds) }
        }
        loop.turn()
        loop.turn()
        #expect(times == [1_000_000_000, 3_000_000_000])
    }

    @Test("goes on although a timer renews itself for now")
    func endlessTimer() {
        var fired = 0
        func renew() {
            fired += 1
            loop.schedule(after: .zero) { renew() }
        }
        renew()
        loop.turn()
        loop.turn()
        #expect(fired == 3)
    }

    @Test("drops readiness that was on its way to a handle that was closed and opened anew")
    func staleReadiness() throws {
        let old = Recorder()
        let new = Recorder()
        try loop.watch(5, .read, old)
        let stale = try #require(poller.watched[5]).1
        poller.pending = [(stale, .read), (stale, .read)]
        old.onReady = { [loop] in
            loop.forget(5)
            try? loop.watch(5, .read, new)
        }
        loop.turn()
        #expect(old.seen == [.read])
        #expect(new.seen == [])
        poller.pending = [(try #require(poller.watched[5]).1, .write)]
        loop.turn()
        #expect(new.seen == [.write])
    }

    @Test("flushes once after all handles were read, and again for what the flush's jobs made dirty")
    func flushing() throws {
        let source = Recorder()
        let log = Log()
        source.onReady = { [loop] in
            log.lines.append("read")
            loop.atTurnEnd(source)
        }
        source.onFlush = { [loop] in
            log.lines.append("flush")
            if source.flushes == 1 {
                loop.execute { log.lines.append("job") }
                loop.atTurnEnd(source)
            }
        }
        try loop.watch(3, .read, source)
        let other = Recorder()
        other.onReady = { log.lines.append("other") }
        try loop.watch(4, .read, other)
        poller.pending = [3, 4].compactMap { poller.watched[$0].map { ($0.1, .read) } }
        loop.turn()
        #expect(log.lines == ["read", "other", "flush", "job", "flush"])
    }

    @Test("looks at its handles again although two flushers wake each other for ever")
    func endlessFlushing() {
        let source = Recorder()
        source.onFlush = { [loop] in loop.atTurnEnd(source) }
        loop.atTurnEnd(source)
        loop.turn()
        let once = source.flushes
        #expect(once < 100)
        loop.turn()
        #expect(source.flushes == 2 * once)
        #expect(poller.waits == [loop.now, loop.now])
    }
}
