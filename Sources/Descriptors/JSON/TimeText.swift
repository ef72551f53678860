/// The text of a Timestamp (RFC 3339) and of a Duration (`1.5s`), both ways.
enum TimeText {
    /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
    static let timestampRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
    /// About 10,000 years, as duration.proto says.
    static let durationRange: ClosedRange<Int64> = -315_576_000_000...315_576_000_000

    static func timestamp(_ seconds: Int64, _ nanos: Int32, _ out: inout JSONWriter) {
        let day = floorDivide(Int(seconds), 86_400)
        let second = Int(seconds) - day * 86_400
        let (year, month, dayOfMonth) = civil(day)
        out.append(UInt8(ascii: "\""))
        out.padded(year, 4)
        out.append(UInt8(ascii: "-"))
        out.padded(month, 2)
        out.append(UInt8(ascii: "-"))
        out.padded(dayOfMonth, 2)
        out.append(UInt8(ascii: "T"))
        out.padded(second / 3600, 2)
        out.append(UInt8(ascii: ":"))
        out.padded(second / 60 % 60, 2)
        out.append(UInt8(ascii: ":"))
        out.padded(second % 60, 2)
        fraction(Int(nanos), &out)
        out.append("Z\"")
    }

    static func duration(_ seconds: Int64, _ nanos: Int32, _ out: inout JSONWriter) {
        out.append(UInt8(ascii: "\""))
        if seconds < 0 || nanos < 0 { out.append(UInt8(ascii: "-")) }
        out.decimal(seconds.magnitude)
        fraction(Int(nanos.magnitude), &out)
        out.append("s\"")
    }

    /// Nothing, or 3, 6 or 9 digits.
    private static func fraction(_ nanos: Int, _ out: inout JSONWriter) {
        guard nanos != 0 else { return }
        out.append(UInt8(ascii: "."))
        if nanos % 1_000_000 == 0 {
            out.padded(nanos / 1_000_000, 3)
        } else if nanos % 1_000 == 0 {
            out.padded(nanos / 1_000, 6)
        } else {
            out.padded(nanos, 9)
        }
    }

    /// Reads `1972-01-01T10:00:20.021-05:00`. Nil if it is no timestamp; lower-case letters are refused, as are leap
    /// seconds.
    static func parseTimestamp(_ text: UnsafeRawBufferPointer) -> (seconds: Int64, nanos: Int32)? {
        var scan = Digits(text)
        guard let year = scan.fixed(4), scan.take("-"), let month = scan.fixed(2), scan.take("-"),
            let day = scan.fixed(2), scan.take("T"), let hour = scan.fixed(2), scan.take(":"),
            let minute = scan.fixed(2), scan.take(":"), let second = scan.fixed(2),
            1...12 ~= month, 1...daysIn(month, of: year) ~= day, hour < 24, minute < 60, second < 60,
            let nanos = scan.optionalFraction()
        else { return nil }
        var offset = 0
        if !scan.take("Z") {
            let sign = scan.take("+") ? 1 : scan.take("-") ? -1 : 0
            guard sign != 0, let hours = scan.fixed(2), scan.take(":"), let minutes = scan.fixed(2),
                hours < 24, minutes < 60
            else { return nil }
            offset = sign * (hours * 3600 + minutes * 60)
        }
        guard scan.isAtEnd else { return nil }
        let seconds = Int64(days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset)
        return timestampRange.contains(seconds) ? (seconds, Int32(nanos)) : nil
    }

    /// Reads `-1.5s`. Nil if it is no duration.
    static func parseDuration(_ text: UnsafeRawBufferPointer) -> (seconds: Int64, nanos: Int32)? {
        var scan = Digits(text)
        let isNegative = scan.take("-")
        guard let seconds = scan.many(), let nanos = scan.optionalFraction(), scan.take("s"), scan.isAtEnd,
            durationRange.contains(Int64(seconds))
        else { return nil }
        return isNegative ? (-Int64(seconds), -Int32(nanos)) : (Int64(seconds), Int32(nanos))
    }

    // MARK: The calendar: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"

    private static func floorDivide(_ value: Int, _ divisor: Int) -> Int {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }

    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let civilMonth = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
        return (year, civilMonth, dayOfYear - (153 * month + 2) / 5 + 1)
    }

    private static func daysIn(_ month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// Reads digits and single characters from text.
private struct Digits {
    private let text: UnsafeRawBufferPointer
    private var index = 0

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
    }

    var isAtEnd: Bool { index == text.count }

    private mutating func digit() -> Int? {
        guard index < text.count, text[index] &- 0x30 < 10 else { return nil }
        index += 1
        return Int(text[index - 1] - 0x30)
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard index < text.count, text[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    mutating func fixed(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// One digit or more, at most 18: more is out of every range.
    mutating func many() -> Int? {
        let start = index
        var value = 0
        while let digit = digit() {
            guard index - start <= 18 else { return nil }
            value = value * 10 + digit
        }
        return index > start ? value : nil
    }

    /// Nanoseconds from one to nine digits after a point, or 0 without a point. Nil if the point has no digits.
    mutating func optionalFraction() -> Int? {
        guard take(".") else { return 0 }
        let start = index
        var value = 0
        while let digit = digit() {
            guard index - start <= 9 else { return nil }
            value = value * 10 + digit
        }
        guard index > start else { return nil }
        for _ in (index - start)..<9 { value *= 10 }
        return value
    }
}

/// The paths of a FieldMask: `snake_case` in the message, `camelCase` in JSON.
enum FieldMaskText {
    /// Writes a path in camel case. False if it would not come back as it was.
    static func camelCase(_ path: UnsafeRawBufferPointer, _ out: inout JSONWriter) -> Bool {
        var raise = false
        for byte in path {
            if raise {
                guard byte &- 0x61 < 26 else { return false }
                out.append(byte - 0x20)
                raise = false
            } else if byte == UInt8(ascii: "_") {
                raise = true
            } else {
                guard byte &- 0x41 >= 26, byte >= 0x20, byte < 0x80, byte != 0x22, byte != 0x5C else { return false }
                out.append(byte)
            }
        }
        return !raise
    }

    /// A path in snake case, or nil if it has what no path in camel case has.
    static func snakeCase(_ path: UnsafeRawBufferPointer) -> [UInt8]? {
        var result: [UInt8] = []
        for byte in path {
            if byte &- 0x41 < 26 {
                result += [UInt8(ascii: "_"), byte + 0x20]
            } else if byte &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: ".") {
                result.append(byte)
            } else {
                return nil
            }
        }
        return result
    }
}
