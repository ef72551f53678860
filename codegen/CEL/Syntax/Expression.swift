/// An expression of the Common Expression Language as it was written, before types.
///
/// Source: https://github.com/google/cel-spec/blob/master/doc/langdef.md, "Syntax".
package struct Expression: Sendable {
    package indirect enum Node: Sendable {
        case literal(Value)
        /// `name`; `.name` looks from the root.
        case identifier(String, isRooted: Bool)
        case select(Expression, String)
        case index(Expression, Expression)
        /// `function(arguments)` or `target.function(arguments)`.
        case call(String, on: Expression?, [Expression], isRooted: Bool)
        case unary(Unary, Expression)
        case binary(Binary, Expression, Expression)
        case conditional(Expression, then: Expression, otherwise: Expression)
        case list([Expression])
        case map([(key: Expression, value: Expression)])
        /// `package.Name{field: value}`.
        case message(String, [(field: String, value: Expression)])
    }

    package enum Value: Sendable, Equatable {
        case null
        case bool(Bool)
        case int(Int64)
        case uint(UInt64)
        case double(Double)
        case string(String)
        case bytes([UInt8])
    }

    package enum Unary: String, Sendable {
        case not = "!"
        case minus = "-"
    }

    package enum Binary: String, Sendable {
        case or = "||"
        case and = "&&"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case equal = "=="
        case notEqual = "!="
        case isIn = "in"
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divided = "/"
        case modulo = "%"
    }

    package let node: Node
    /// Where it begins in the text, in UTF-8 bytes.
    package let offset: Int
}

/// Why a text is no expression, or has no type.
package struct CELError: Error, Equatable, Sendable, CustomStringConvertible {
    package let message: String
    /// Where in the text, in UTF-8 bytes.
    package let offset: Int

    package init(_ message: String, at offset: Int) {
        self.message = message
        self.offset = offset
    }

    package var description: String { "\(message) (at character \(offset + 1))" }
}
