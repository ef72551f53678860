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

        func fire() {
            let action = action
            self.action = nil
            action?()
        }
    }

    /// How often a task came to the loop: to begin, to go on, or to change executors.
    private(set) var enqueued = 0

    func enqueue(_ job: consuming ExecutorJob) {
        enqueued += 1
        jobs.append(UnownedJob(job))
    }

    /// What is due at once is done in the next turn, without time passing.
    func timer(at due: Instant, _ action: @escaping () -> Void) -> any CancellableTimer {
        let timer = Timer(due: due, action: action)
        if due <= now {
            work.append { timer.fire() }
        } else {
            timers.append(timer)
        }
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
            next.fire()
            run()
        }
        now = end
    }

    /// Time passes while the loop is busy elsewhere: what is due has not happened yet.
    func jump(to instant: Instant) {
        now = instant
    }

    var pendingTimers: Int { timers.count { $0.action != nil } }

    /// Starts a task here; look at the outcome after `run`.
    func start<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) -> Outcome<Value> {
        let outcome = Outcome<Value>()
        outcome.task = Task(executorPreference: self) {
            do {
                outcome.settle(.success(try await body()))
            } catch {
                outcome.settle(.failure(error))
            }
        }
        return outcome
    }
}

/// How a task ended, if it has.
final class Outcome<Value: Sendable>: @unchecked Sendable {  // a test runs on one thread
    private(set) var result: Result<Value, any Error>?
    var task: Task<Void, Never>?

    func settle(_ result: Result<Value, any Error>) {
        precondition(self.result == nil, "a task ends once")
        self.result = result
        listener?(error)
    }

    private var listener: (((any Error)?) -> Void)?

    func whenSettled(_ listener: @escaping ((any Error)?) -> Void) { self.listener = listener }

    func cancel() { task?.cancel() }

    var isPending: Bool { result == nil }
    var value: Value? { try? result?.get() }
    var error: (any Error)? {
        if case .failure(let error) = result { error } else { nil }
    }
}

/// What handlers and tests tell each other.
final class Notes: @unchecked Sendable {  // a test runs on one thread
    var lines: [String] = []

    func add(_ line: String) { lines.append(line) }
}
