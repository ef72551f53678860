import CEL
import Descriptors
import SwiftEmit

/// An expression in Swift.
struct Lowered {
    var text: String
    /// Whether evaluating it may throw `EvalError`; `try` stands once, at the head of the whole.
    var canThrow = false
    /// It needs no parentheses as an operand.
    var isTight = true

    /// What a negation negates, as an operand.
    var negated: String?

    var operand: String { isTight ? text : "(\(text))" }

    /// `!(self)`, or what it negates if it is a negation itself.
    var not: Lowered {
        if let negated { return Lowered(text: negated, canThrow: canThrow) }
        return Lowered(text: "!" + operand, canThrow: canThrow, isTight: false, negated: operand)
    }

    /// As the body of a closure or a statement.
    var statement: String { (canThrow ? "try " : "") + text }
}

/// Why an expression of a sound type still has no form in Swift.
struct LoweringError: Error {
    let message: String
    let offset: Int
}

/// How stored values become those that expressions reckon with: every integer is 64 bits wide, every number a double.
enum Widening {
    static func widened(_ text: String, _ kind: FieldDescriptorProto.Kind) -> String {
        switch kind {
        case .int32, .sint32, .sfixed32: "Int64(\(text))"
        case .uint32, .fixed32: "UInt64(\(text))"
        case .float: "Double(\(text))"
        case .enum: "Int64(\(text).rawValue)"
        default: text
        }
    }

    /// An element of a list or a map; wrappers there are what they wrap.
    static func element(_ text: String, _ proto: FieldDescriptorProto) -> String {
        let kind = proto.type ?? .string
        if kind == .message, let wrapped = Family.wrapped(String((proto.typeName ?? "").dropFirst())) {
            return widened(text + ".value", wrapped)
        }
        return widened(text, kind)
    }

    /// The zero of a scalar as it is stored; a message's is an empty one.
    static func zero(_ field: Schema.Field) -> String {
        if let text = field.proto.defaultValue, let literal = literal(text, field) { return literal }
        return switch field.kind {
        case .string: "\"\""
        case .bytes: "[]"
        case .bool: "false"
        case .enum, .message, .group: "\(field.names.type ?? "")()"
        default: "0"
        }
    }

    /// A default value of proto2, as descriptors have it.
    private static func literal(_ text: String, _ field: Schema.Field) -> String? {
        switch field.kind {
        case .string: Literal.text(text)
        case .bool: text
        case .float, .double:
            switch text {
            case "nan": ".nan"
            case "inf": ".infinity"
            case "-inf": "-.infinity"
            default: text
            }
        case .bytes, .enum, .message, .group: nil
        default: text
        }
    }
}
