import CEL
import Descriptors
import SwiftEmit

/// The types of the contracts as expressions see them.
struct ContractTypes: CELEnvironment {
    let schema: Schema
    /// `this`, `rule`, `rules` and `now`.
    let variables: [String: CELType]

    func type(ofVariable name: String) -> CELType? { variables[name] }

    func type(ofField field: String, in message: String) -> CELType? {
        guard let field = schema.messages[message]?.fields.first(where: { $0.name == field }) else { return nil }
        return ContractTypes.type(field)
    }

    func isMessage(_ name: String) -> Bool { schema.messages[name] != nil }

    func number(ofEnumValue name: String) -> Int64? {
        guard let dot = name.lastIndex(of: ".") else { return nil }
        let (scope, value) = (String(name[..<dot]), String(name[name.index(after: dot)...]))
        return schema.enums[scope]?.proto.value.first { $0.name == value }.map { Int64($0.number ?? 0) }
    }

    static func type(_ field: Schema.Field) -> CELType {
        if let entry = field.entry { return .map(element(entry.key), element(entry.value)) }
        return field.isList ? .list(element(field.proto)) : type(field.kind, field.proto.typeName)
    }

    /// In lists and maps a wrapper is never null.
    static func element(_ proto: FieldDescriptorProto) -> CELType {
        type(proto.type ?? .string, proto.typeName).present
    }

    static func type(_ kind: FieldDescriptorProto.Kind, _ typeName: String?) -> CELType {
        switch kind {
        case .int32, .sint32, .sfixed32, .int64, .sint64, .sfixed64, .enum: .int
        case .uint32, .fixed32, .uint64, .fixed64: .uint
        case .float, .double: .double
        case .bool: .bool
        case .string: .string
        case .bytes: .bytes
        default: type(ofMessage: String((typeName ?? "").dropFirst()))
        }
    }

    static func type(ofMessage name: String) -> CELType {
        switch name {
        case "google.protobuf.Duration": .duration
        case "google.protobuf.Timestamp": .timestamp
        case "google.protobuf.Value", "google.protobuf.Struct", "google.protobuf.ListValue": .dynamic(name)
        default: Family.wrapped(name).map { .optional(type($0, nil)) } ?? .message(name)
        }
    }
}
