import ProtoWire
public import WellKnown

/// Durations and timestamps: exact sums that must stay in CEL's ranges, and the parts of a time in a zone.
extension Eval {
    public static func add(
        _ left: GoogleProtobuf.Timestamp, _ right: GoogleProtobuf.Duration
    ) throws(EvalError) -> GoogleProtobuf.Timestamp {
        try timestamp(Rules.nanoseconds(left.seconds, left.nanos) + Rules.nanoseconds(right.seconds, right.nanos))
    }

    public static func add(
        _ left: GoogleProtobuf.Duration, _ right: GoogleProtobuf.Timestamp
    ) throws(EvalError) -> GoogleProtobuf.Timestamp {
        try add(right, left)
    }

    public static func subtract(
        _ left: GoogleProtobuf.Timestamp, _ right: GoogleProtobuf.Duration
    ) throws(EvalError) -> GoogleProtobuf.Timestamp {
        try timestamp(Rules.nanoseconds(left.seconds, left.nanos) - Rules.nanoseconds(right.seconds, right.nanos))
    }

    public static func subtract(
        _ left: GoogleProtobuf.Timestamp, _ right: GoogleProtobuf.Timestamp
    ) throws(EvalError) -> GoogleProtobuf.Duration {
        try duration(Rules.nanoseconds(left.seconds, left.nanos) - Rules.nanoseconds(right.seconds, right.nanos))
    }

    public static func add(
        _ left: GoogleProtobuf.Duration, _ right: GoogleProtobuf.Duration
    ) throws(EvalError) -> GoogleProtobuf.Duration {
        try duration(Rules.nanoseconds(left.seconds, left.nanos) + Rules.nanoseconds(right.seconds, right.nanos))
    }

    public static func subtract(
        _ left: GoogleProtobuf.Duration, _ right: GoogleProtobuf.Duration
    ) throws(EvalError) -> GoogleProtobuf.Duration {
        try duration(Rules.nanoseconds(left.seconds, left.nanos) - Rules.nanoseconds(right.seconds, right.nanos))
    }

    public static func equal(_ left: GoogleProtobuf.Timestamp, _ right: GoogleProtobuf.Timestamp) -> Bool {
        Rules.equal(left, right)
    }

    public static func equal(_ left: GoogleProtobuf.Duration, _ right: GoogleProtobuf.Duration) -> Bool {
        Rules.equal(left, right)
    }

    public static func less(_ left: GoogleProtobuf.Timestamp, _ right: GoogleProtobuf.Timestamp) -> Bool {
        Rules.isLess(left, right)
    }

    public static func less(_ left: GoogleProtobuf.Duration, _ right: GoogleProtobuf.Duration) -> Bool {
        Rules.isLess(left, right)
    }

    public static func lessOrEqual(_ left: GoogleProtobuf.Timestamp, _ right: GoogleProtobuf.Timestamp) -> Bool {
        !Rules.isLess(right, left)
    }

    public static func lessOrEqual(_ left: GoogleProtobuf.Duration, _ right: GoogleProtobuf.Duration) -> Bool {
        !Rules.isLess(right, left)
    }

    // MARK: Conversions

    /// Seconds since 1970, cut toward the past.
    public static func int(_ time: GoogleProtobuf.Timestamp) -> Int64 { time.seconds }

    public static func string(_ time: GoogleProtobuf.Timestamp) throws(EvalError) -> String {
        guard let text = time.rfc3339 else { throw .outOfRange("a timestamp of \(time.seconds) s") }
        return text
    }

    public static func string(_ duration: GoogleProtobuf.Duration) throws(EvalError) -> String {
        guard let text = duration.text else { throw .outOfRange("a duration of \(duration.seconds) s") }
        return text
    }

    public static func timestamp(_ seconds: Int64) throws(EvalError) -> GoogleProtobuf.Timestamp {
        try timestamp(Int128(seconds) * 1_000_000_000)
    }

    /// RFC 3339, years 1 to 9999.
    public static func timestamp(_ text: String) throws(EvalError) -> GoogleProtobuf.Timestamp {
        guard let time = GoogleProtobuf.Timestamp(rfc3339: text) else {
            throw .badConversion("\(shown(text)) to timestamp")
        }
        return time
    }

    /// Numbers with units, `1h30m`, `-1.5s`: h, m, s, ms, us and ns. What is finer than a nanosecond is cut off.
    public static func duration(_ text: String) throws(EvalError) -> GoogleProtobuf.Duration {
        guard let nanoseconds = text.withBytes(DurationText.nanoseconds) else {
            throw .badConversion("\(shown(text)) to duration")
        }
        let parts = split(nanoseconds)
        guard let duration = parts.map({ GoogleProtobuf.Duration(seconds: $0, nanos: $1) }), duration.isValid else {
            throw .outOfRange("the duration \(shown(text))")
        }
        return duration
    }

    /// Sums are 64 bits of nanoseconds, as in CEL's implementations: 292 years.
    private static func duration(_ nanoseconds: Int128) throws(EvalError) -> GoogleProtobuf.Duration {
        guard Int64(exactly: nanoseconds) != nil, let parts = split(nanoseconds) else { throw .overflow("a duration") }
        return GoogleProtobuf.Duration(seconds: parts.seconds, nanos: parts.nanos)
    }

    private static func timestamp(_ nanoseconds: Int128) throws(EvalError) -> GoogleProtobuf.Timestamp {
        var (seconds, nanos) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        if nanos < 0 {
            seconds -= 1
            nanos += 1_000_000_000
        }
        let time = GoogleProtobuf.Timestamp(
            seconds: Int64(clamping: seconds), nanos: Int32(truncatingIfNeeded: nanos))
        guard time.isValid else { throw .outOfRange("a timestamp of \(seconds) s") }
        return time
    }

    private static func split(_ nanoseconds: Int128) -> (seconds: Int64, nanos: Int32)? {
        let (seconds, nanos) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Int64(exactly: seconds).map { ($0, Int32(truncatingIfNeeded: nanos)) }
    }
}

/// `1h30m` and its like.
enum DurationText {
    /// Numbers of more digits are out of range anyway.
    private static let digitLimit = 20

    static func nanoseconds(_ bytes: TextBytes) -> Int128? {
        var next = 0
        var isNegative = false
        if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            next = 1
        }
        guard next < bytes.count else { return nil }
        if bytes.count - next == 1, bytes[next] == UInt8(ascii: "0") { return 0 }
        var sum: Int128 = 0
        while next < bytes.count {
            guard let part = part(bytes, &next) else { return nil }
            let (next, overflow) = sum.addingReportingOverflow(part)
            guard !overflow else { return nil }
            sum = next
        }
        return isNegative ? -sum : sum
    }

    /// A number and its unit, in nanoseconds.
    private static func part(_ bytes: TextBytes, _ next: inout Int) -> Int128? {
        var whole: Int128 = 0
        let start = next
        while next < bytes.count, bytes[next].isDigit {
            guard next - start < digitLimit else { return nil }
            whole = whole * 10 + Int128(bytes[next] &- 0x30)
            next += 1
        }
        var digits = next - start
        var fraction: Int128 = 0
        var scale: Int128 = 1
        if next < bytes.count, bytes[next] == UInt8(ascii: ".") {
            next += 1
            while next < bytes.count, bytes[next].isDigit {
                if scale < 1_000_000_000_000_000 {
                    fraction = fraction * 10 + Int128(bytes[next] &- 0x30)
                    scale *= 10
                }
                digits += 1
                next += 1
            }
        }
        guard digits > 0, let unit = unit(bytes, &next) else { return nil }
        return whole * unit + fraction * unit / scale
    }

    private static func unit(_ bytes: TextBytes, _ next: inout Int) -> Int128? {
        func take(_ first: Unicode.Scalar, _ second: Unicode.Scalar? = nil) -> Bool {
            let length = second == nil ? 1 : 2
            guard next + length <= bytes.count, bytes[next] == UInt8(ascii: first) else { return false }
            if let second, bytes[next + 1] != UInt8(ascii: second) { return false }
            next += length
            return true
        }
        if take("n", "s") { return 1 }
        if take("u", "s") { return 1_000 }
        if take("m", "s") { return 1_000_000 }
        if take("s") { return 1_000_000_000 }
        if take("m") { return 60_000_000_000 }
        if take("h") { return 3_600_000_000_000 }
        return nil
    }
}
