import CLinux
import Glibc

/// A thread for what must block: a loop's own, or a look-up that the C library only offers so.
package enum Thread {
    /// Starts a detached thread; answers 0 or an `errno` value.
    package static func start(name: String, _ body: @escaping @Sendable () -> Void) -> Int32 {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { pthread_attr_destroy(&attributes) }
        let body = Unmanaged.passRetained(ThreadBody(name: name, body: body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, &attributes,
            { context in
                let body = Unmanaged<ThreadBody>.fromOpaque(context!).takeRetainedValue()  // passed below, never nil
                pthread_setname_np(pthread_self(), String(body.name.prefix(15)))  // the kernel keeps 15 bytes
                body.body()
                return nil
            }, body.toOpaque())
        if code != 0 { body.release() }
        return code
    }
}

private final class ThreadBody {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

/// Waits until another thread says that it has started.
final class Started: @unchecked Sendable {  // a semaphore is made to be shared
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() {
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() {
        sem_post(semaphore)
    }

    func wait() {
        while sem_wait(semaphore) != 0 {}
    }
}
