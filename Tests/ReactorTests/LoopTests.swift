import Glibc
import Reactor
import Synchronization
import Testing
import Timebase

/// Waits for one value from another thread, without looking at a clock.
final class Box<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func put(_ value: Value) { continuation.yield(value) }

    func next() async -> Value {
        for await value in stream { return value }
        fatalError("the box was closed")
    }
}

/// Tells when it is let go of, and may retire another then.
private final class Leaf: Retired, @unchecked Sendable {  // touched on one loop
    private let told: () -> Void
    init(_ told: @escaping () -> Void) { self.told = told }
    func letGo() { told() }
}

@Suite("A loop")
struct LoopTests {
    @Test("keeps what is retired until the turn's end, and lets go of it once")
    func retiring() throws {
        let loop = try Loop()
        var told: [String] = []
        weak var first: Leaf?
        do {
            let leaf = Leaf {
                told.append("first")
                loop.retire(Leaf { told.append("second") })
            }
            first = leaf
            loop.retire(leaf)
        }
        #expect(told.isEmpty && first != nil)
        loop.turn(wait: false)
        #expect(told == ["first"])
        #expect(first == nil)
        loop.turn(wait: false)
        #expect(told == ["first", "second"])
        loop.turn(wait: false)
        #expect(told.count == 2)
    }

    @Test("runs what another thread leaves, on its own thread, in order")
    func crossThread() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let box = Box<[Int]>()
        let order = Mutex<[Int]>([])
        #expect(!loop.isCurrent)
        for number in 0..<1000 {
            loop.execute { order.withLock { $0.append(loop.isCurrent ? number : -1) } }
        }
        loop.execute { box.put(order.withLock { $0 }) }
        #expect(await box.next() == Array(0..<1000))
    }

    @Test("runs tasks that prefer it on its thread, also after they were suspended")
    func executor() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let places = await Task(executorPreference: loop) {
            var places = [loop.isCurrent]
            await Task.yield()
            places.append(loop.isCurrent)
            try? await loop.sleep(for: .microseconds(10))
            places.append(loop.isCurrent)
            await Task.detached {}.value
            places.append(loop.isCurrent)
            return places
        }.value
        #expect(places == [true, true, true, true])
    }

    @Test("starts an immediate task before it returns, on the loop's thread")
    func immediate() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let box = Box<[Int]>()
        loop.execute {
            let steps = Mutex<[Int]>([])
            steps.withLock { $0.append(1) }
            Task.immediate(executorPreference: loop) {
                steps.withLock { $0.append(loop.isCurrent ? 2 : -2) }
                await Task.yield()
                steps.withLock { $0.append(loop.isCurrent ? 4 : -4) }
                box.put(steps.withLock { $0 })
            }
            steps.withLock { $0.append(3) }
        }
        #expect(await box.next() == [1, 2, 3, 4])
    }

    @Test("ends a sleep when its task is cancelled, before or while it sleeps")
    func cancelledSleep() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let box = Box<Bool>()
        let task = Task(executorPreference: loop) {
            box.put(true)
            try await loop.sleep(for: .seconds(3600))
        }
        _ = await box.next()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }

        let late = Task(executorPreference: loop) {
            withUnsafeCurrentTask { $0?.cancel() }
            try await loop.sleep(for: .seconds(3600))
        }
        await #expect(throws: CancellationError.self) { try await late.value }
    }

    @Test("gives a signal to its source")
    func signals() async throws {
        let loop = try Loop.start(name: "test")
        defer { loop.stop() }
        let box = Box<Int32>()
        loop.execute {
            do {
                _ = try SignalSource([SIGWINCH], on: loop) { box.put($0) }
                pthread_kill(pthread_self(), SIGWINCH)
            } catch {
                Issue.record(error)
            }
        }
        #expect(await box.next() == SIGWINCH)
    }

    @Test("draws seeds that differ")
    func entropy() {
        var first = Entropy.chance()
        var second = Entropy.chance()
        #expect(first.next() != second.next())
        #expect(Entropy.bytes(33).count == 33)
    }
}
