import Exchange
import Timebase

/// A loop that a test drives: tasks, deliveries and timers run when it says so, on its thread, in order.
final class ManualLoop: TaskExecutor, CallTimers, @unchecked Sendable {  // a test runs on one thread
    private(set) var now = Instant(nanoseconds: 1_000_000_000)
    private var jobs: [UnownedJob] = []
    private var work: [() -> Void] = []
    private var timers: [Timer] = []

    final class Timer: CancellableTimer {
        let due: Instant
        var action: (() -> Void)?

        init(due: Instant, action: @escaping () -> Void) {
            self.due = due
            self.action = action
        }

        func cancel() { action = nil }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.append(UnownedJob(job))
    }

    /// Does `action` later, never from within this call.
    func later(_ action: @escaping () -> Void) {
        work.append(action)
    }

    func timer(at due: Instant, _ action: @escaping () -> Void) -> any CancellableTimer {
        let timer = Timer(due: due, action: action)
        timers.append(timer)
        return timer
    }

    /// Runs until there is nothing to do before time passes.
    func run() {
        while true {
            if !jobs.isEmpty {
                jobs.removeFirst().runSynchronously(on: asUnownedTaskExecutor())
            } else if !work.isEmpty {
                work.removeFirst()()
            } else {
                return
            }
        }
    }

    /// Lets time pass; what is due on the way happens at its time.
    func pass(_ duration: Duration) {
        run()
        let end = now.advanced(by: duration)
        while let next = timers.filter({ $0.action != nil && $0.due <= end }).min(by: { $0.due < $1.due }) {
            now = max(now, next.due)
            timers.removeAll { $0 === next || $0.action == nil }
            next.action?()
            run()
        }
        now = end
    }

    var pendingTimers: Int { timers.count { $0.action != nil } }

}
