import ProtoWire

/// A moment, as the seconds and nanoseconds since 1970 in UTC: it goes both ways with RFC 3339, without Foundation.
///
///     event.at = "2026-11-21T08:00:00Z"
///     let age = now - event.at
extension GoogleProtobuf.Timestamp {
    public init(seconds: Int64, nanos: Int32 = 0) {
        self.init()
        self.seconds = seconds
        self.nanos = nanos
    }

    /// `1972-01-01T10:00:20.021-05:00`, as JSON has it. Nil for what is no such text or before the year 1.
    public init?(rfc3339 text: String) {
        var text = text
        guard let (seconds, nanos) = text.withUTF8({ CivilTime.parseTimestamp(UnsafeRawBufferPointer($0)) }) else {
            return nil
        }
        self.init(seconds: seconds, nanos: nanos)
    }

    /// In UTC with 0, 3, 6 or 9 digits of the second, as JSON has it. Nil if it is not valid.
    public var rfc3339: String? {
        guard isValid else { return nil }
        let (day, second) = CivilTime.daySplit(seconds)
        let (year, month, dayOfMonth) = CivilTime.civil(day)
        func padded(_ number: Int, _ count: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))T"
            + "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
            + fraction(nanos.magnitude) + "Z"
    }

    /// Whether it is in the years 1 to 9999 and its nanoseconds count forward: other ones have no JSON.
    public var isValid: Bool {
        CivilTime.timestampRange.contains(seconds) && (0..<1_000_000_000).contains(nanos)
    }

    /// The moment so much later. Beyond the range of the seconds it is the range's end.
    public static func + (moment: Self, span: Swift.Duration) -> Self {
        let (whole, attoseconds) = span.components
        let nanos = Int64(moment.nanos) + attoseconds / 1_000_000_000
        let carry = nanos >= 1_000_000_000 ? 1 : nanos < 0 ? -1 : 0
        let (sum, overflow) = moment.seconds.addingReportingOverflow(whole)
        let (seconds, carried) = sum.addingReportingOverflow(Int64(carry))
        if overflow || carried { return Self(seconds: whole < 0 ? .min : .max) }
        return Self(seconds: seconds, nanos: Int32(nanos - Int64(carry) * 1_000_000_000))
    }

    public static func - (moment: Self, span: Swift.Duration) -> Self {
        moment + (.zero - span)
    }

    /// How much later `left` is.
    public static func - (left: Self, right: Self) -> Swift.Duration {
        .seconds(left.seconds) - .seconds(right.seconds) + .nanoseconds(Int64(left.nanos) - Int64(right.nanos))
    }
}

extension GoogleProtobuf.Timestamp: Comparable {
    public static func < (left: Self, right: Self) -> Bool {
        (left.seconds, left.nanos) < (right.seconds, right.nanos)
    }
}

extension GoogleProtobuf.Timestamp: ExpressibleByStringLiteral {
    /// `"2026-11-21T08:00:00Z"`; a literal that is no such text is a fault of the program.
    public init(stringLiteral text: String) {
        guard let moment = Self(rfc3339: text) else { preconditionFailure("'\(text)' is no time as RFC 3339 has it") }
        self = moment
    }
}
