import ProtoSyntax

extension ScalarType {
    /// Bits and signedness of the whole-number types.
    private var width: (bits: Int, isSigned: Bool)? {
        switch self {
        case .int32, .sint32, .sfixed32: (32, true)
        case .int64, .sint64, .sfixed64: (64, true)
        case .uint32, .fixed32: (32, false)
        case .uint64, .fixed64: (64, false)
        default: nil
        }
    }

    /// The number in two's complement, widened to 64 bits; `nil` if the type does not hold it.
    func bits(magnitude: UInt64, isNegative: Bool) -> UInt64? {
        guard let width else { return nil }
        if isNegative {
            let least: UInt64 = width.isSigned ? 1 << UInt64(width.bits - 1) : 0
            return magnitude <= least ? 0 &- magnitude : nil
        }
        let most = UInt64.max >> UInt64(64 - width.bits + (width.isSigned ? 1 : 0))
        return magnitude <= most ? magnitude : nil
    }

    /// "-2147483648 to 2147483647"
    var rangeText: String? {
        switch width {
        case (32, true)?: "\(Int32.min) to \(Int32.max)"
        case (64, true)?: "\(Int64.min) to \(Int64.max)"
        case (32, false)?: "0 to \(UInt32.max)"
        case (64, false)?: "0 to \(UInt64.max)"
        default: nil
        }
    }
}

/// A value that a `double` or `float` can hold: any number, or a name for what is no number.
struct FloatValue {
    let double: Double
    /// Rounded once, from the text: by way of `Double` some numbers would round twice.
    let float: Float

    static let zero = FloatValue(double: 0, float: 0)

    private init(double: Double, float: Float) {
        self.double = double
        self.float = float
    }

    init?(_ value: OptionValue) {
        switch value {
        case .integer(let magnitude, let isNegative):
            double = isNegative ? -Double(magnitude) : Double(magnitude)
            float = Float(double)
        case .float(let text, let isNegative):
            guard let parsed = Double(text) else { return nil }
            double = isNegative ? -parsed : parsed
            float = Float(double)
        case .identifier(let word, let isNegative):
            switch word.lowercased() {
            case "inf", "infinity": double = isNegative ? -.infinity : .infinity
            case "nan": double = isNegative ? -.nan : .nan
            default: return nil
            }
            float = Float(double)
        case .string, .message, .list:
            return nil
        }
    }
}

/// Numbers as C prints them with `%.*g`: `default_value` in descriptors is such a text (protoc's `SimpleDtoa`, `SimpleFtoa`).
enum FloatText {
    /// With 15 digits if these are enough to read the same number again, else with 17.
    static func text(_ value: Double) -> String {
        if let special = special(value) { return special }
        let short = general(value, digits: 15)
        return Double(short) == value ? short : general(value, digits: 17)
    }

    /// With 6 digits if these are enough, else with 9. Numbers too small for all their bits always get 9: protoc reads
    /// its own text back with `strtof`, which reports these as out of range.
    static func text(_ value: Float) -> String {
        if let special = special(Double(value)) { return special }
        let short = general(Double(value), digits: 6)
        return Float(short) == value && !value.isSubnormal ? short : general(Double(value), digits: 9)
    }

    private static func special(_ value: Double) -> String? {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        return nil
    }

    /// `%.*g`: so many significant digits, trailing zeros left out, an exponent if it is below -4 or not below `digits`.
    private static func general(_ value: Double, digits count: Int) -> String {
        let sign = value.sign == .minus ? "-" : ""
        guard value != 0 else { return sign + "0" }
        let (digits, exponent) = rounded(value.magnitude, to: count)
        var significant = digits
        while significant.count > 1, significant.last == 0 { significant.removeLast() }
        let texts = significant.map(String.init)
        if exponent < -4 || exponent >= count {
            let fraction = texts.dropFirst().joined()
            let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
            return sign + texts[0] + (fraction.isEmpty ? "" : "." + fraction) + (exponent < 0 ? "e-" : "e+") + power
        }
        if exponent < 0 {
            return sign + "0." + String(repeating: "0", count: -exponent - 1) + texts.joined()
        }
        let padded = texts + Array(repeating: "0", count: max(0, exponent + 1 - texts.count))
        let fraction = padded[(exponent + 1)...].joined()
        return sign + padded[...exponent].joined() + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// The first `count` decimal digits, rounded half to even on the exact value, and the power of ten of the first.
    private static func rounded(_ value: Double, to count: Int) -> (digits: [Int], exponent: Int) {
        let (exact, point) = decimal(value)
        var digits = Array(exact.prefix(count))
        var exponent = point - 1
        let rest = exact.dropFirst(count)
        let isHalf = rest.first == 5 && rest.dropFirst().allSatisfy { $0 == 0 }
        let raises = isHalf ? (digits.last ?? 0) % 2 == 1 : (rest.first ?? 0) >= 5
        while digits.count < count { digits.append(0) }
        if raises {
            var index = count - 1
            while index >= 0 {
                digits[index] += 1
                if digits[index] < 10 { break }
                digits[index] = 0
                index -= 1
            }
            if index < 0 {
                digits = [1] + digits.dropLast()
                exponent += 1
            }
        }
        return (digits, exponent)
    }

    /// All decimal digits of the value, without leading zeros, and how many of them stand before the point.
    private static func decimal(_ value: Double) -> (digits: [Int], point: Int) {
        // value = mantissa * 2^power, exactly. A negative power: multiply by 5 for each halving, and move the point.
        let mantissa = value.significandBitPattern | (value.isNormal ? 1 << 52 : 0)
        let power = (value.isNormal ? Int(value.exponent) : -1022) - 52
        var digits = String(mantissa).reversed().map { Int(String($0)) ?? 0 }
        for _ in 0..<power.magnitude { multiply(&digits, by: power > 0 ? 2 : 5) }
        let point = digits.count + min(power, 0)
        return (digits.reversed(), point)
    }

    /// The digits lie with the last one first.
    private static func multiply(_ digits: inout [Int], by factor: Int) {
        var carry = 0
        for index in digits.indices {
            let product = digits[index] * factor + carry
            digits[index] = product % 10
            carry = product / 10
        }
        while carry > 0 {
            digits.append(carry % 10)
            carry /= 10
        }
    }
}
