internal import Reactor

/// Wakes those who wait for the next change of something.
///
/// Loop-bound: `wait` and `fire` run on its loop; only a cancellation comes from elsewhere, and it is sent there.
final class ChangeSignal: @unchecked Sendable {  // its state is touched on its loop alone
    private let loop: Loop
    private var waiters: [Int: UnsafeContinuation<Void, Never>] = [:]
    private var nextID = 0

    init(loop: Loop) {
        self.loop = loop
    }

    /// Returns at the next `fire`, or when the task is cancelled.
    func wait() async {
        let id = nextID
        nextID += 1
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume()
                } else {
                    waiters[id] = continuation
                }
            }
        } onCancel: {
            loop.execute { self.waiters.removeValue(forKey: id)?.resume() }
        }
    }

    func fire() {
        let woken = waiters
        waiters = [:]
        for (_, waiter) in woken.sorted(by: { $0.key < $1.key }) {
            waiter.resume()
        }
    }
}
