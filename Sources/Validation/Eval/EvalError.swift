/// Why an expression has no value (the errors of the CEL specification, "Runtime Errors").
public enum EvalError: Error, Equatable, Sendable {
    /// A result does not fit its type.
    case overflow(String)
    case divisionByZero
    case modulusByZero
    /// A list has no element at this index.
    case indexOutOfRange(Int64)
    case noSuchKey(String)
    /// A text or a number cannot be converted.
    case badConversion(String)
    /// A duration or timestamp lies outside what CEL allows.
    case outOfRange(String)
    /// An argument that the function does not take: an unknown time zone, a bad format.
    case badArgument(String)
    /// A pattern that is no RE2 expression, given as a value.
    case badPattern(String)
    /// An operator has no meaning for the types of dynamic values.
    case noSuchOverload(String)
    /// Messages lie deeper in each other than any decoder accepts.
    case tooDeep(limit: Int)
    /// A result would be larger than an expression may make.
    case tooLarge(limit: Int)
}

extension EvalError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .overflow(let operation): "\(operation) overflows"
        case .divisionByZero: "division by zero"
        case .modulusByZero: "modulus by zero"
        case .indexOutOfRange(let index): "index \(index) is out of range"
        case .noSuchKey(let key): "no such key: \(key)"
        case .badConversion(let what): "cannot convert \(what)"
        case .outOfRange(let what): "\(what) is out of range"
        case .badArgument(let what): what
        case .badPattern(let what): "bad pattern: \(what)"
        case .noSuchOverload(let what): "no such overload: \(what)"
        case .tooDeep(let limit): "messages lie more than \(limit) deep in each other"
        case .tooLarge(let limit): "the result would have more than \(limit) bytes"
        }
    }
}
