/// Integers whose results must fit: CEL has no wrapping and no trapping. Doubles are Swift's own.
extension Eval {
    @inlinable
    public static func add<Number: FixedWidthInteger>(_ left: Number, _ right: Number) throws(EvalError) -> Number {
        let (value, overflow) = left.addingReportingOverflow(right)
        guard !overflow else { throw .overflow("addition") }
        return value
    }

    @inlinable
    public static func subtract<Number: FixedWidthInteger>(_ left: Number, _ right: Number) throws(EvalError) -> Number
    {
        let (value, overflow) = left.subtractingReportingOverflow(right)
        guard !overflow else { throw .overflow("subtraction") }
        return value
    }

    @inlinable
    public static func multiply<Number: FixedWidthInteger>(_ left: Number, _ right: Number) throws(EvalError) -> Number
    {
        let (value, overflow) = left.multipliedReportingOverflow(by: right)
        guard !overflow else { throw .overflow("multiplication") }
        return value
    }

    /// Rounds toward zero.
    @inlinable
    public static func divide<Number: FixedWidthInteger>(_ left: Number, _ right: Number) throws(EvalError) -> Number {
        guard right != 0 else { throw .divisionByZero }
        let (value, overflow) = left.dividedReportingOverflow(by: right)
        guard !overflow else { throw .overflow("division") }
        return value
    }

    /// What division leaves, with the sign of `left`.
    @inlinable
    public static func modulo<Number: FixedWidthInteger>(_ left: Number, _ right: Number) throws(EvalError) -> Number {
        guard right != 0 else { throw .modulusByZero }
        let (value, overflow) = left.remainderReportingOverflow(dividingBy: right)
        guard !overflow else { throw .overflow("modulus") }
        return value
    }

    @inlinable
    public static func negate(_ value: Int64) throws(EvalError) -> Int64 { try subtract(0, value) }

    // MARK: Conversions

    @inlinable
    public static func int(_ value: Int64) -> Int64 { value }

    @inlinable
    public static func int(_ value: UInt64) throws(EvalError) -> Int64 {
        guard let number = Int64(exactly: value) else { throw .outOfRange("\(value) as int") }
        return number
    }

    /// Cuts off the fraction. The largest double below 2^63 is the last that fits.
    public static func int(_ value: Double) throws(EvalError) -> Int64 {
        guard value > -0x1p63, value < 0x1p63 else { throw .outOfRange("\(value) as int") }
        return Int64(value)
    }

    /// Digits, which may have a sign, and space around them.
    public static func int(_ text: String) throws(EvalError) -> Int64 {
        guard let number = Int64(trimmed(text)) else { throw .badConversion("\(shown(text)) to int") }
        return number
    }

    @inlinable
    public static func uint(_ value: UInt64) -> UInt64 { value }

    @inlinable
    public static func uint(_ value: Int64) throws(EvalError) -> UInt64 {
        guard let number = UInt64(exactly: value) else { throw .outOfRange("\(value) as uint") }
        return number
    }

    public static func uint(_ value: Double) throws(EvalError) -> UInt64 {
        guard value >= 0, value < 0x1p64 else { throw .outOfRange("\(value) as uint") }
        return UInt64(value)
    }

    public static func uint(_ text: String) throws(EvalError) -> UInt64 {
        guard let number = UInt64(trimmed(text)) else { throw .badConversion("\(shown(text)) to uint") }
        return number
    }

    @inlinable
    public static func double(_ value: Double) -> Double { value }

    @inlinable
    public static func double(_ value: Int64) -> Double { Double(value) }

    @inlinable
    public static func double(_ value: UInt64) -> Double { Double(value) }

    public static func double(_ text: String) throws(EvalError) -> Double {
        guard let number = Double(trimmed(text)) else { throw .badConversion("\(shown(text)) to double") }
        return number
    }

    public static func bool(_ text: String) throws(EvalError) -> Bool {
        switch text {
        case "true", "True", "TRUE", "t", "1": return true
        case "false", "False", "FALSE", "f", "0": return false
        default: throw .badConversion("\(shown(text)) to bool")
        }
    }

    @inlinable
    public static func isNaN(_ value: Double) -> Bool { value.isNaN }

    @inlinable
    public static func isInf(_ value: Double) -> Bool { value.isInfinite }

    /// - Parameter sign: positive or negative for that infinity, zero for either.
    @inlinable
    public static func isInf(_ value: Double, _ sign: Int64) -> Bool {
        value.isInfinite && (sign == 0 || (sign > 0) == (value > 0))
    }

    private static func trimmed(_ text: String) -> String {
        let inner = text.utf8.drop { isSpace($0) }.reversed().drop { isSpace($0) }.reversed()
        return String(decoding: Array(inner), as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }

    /// A value in an error's text, in quotes and not too long.
    static func shown(_ text: String) -> String { "'\(text.bounded(40))'" }
}
