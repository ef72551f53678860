public import Timebase

/// Where a loop gets readiness and time from: epoll and the machine's clocks in a process, a script in a simulation.
///
/// This is the seam of the reactor. A simulated poller keeps its handles and its time itself; nothing above notices.
/// All calls happen on the loop's thread, but for `wake`.
public protocol Poller: AnyObject {
    /// The monotonic clock.
    var now: Instant { get }
    /// The time of day.
    var wall: WallTime { get }
    /// A new source of chance for something that lives on the loop. Any thread may ask.
    func chance() -> Chance

    /// Starts to watch `handle`; `token` comes back with what is ready.
    func add(_ handle: Int32, _ interest: Interest, token: UInt64) throws(ReactorError)
    func change(_ handle: Int32, _ interest: Interest, token: UInt64) throws(ReactorError)
    func remove(_ handle: Int32)

    /// Waits until something is ready, `wake` was called, or `deadline` came, and answers how many handles are ready. Nil
    /// waits without an end, and an instant that has passed only looks.
    func wait(until deadline: Instant?) throws(ReactorError) -> Int

    /// One of the ready handles of the last `wait`: its token, and what it is ready for.
    func ready(at index: Int) -> (token: UInt64, readiness: Readiness)

    /// Ends the current or the next `wait`. Any thread may call it.
    func wake()
}

extension Poller {
    /// Chance that nobody can foresee. A simulation's comes from its seed.
    public func chance() -> Chance { Entropy.chance() }
}

/// What to watch a handle for.
public struct Interest: OptionSet, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    public static let read = Interest(rawValue: 1)
    public static let write = Interest(rawValue: 2)
}

/// What a handle is ready for, as long as it is (level-triggered).
public struct Readiness: OptionSet, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    public static let read = Readiness(rawValue: 1)
    public static let write = Readiness(rawValue: 2)
    /// Both directions are gone, or the handle is in error. Told even when nobody asked.
    public static let hangup = Readiness(rawValue: 4)
}

/// Hears that a watched handle is ready, on the loop's thread.
public protocol ReadySource: AnyObject {
    func ready(_ events: Readiness)
}
