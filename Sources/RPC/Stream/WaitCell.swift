import Synchronization

/// Where one task waits until somebody signals, or until it is cancelled.
///
/// Whoever signals is on the stream's loop; whoever cancels may be anywhere, hence the lock. The cancellation handler is
/// installed here alone, on the way to sleep, since it costs as much as a small call (DESIGN §4).
final class WaitCell: Sendable {
    private enum State {
        case idle
        case waiting(UnsafeContinuation<Bool, Never>)
        case cancelled
    }

    private let state = Mutex(State.idle)

    /// Answers false if the task was cancelled. The caller looks again at what it waited for, whatever the answer.
    nonisolated(nonsending) func wait() async -> Bool {
        state.withLock { state in
            if case .waiting = state { preconditionFailure("two tasks read, or two tasks write, one call at once") }
            state = .idle
        }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if case .cancelled = state { return true }
                    state = .waiting(continuation)
                    return false
                }
                if isCancelled { continuation.resume(returning: false) }
            }
        } onCancel: {
            end(with: .cancelled, answer: false)
        }
    }

    /// Wakes the task that waits, if one does.
    func signal() {
        end(with: .idle, answer: true)
    }

    private func end(with next: State, answer: Bool) {
        let waiting: UnsafeContinuation<Bool, Never>? = state.withLock { state in
            defer { state = next }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
        waiting?.resume(returning: answer)
    }
}
