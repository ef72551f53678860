import ProtoWire
public import WellKnown

/// The parts of a time, in UTC or a zone, and of a duration.
extension Eval {
    public static func getFullYear(_ time: GoogleProtobuf.Timestamp, _ zone: String = "") throws(EvalError) -> Int64 {
        Int64(try Clock(time, zone).year)
    }

    /// From 0.
    public static func getMonth(_ time: GoogleProtobuf.Timestamp, _ zone: String = "") throws(EvalError) -> Int64 {
        Int64(try Clock(time, zone).month - 1)
    }

    /// Of the month, from 1.
    public static func getDate(_ time: GoogleProtobuf.Timestamp, _ zone: String = "") throws(EvalError) -> Int64 {
        Int64(try Clock(time, zone).day)
    }

    /// From 0.
    public static func getDayOfMonth(_ time: GoogleProtobuf.Timestamp, _ zone: String = "") throws(EvalError) -> Int64 {
        Int64(try Clock(time, zone).day - 1)
    }

    /// From 0, Sunday.
    public static func getDayOfWeek(_ time: GoogleProtobuf.Timestamp, _ zone: String = "") throws(EvalError) -> Int64 {
        // 1970-01-01 was a Thursday.
        Int64(((try Clock(time, zone).days + 4) % 7 + 7) % 7)
    }

    /// From 0.
    public static func getDayOfYear(_ time: GoogleProtobuf.Timestamp, _ zone: String = "") throws(EvalError) -> Int64 {
        let clock = try Clock(time, zone)
        let isLeap = clock.year % 4 == 0 && (clock.year % 100 != 0 || clock.year % 400 == 0)
        let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
        return Int64(before[clock.month - 1] + clock.day - 1 + (isLeap && clock.month > 2 ? 1 : 0))
    }

    public static func getHours(_ time: GoogleProtobuf.Timestamp, _ zone: String = "") throws(EvalError) -> Int64 {
        Int64(try Clock(time, zone).second / 3600)
    }

    public static func getMinutes(_ time: GoogleProtobuf.Timestamp, _ zone: String = "") throws(EvalError) -> Int64 {
        Int64(try Clock(time, zone).second / 60 % 60)
    }

    public static func getSeconds(_ time: GoogleProtobuf.Timestamp, _ zone: String = "") throws(EvalError) -> Int64 {
        Int64(try Clock(time, zone).second % 60)
    }

    public static func getMilliseconds(_ time: GoogleProtobuf.Timestamp, _ zone: String = "") throws(EvalError) -> Int64
    {
        _ = try Clock(time, zone)
        return Int64(time.nanos / 1_000_000)
    }

    /// The whole duration in hours, cut toward zero.
    public static func getHours(_ duration: GoogleProtobuf.Duration) -> Int64 { duration.seconds / 3600 }

    /// The whole duration in minutes, cut toward zero.
    public static func getMinutes(_ duration: GoogleProtobuf.Duration) -> Int64 { duration.seconds / 60 }

    /// The whole duration in seconds, cut toward zero.
    public static func getSeconds(_ duration: GoogleProtobuf.Duration) -> Int64 { duration.seconds }

    /// Of the last second: alone among these it is a part and not the whole (CEL specification).
    public static func getMilliseconds(_ duration: GoogleProtobuf.Duration) -> Int64 {
        Int64(duration.nanos / 1_000_000)
    }

    /// A time as a clock and a calendar on the wall show it.
    private struct Clock {
        let days: Int
        let second: Int
        let year: Int
        let month: Int
        let day: Int

        init(_ time: GoogleProtobuf.Timestamp, _ zone: String) throws(EvalError) {
            guard time.isValid else { throw .outOfRange("a timestamp of \(time.seconds) s") }
            (days, second) = CivilTime.daySplit(time.seconds + Int64(try Clock.offset(zone)))
            (year, month, day) = CivilTime.civil(days)
        }

        /// UTC, or `+05:30` with or without its sign. Names of places need a data base that changes with the years; a
        /// contract must mean the same everywhere, so they are refused.
        private static func offset(_ zone: String) throws(EvalError) -> Int {
            if zone.isEmpty || zone == "UTC" { return 0 }
            let seconds: Int? = zone.withBytes { bytes in
                var start = 0
                var sign = 1
                if bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") {
                    sign = bytes[0] == UInt8(ascii: "-") ? -1 : 1
                    start = 1
                }
                guard let colon = bytes.last(UInt8(ascii: ":")), colon > start, bytes.count == colon + 3 else {
                    return nil
                }
                var numbers = [0, 0]
                for (index, byte) in bytes[start...].enumerated() where start + index != colon {
                    guard byte.isDigit, colon - start <= 2 else { return nil }
                    let part = start + index < colon ? 0 : 1
                    numbers[part] = numbers[part] * 10 + Int(byte &- 0x30)
                }
                guard numbers[0] < 24, numbers[1] < 60 else { return nil }
                return sign * (numbers[0] * 3600 + numbers[1] * 60)
            }
            guard let seconds else { throw .badArgument("unknown time zone \(Eval.shown(zone))") }
            return seconds
        }
    }
}
