import Descriptors
import SwiftEmit

/// Where what a rule finds is reported.
struct Site {
    /// The field of this message, an element of it or an entry, as `FieldPath.Element` in Swift.
    var place: String
    var forKey = false
    /// The way from `FieldRules` of the field to the rules at hand: `repeated.items`.
    var prefix: [StandardCheck.Step] = []

    /// The arguments behind a violation's id and message for a rule in this place.
    func arguments(_ steps: [StandardCheck.Step]) -> String {
        let all = prefix + steps
        let rule: String
        if all.count == 2, all.allSatisfy({ $0.index == nil }), all[0].kind == "message" {
            let (family, last) = (all[0], all[1])
            rule =
                ".rule(\(Literal.text(family.name)), \(family.number), \(Literal.text(last.name)), \(last.number), "
                + ".\(last.kind))"
        } else {
            rule = "[" + all.map(\.text).joined(separator: ", ") + "]"
        }
        return "at: \(place), rule: \(rule)" + (forKey ? ", forKey: true" : "")
    }

    func under(_ steps: StandardCheck.Step...) -> Site {
        Site(place: place, forKey: forKey, prefix: prefix + steps)
    }
}

/// What expressions are about.
enum RuleScope {
    case message
    case field(Site)
}

/// A value that has rules, as generated code names it.
struct RuledValue {
    let text: String
    let kind: FieldDescriptorProto.Kind
    let messageType: String?
    let enumType: String?
    /// Its type in Swift.
    let swiftType: String
    /// The list or the map that the value is; nil for a single value.
    var container: Schema.Field?

    static func container(_ field: Schema.Field, _ text: String) -> RuledValue {
        RuledValue(
            text: text, kind: field.kind, messageType: field.isMap ? nil : field.messageType, enumType: field.enumType,
            swiftType: field.names.type ?? "", container: field)
    }

    /// A condition that is true for the zero value of its type.
    var isZero: String {
        switch kind {
        case .bool: "!\(text)"
        case .string, .bytes: "\(text).isEmpty"
        case .float, .double: "\(text).bitPattern == 0"
        case .enum: "\(text).rawValue == 0"
        case .message, .group: "\(text) == \(swiftType)()"
        default: "\(text) == 0"
        }
    }
}

extension FieldDescriptorProto.Kind {
    /// The name of the case of `FieldPath.Kind`.
    var pathKind: String {
        switch self {
        case .double: "double"
        case .float: "float"
        case .int64: "int64"
        case .uint64: "uint64"
        case .int32: "int32"
        case .fixed64: "fixed64"
        case .fixed32: "fixed32"
        case .bool: "bool"
        case .string: "string"
        case .group: "group"
        case .message: "message"
        case .bytes: "bytes"
        case .uint32: "uint32"
        case .enum: "enumeration"
        case .sfixed32: "sfixed32"
        case .sfixed64: "sfixed64"
        case .sint32: "sint32"
        case .sint64: "sint64"
        default: "message"
        }
    }
}
