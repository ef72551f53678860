import Glibc
import Synchronization

/// Threads for the few calls of libpq and libc that block: asking the server to cancel, and resolving names.
enum OffLoop {
    /// At most so many at once in a process; these calls are rare, and a pile of them means that the network is gone.
    static let mostThreads = 16

    private static let running = Atomic<Int>(0)

    /// Does `work` on a thread of its own; answers false, and does nothing, if there are too many already.
    static func run(_ work: @escaping @Sendable () -> Void) -> Bool {
        guard running.add(1, ordering: .relaxed).newValue <= mostThreads else {
            running.subtract(1, ordering: .relaxed)
            return false
        }
        let box = Unmanaged.passRetained(Work(body: work))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                let work = Unmanaged<Work>.fromOpaque(context!).takeRetainedValue()  // passed below, never nil
                work.body()
                OffLoop.running.subtract(1, ordering: .relaxed)
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            running.subtract(1, ordering: .relaxed)
            return false
        }
        pthread_detach(thread)
        return true
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}
