import ProtoWire
import WellKnown

/// Values of a contract as messages of rules show them: what `format` of the CEL strings extension makes of `%s`.
enum Shown {
    /// Decimal notation without an exponent, in as few digits as tell the number from its neighbours.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Infinity" : "Infinity" }
        let (sign, digits, exponent) = parts(value)
        guard digits != "0" else { return sign + "0" }
        // The value is 0.digits * 10^exponent.
        if exponent <= 0 { return sign + "0." + String(repeating: "0", count: -exponent) + digits }
        if exponent >= digits.count { return sign + digits + String(repeating: "0", count: exponent - digits.count) }
        return sign + digits.prefix(exponent) + "." + digits.dropFirst(exponent)
    }

    /// The digits without zeros at either end, and where the point is.
    private static func parts(_ value: Double) -> (sign: String, digits: String, exponent: Int) {
        let sign = value.sign == .minus ? "-" : ""
        let halves = value.magnitude.description.split(separator: "e")
        let shift = halves.count > 1 ? Int(halves[1]) ?? 0 : 0
        let sides = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        let whole = sides[0].drop { $0 == "0" }
        var fraction = sides.count > 1 ? sides[1] : ""
        while fraction.last == "0" { fraction.removeLast() }
        var digits = String(whole) + fraction
        var exponent = whole.count + shift
        while digits.first == "0" {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.last == "0" { digits.removeLast() }
        return (sign, digits.isEmpty ? "0" : digits, exponent)
    }

    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    static func list(_ values: [String]) -> String { "[" + values.joined(separator: ", ") + "]" }

    static func duration(_ value: GoogleProtobuf.Duration) -> String {
        let nanos = Int128(value.seconds) * 1_000_000_000 + Int128(value.nanos)
        return (nanos < 0 ? "-" : "") + String(nanos.magnitude / 1_000_000_000)
            + fraction(Int(nanos.magnitude % 1_000_000_000)) + "s"
    }

    /// RFC 3339 in UTC, with as many digits as are not zero.
    static func timestamp(_ value: GoogleProtobuf.Timestamp) -> String {
        let (day, rest) = CivilTime.daySplit(value.seconds)
        let (year, month, dayOfMonth) = CivilTime.civil(day)
        func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
        let padded = String(repeating: "0", count: max(0, 4 - String(year).count)) + String(year)
        return "\(padded)-\(two(month))-\(two(dayOfMonth))T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
            + fraction(Int(value.nanos)) + "Z"
    }

    private static func fraction(_ nanos: Int) -> String {
        guard nanos > 0 else { return "" }
        var digits = String(nanos)
        digits = String(repeating: "0", count: max(0, 9 - digits.count)) + digits
        while digits.last == "0" { digits.removeLast() }
        return "." + digits
    }
}
