/// A number as JSON spells it, taken apart but not yet rounded to anything.
struct JSONNumber {
    let text: UnsafeRawBufferPointer
    private(set) var isNegative = false
    /// The digits without the point and without leading zeros, if they fit.
    private(set) var mantissa: UInt64 = 0
    /// The power of ten to multiply the mantissa with.
    private(set) var exponent = 0
    /// False if there are more digits than the mantissa holds.
    private(set) var isExact = true

    /// The number at the start of `text`; nil if there is none. Source: RFC 8259 §6.
    init?(prefixOf bytes: UnsafeRawBufferPointer) {
        var index = 0
        func digit() -> UInt8? {
            guard index < bytes.count, bytes[index] &- 0x30 < 10 else { return nil }
            return bytes[index] - 0x30
        }
        func peek() -> UInt8 { index < bytes.count ? bytes[index] : 0 }
        var negative = false
        if peek() == UInt8(ascii: "-") {
            negative = true
            index += 1
        }
        guard let first = digit() else { return nil }
        var value: UInt64 = 0
        var exact = true
        var scale = 0
        func add(_ next: UInt8) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(next))
            if overflow || carry || !exact { exact = false } else { value = sum }
        }
        if first == 0 {
            index += 1
            if digit() != nil { return nil }
        } else {
            while let next = digit() {
                add(next)
                index += 1
            }
        }
        if peek() == UInt8(ascii: ".") {
            index += 1
            guard digit() != nil else { return nil }
            while let next = digit() {
                add(next)
                scale -= 1
                index += 1
            }
        }
        if peek() | 0x20 == UInt8(ascii: "e") {
            index += 1
            let sign = peek()
            if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { index += 1 }
            guard digit() != nil else { return nil }
            var power = 0
            while let next = digit() {
                // No double and no integer is near such powers; keeping count would overflow.
                power = min(power * 10 + Int(next), 1_000_000)
                index += 1
            }
            scale += sign == UInt8(ascii: "-") ? -power : power
        }
        text = UnsafeRawBufferPointer(rebasing: bytes[..<index])
        isNegative = negative
        mantissa = value
        exponent = scale
        isExact = exact
    }

    /// The magnitude if this is a whole number that fits: `1e5` and `10.0` are.
    var wholeMagnitude: UInt64? {
        if exponent == 0 { return isExact ? mantissa : nil }
        guard isExact else { return longWholeMagnitude }
        if mantissa == 0 { return 0 }
        var value = mantissa
        var power = exponent
        while power < 0 {
            let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
            guard remainder == 0 else { return nil }
            value = quotient
            power += 1
        }
        while power > 0 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            value = product
            power -= 1
        }
        return value
    }

    /// The same for more digits than a word holds, such as `1.000000000000000000000`.
    private var longWholeMagnitude: UInt64? {
        var digits = text.filter { $0 &- 0x30 < 10 }
        if let mark = text.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) {
            digits = text[..<mark].filter { $0 &- 0x30 < 10 }
        }
        var power = exponent
        while digits.last == 0x30 {
            digits.removeLast()
            power += 1
        }
        guard power >= 0, digits.count + power <= 40 else { return digits.isEmpty ? 0 : nil }
        var value: UInt64 = 0
        for digit in digits + [UInt8](repeating: 0x30, count: power) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit - 0x30))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    /// The nearest double; infinite if there is none.
    ///
    /// A mantissa of 53 bits and a power of ten up to 22 are exact doubles, so one operation rounds right (Clinger,
    /// 1990).
    var double: Double {
        if isExact, mantissa <= 1 << 53, -22...22 ~= exponent {
            let magnitude =
                exponent < 0
                ? Double(mantissa) / JSONNumber.powers[-exponent] : Double(mantissa) * JSONNumber.powers[exponent]
            return isNegative ? -magnitude : magnitude
        }
        return Double(String(decoding: text, as: UTF8.self)) ?? .infinity
    }

    /// The nearest float: not the double's nearest, which would round twice.
    var float: Float {
        if isExact, mantissa <= 1 << 24, exponent == 0 {
            return isNegative ? -Float(mantissa) : Float(mantissa)
        }
        return Float(String(decoding: text, as: UTF8.self)) ?? .infinity
    }

    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
