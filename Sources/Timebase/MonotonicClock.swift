/// Where `now` comes from: the machine's clock in a process, a value that a test moves by hand elsewhere.
public protocol MonotonicClock: Sendable {
    var now: Instant { get }
}

/// Wall-clock time in seconds and nanoseconds since 1970-01-01T00:00:00Z, for certificates and logs only.
///
/// Deadlines and timers never use it: it jumps.
public struct WallTime: Comparable, Hashable, Sendable {
    public var seconds: Int64
    public var nanoseconds: Int32

    public init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// Whole milliseconds since 1970.
    public var milliseconds: Int64 { seconds &* 1000 &+ Int64(nanoseconds) / 1_000_000 }

    public static func < (left: WallTime, right: WallTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}
