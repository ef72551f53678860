import CLinux
import Glibc
public import Timebase

/// The kernel's readiness: level-triggered epoll, an eventfd to be woken by, the machine's clocks.
///
/// Level-triggered, because libraries that own their descriptor (libpq) and reads that stop at a full buffer both rely on
/// being told again.
final class EpollPoller: Poller {
    /// Ready handles taken from the kernel at once; more of them simply come with the next wait.
    private static let batch = 256
    /// The token of the eventfd: no handle has it, since tokens carry a handle in their low half.
    private static let wakeToken = UInt64.max

    private let epoll: Int32
    private let event: Int32
    private let events: UnsafeMutablePointer<epoll_event>

    init() throws(ReactorError) {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw ReactorError(call: "epoll_create1", code: errno) }
        event = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard event >= 0 else {
            let code = errno
            close(epoll)
            throw ReactorError(call: "eventfd", code: code)
        }
        events = .allocate(capacity: EpollPoller.batch)
        try add(event, .read, token: EpollPoller.wakeToken)
    }

    deinit {
        close(event)
        close(epoll)
        events.deallocate()
    }

    var now: Instant { SystemClock.now }
    var wall: WallTime { SystemClock.wall }

    func add(_ handle: Int32, _ interest: Interest, token: UInt64) throws(ReactorError) {
        try control(EPOLL_CTL_ADD, handle, interest, token)
    }

    func change(_ handle: Int32, _ interest: Interest, token: UInt64) throws(ReactorError) {
        try control(EPOLL_CTL_MOD, handle, interest, token)
    }

    func remove(_ handle: Int32) {
        // A handle that is closed already has left the set by itself.
        epoll_ctl(epoll, EPOLL_CTL_DEL, handle, nil)
    }

    func wait(until deadline: Instant?) throws(ReactorError) -> Int {
        let count = epoll_wait(epoll, events, Int32(EpollPoller.batch), milliseconds(until: deadline))
        if count < 0 {
            let code = errno
            if code == EINTR { return 0 }
            throw ReactorError(call: "epoll_wait", code: code)
        }
        return Int(count)
    }

    func ready(at index: Int) -> (token: UInt64, readiness: Readiness) {
        let token = events[index].data.u64
        if token == EpollPoller.wakeToken {
            var counter: UInt64 = 0
            _ = read(event, &counter, 8)
            return (token, [])
        }
        return (token, Readiness(epoll: events[index].events))
    }

    func wake() {
        var one: UInt64 = 1
        _ = write(event, &one, 8)
    }

    private func control(
        _ operation: Int32, _ handle: Int32, _ interest: Interest, _ token: UInt64
    ) throws(ReactorError) {
        var event = epoll_event()
        if interest.contains(.read) { event.events |= EPOLLIN.rawValue }
        if interest.contains(.write) { event.events |= EPOLLOUT.rawValue }
        event.data.u64 = token
        if epoll_ctl(epoll, operation, handle, &event) != 0 {
            throw ReactorError(call: "epoll_ctl", code: errno)
        }
    }

    /// Rounded up: a wait that ends before its timer is due would only spin.
    private func milliseconds(until deadline: Instant?) -> Int32 {
        guard let deadline else { return -1 }
        let left = deadline.nanoseconds &- now.nanoseconds
        if left <= 0 { return 0 }
        return Int32(min((left &+ 999_999) / 1_000_000, 3_600_000))
    }
}

extension Readiness {
    fileprivate init(epoll events: UInt32) {
        var readiness: Readiness = []
        if events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 { readiness.insert(.read) }
        if events & EPOLLOUT.rawValue != 0 { readiness.insert(.write) }
        if events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { readiness.insert(.hangup) }
        self = readiness
    }
}

/// The machine's clocks.
public struct SystemClock: MonotonicClock {
    public init() {}

    public var now: Instant { SystemClock.now }

    public static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec))
    }

    public static var wall: WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(seconds: Int64(time.tv_sec), nanoseconds: Int32(time.tv_nsec))
    }
}
