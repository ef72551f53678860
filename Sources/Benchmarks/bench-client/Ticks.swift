import CLinux
import Glibc
import Reactor
import Timebase

/// A timer of the kernel's that ticks more finely than a loop's own timers, which are a millisecond apart.
final class Ticks: ReadySource, @unchecked Sendable {  // made, and touched, on its loop alone
    private let loop: Loop
    private let timer: Int32
    /// The first tick.
    let start: Int64
    private var waiting: UnsafeContinuation<Void, Never>?

    init(every interval: Int64, on loop: Loop) throws {
        self.loop = loop
        timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK))
        start = SystemClock.now.nanoseconds + 1_000_000
        var times = itimerspec()
        times.it_value = timespec(tv_sec: Int(start / 1_000_000_000), tv_nsec: Int(start % 1_000_000_000))
        times.it_interval = timespec(tv_sec: Int(interval / 1_000_000_000), tv_nsec: Int(interval % 1_000_000_000))
        timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME), &times, nil)
        try loop.watch(timer, .read, self)
    }

    var now: Int64 { SystemClock.now.nanoseconds }

    /// Waits for a tick, or for several if the process was slow.
    func next() async {
        await withUnsafeContinuation { waiting = $0 }
    }

    func stop() {
        loop.forget(timer)
        close(timer)
    }

    func ready(_ events: Readiness) {
        var ticks: UInt64 = 0
        _ = read(timer, &ticks, 8)
        let continuation = waiting
        waiting = nil
        continuation?.resume()
    }
}
