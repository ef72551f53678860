/// Seconds since 1970 and the calendar, and the text that protobuf's JSON has for times (RFC 3339) and durations (`1.5s`).
package enum CivilTime {
    /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
    package static let timestampRange: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
    /// About 10,000 years, as duration.proto says.
    package static let durationRange: ClosedRange<Int64> = -315_576_000_000...315_576_000_000

    /// Reads `1972-01-01T10:00:20.021-05:00`. Nil if it is no timestamp; lower-case letters are refused, as are leap
    /// seconds.
    package static func parseTimestamp(_ text: UnsafeRawBufferPointer) -> (seconds: Int64, nanos: Int32)? {
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
    package static func parseDuration(_ text: UnsafeRawBufferPointer) -> (seconds: Int64, nanos: Int32)? {
        var scan = Digits(text)
        let isNegative = scan.take("-")
        guard let seconds = scan.many(), let nanos = scan.optionalFraction(), scan.take("s"), scan.isAtEnd,
            durationRange.contains(Int64(seconds))
        else { return nil }
        return isNegative ? (-Int64(seconds), -Int32(nanos)) : (Int64(seconds), Int32(nanos))
    }

    /// The day since 1970-01-01 and the second of it.
    package static func daySplit(_ seconds: Int64) -> (day: Int, second: Int) {
        let day = floorDivide(Int(seconds), 86_400)
        return (day, Int(seconds) - day * 86_400)
    }

    // MARK: The calendar: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"

    private static func floorDivide(_ value: Int, _ divisor: Int) -> Int {
        value >= 0 ? value / divisor : (value - divisor + 1) / divisor
    }

    static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivide(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    package static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
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
