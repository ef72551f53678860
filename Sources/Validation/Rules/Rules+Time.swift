public import WellKnown

/// Durations and timestamps compare as points: seconds first, then nanoseconds.
///
/// Values as protobuf wants them (nanoseconds below a second, both parts of a duration with one sign) order so; others
/// are carried over first.
extension Rules {
    /// `left` is shorter.
    public static func isLess(_ left: GoogleProtobuf.Duration, _ right: GoogleProtobuf.Duration) -> Bool {
        nanoseconds(left.seconds, left.nanos) < nanoseconds(right.seconds, right.nanos)
    }

    /// `left` is earlier.
    public static func isLess(_ left: GoogleProtobuf.Timestamp, _ right: GoogleProtobuf.Timestamp) -> Bool {
        nanoseconds(left.seconds, left.nanos) < nanoseconds(right.seconds, right.nanos)
    }

    public static func equal(_ left: GoogleProtobuf.Duration, _ right: GoogleProtobuf.Duration) -> Bool {
        nanoseconds(left.seconds, left.nanos) == nanoseconds(right.seconds, right.nanos)
    }

    public static func equal(_ left: GoogleProtobuf.Timestamp, _ right: GoogleProtobuf.Timestamp) -> Bool {
        nanoseconds(left.seconds, left.nanos) == nanoseconds(right.seconds, right.nanos)
    }

    public static func isIn(_ value: GoogleProtobuf.Duration, _ list: [GoogleProtobuf.Duration]) -> Bool {
        for item in list where equal(value, item) { return true }
        return false
    }

    /// `time` lies at most `reach` before or after `now`.
    public static func isWithin(
        _ time: GoogleProtobuf.Timestamp, _ reach: GoogleProtobuf.Duration, of now: GoogleProtobuf.Timestamp
    ) -> Bool {
        let distance = nanoseconds(time.seconds, time.nanos) - nanoseconds(now.seconds, now.nanos)
        let reach = nanoseconds(reach.seconds, reach.nanos)
        return -reach <= distance && distance <= reach
    }

    /// A duration that stands in a contract.
    public static func duration(_ seconds: Int64, _ nanos: Int32) -> GoogleProtobuf.Duration {
        var duration = GoogleProtobuf.Duration()
        duration.seconds = seconds
        duration.nanos = nanos
        return duration
    }

    /// A timestamp that stands in a contract.
    public static func timestamp(_ seconds: Int64, _ nanos: Int32) -> GoogleProtobuf.Timestamp {
        var timestamp = GoogleProtobuf.Timestamp()
        timestamp.seconds = seconds
        timestamp.nanos = nanos
        return timestamp
    }

    /// Any seconds and nanoseconds as one number: 128 bits hold them all.
    static func nanoseconds(_ seconds: Int64, _ nanos: Int32) -> Int128 {
        Int128(seconds) * 1_000_000_000 + Int128(nanos)
    }
}
