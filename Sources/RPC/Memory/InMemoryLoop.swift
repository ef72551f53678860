import DequeModule
public import Exchange
import Synchronization
public import Timebase

/// A loop without a thread of its own: its tasks and timers run one after the other, on whatever thread of Swift's pool is
/// free. For tests of services and for small tools; servers have the reactor's loops.
///
/// Time is the machine's. What has its own clock, as the tests of this runtime have, gives its own loop to
/// `InMemoryTransport`.
public final class InMemoryLoop: TaskExecutor, CallTimers {
    private enum Work {
        case job(UnownedJob)
        case fire(LoopTimer)
    }

    private struct State {
        var work = Deque<Work>()
        var isRunning = false
    }

    private let state = Mutex(State())
    private let start = ContinuousClock.now

    public init() {}

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        add { $0.append(.job(job)) }
    }

    public var now: Instant {
        Instant(nanoseconds: 0).advanced(by: ContinuousClock.now - start)
    }

    public func timer(at due: Instant, _ action: @escaping () -> Void) -> any CancellableTimer {
        let timer = LoopTimer(action)
        let wait = now.duration(to: due)
        if wait <= .zero {
            add { $0.append(.fire(timer)) }
        } else {
            timer.sleep = Task.detached { [weak self] in
                do { try await Task.sleep(for: wait) } catch { return }
                self?.add { $0.append(.fire(timer)) }
            }
        }
        return timer
    }

    /// Adds work, and begins to run it unless that is under way.
    private func add(_ body: (inout sending Deque<Work>) -> Void) {
        let begins = state.withLock { state in
            body(&state.work)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        // No structure could own it: it is the place where structured tasks run, and it ends when they have.
        if begins { Task.detached { self.run() } }
    }

    private func run() {
        while let next = takeNext() {
            switch next {
            case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
            case .fire(let timer): timer.fire()
            }
        }
    }

    private func takeNext() -> Work? {
        state.withLock { state in
            let next = state.work.popFirst()
            if next == nil { state.isRunning = false }
            return next
        }
    }
}

/// Made, cancelled and fired on its loop.
private final class LoopTimer: CancellableTimer, @unchecked Sendable {  // touched on its loop alone
    private var action: (() -> Void)?
    var sleep: Task<Void, Never>?

    init(_ action: @escaping () -> Void) {
        self.action = action
    }

    func fire() {
        let action = action
        self.action = nil
        action?()
    }

    func cancel() {
        action = nil
        sleep?.cancel()
    }
}
