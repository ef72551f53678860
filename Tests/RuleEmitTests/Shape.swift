import RulesAPI
import Validation
import WellKnown

/// A violation as one line, from either side: all that one says and the other does not shows.
enum Shape {
    static func text(_ violation: BufValidate.Violation) -> String {
        line(
            violation.ruleId ?? "", violation.message ?? "",
            (violation.field?.elements ?? []).map { element in
                part(
                    element.fieldNumber, element.fieldName ?? "", element.fieldType?.rawValue,
                    element.keyType?.rawValue,
                    element.valueType?.rawValue, subscriptText(element))
            },
            (violation.rule?.elements ?? []).map { element in
                part(
                    element.fieldNumber, element.fieldName ?? "", element.fieldType?.rawValue, nil, nil,
                    subscriptText(element))
            }, violation.forKey ?? false)
    }

    static func text(_ violation: Violation) -> String {
        func parts(_ path: FieldPath) -> [String] {
            path.elements.map { element in
                part(
                    element.number, element.name, element.kind?.rawValue, element.keyKind?.rawValue,
                    element.valueKind?.rawValue, subscriptText(element.subscript))
            }
        }
        return line(
            violation.ruleID, violation.message, parts(violation.field), parts(violation.rule), violation.forKey)
    }

    private static func line(
        _ id: String, _ message: String, _ field: [String], _ rule: [String], _ forKey: Bool
    ) -> String {
        "\(id) | \(message) | \(field.joined(separator: "/")) | \(rule.joined(separator: "/"))"
            + (forKey ? " | key" : "")
    }

    private static func part(
        _ number: Int32?, _ name: String, _ kind: Int32?, _ key: Int32?, _ value: Int32?, _ index: String
    ) -> String {
        func shown(_ number: Int32?) -> String { number.map { ":\($0)" } ?? ":-" }
        return name + shown(number) + shown(kind) + (key == nil ? "" : shown(key) + shown(value)) + index
    }

    private static func subscriptText(_ element: BufValidate.FieldPathElement) -> String {
        switch element.subscript {
        case .index(let index)?: "[\(index)]"
        case .boolKey(let key)?: "[bool \(key)]"
        case .intKey(let key)?: "[int \(key)]"
        case .uintKey(let key)?: "[uint \(key)]"
        case .stringKey(let key)?: "[string \(key)]"
        case nil: ""
        }
    }

    private static func subscriptText(_ subscript: FieldPath.Subscript?) -> String {
        switch `subscript` {
        case .index(let index)?: "[\(index)]"
        case .bool(let key)?: "[bool \(key)]"
        case .int(let key)?: "[int \(key)]"
        case .uint(let key)?: "[uint \(key)]"
        case .string(let key)?: "[string \(key)]"
        case nil: ""
        }
    }
}
