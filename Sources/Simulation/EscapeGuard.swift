import Glibc
import Synchronization

/// Sees when a task leaves the loops of a simulation: for the global pool or the main thread.
///
/// Whatever runs there runs on another thread and at another time in every run, so that a seed no longer decides. The
/// runtime of Swift calls these hooks instead of its executors (`ConcurrencyHooks.def`); they hand everything on, and count
/// what a thread hands over while it simulates. Other threads of the process are let alone.
enum EscapeGuard {
    private typealias Original = @convention(thin) (UnownedJob) -> Void
    private typealias Hook = @convention(thin) (UnownedJob, Original) -> Void

    /// What each simulating thread has handed over.
    private static let escapes = Mutex<[UInt: Int]>([:])

    private static let isInstalled: Bool = {
        install("swift_task_enqueueGlobal_hook", as: Hook.self) { job, original in
            EscapeGuard.count()
            original(job)
        }
        install("swift_task_enqueueMainExecutor_hook", as: Hook.self) { job, original in
            EscapeGuard.count()
            original(job)
        }
        return true
    }()

    /// Simulates from here on, on this thread.
    static func enter() {
        precondition(isInstalled)
        escapes.withLock { escapes in
            let thread = UInt(pthread_self())
            precondition(escapes[thread] == nil, "a thread runs one simulation at a time")
            escapes[thread] = 0
        }
    }

    /// How many tasks have left.
    static var found: Int {
        escapes.withLock { $0[UInt(pthread_self())] ?? 0 }
    }

    static func leave() {
        escapes.withLock { $0[UInt(pthread_self())] = nil }
    }

    private static func count() {
        escapes.withLock { escapes in
            let thread = UInt(pthread_self())
            if let known = escapes[thread] { escapes[thread] = known + 1 }
        }
    }

    private static func install<H>(_ name: String, as _: H.Type, _ hook: H) {
        // The default handle of dlsym is nil.
        guard let place = dlsym(nil, name) else { preconditionFailure("the runtime has no hook \(name)") }
        place.assumingMemoryBound(to: H?.self).pointee = hook
    }
}
