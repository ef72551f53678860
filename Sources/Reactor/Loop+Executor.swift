import Glibc
import Timebase

extension Loop: TaskExecutor, SerialExecutor {
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            jobs.append(job)
        } else {
            post { $0.jobs.append(job) }
        }
    }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    public func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        UnownedTaskExecutor(ordinary: self)
    }

    public func isSameExclusiveExecutionContext(other: Loop) -> Bool {
        self === other
    }

    public func checkIsolated() {
        precondition(isCurrent, "this must happen on the loop \(name)")
    }

    func run(_ job: UnownedJob) {
        job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    }
}

extension Loop {
    /// Returns after `duration`, or throws as soon as the task is cancelled. Resumes on the loop if the task prefers it.
    public func sleep(for duration: Duration) async throws {
        let sleeper = Sleeper()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                perform { sleeper.start(continuation, duration, on: self) }
            }
        } onCancel: {
            execute { sleeper.cancel() }
        }
    }
}

/// One sleeping task.
private final class Sleeper: @unchecked Sendable {  // touched on its loop alone
    private var continuation: CheckedContinuation<Void, any Error>?
    private var timer: LoopTimer?
    private var isCancelled = false

    func start(_ continuation: CheckedContinuation<Void, any Error>, _ duration: Duration, on loop: Loop) {
        if isCancelled {
            continuation.resume(throwing: CancellationError())
            return
        }
        self.continuation = continuation
        timer = loop.schedule(after: duration) { [self] in
            self.continuation?.resume()
            self.continuation = nil
        }
    }

    func cancel() {
        isCancelled = true
        timer?.cancel()
        continuation?.resume(throwing: CancellationError())
        continuation = nil
    }
}
