/// The type of a field, with the numbers of `google.protobuf.FieldDescriptorProto.Type`.
public enum FieldKind: UInt8, Sendable {
    case double = 1
    case float, int64, uint64, int32, fixed64, fixed32, bool, string, group, message, bytes, uint32
    case enumeration
    case sfixed32, sfixed64, sint32, sint64

    /// The low three bits of the tag of one value.
    var wireType: UInt32 {
        switch self {
        case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .bool, .enumeration: 0
        case .double, .fixed64, .sfixed64: 1
        case .string, .bytes, .message: 2
        case .group: 3
        case .float, .fixed32, .sfixed32: 5
        }
    }

    /// True if a repeated field of it may be packed.
    var isPackable: Bool { wireType != 2 && wireType != 3 }
    public var isMessage: Bool { self == .message || self == .group }

    /// The name with its article, for messages.
    var phrase: String { self == .int32 || self == .int64 || self == .enumeration ? "an \(name)" : "a \(name)" }

    /// As a contract spells it.
    public var name: String {
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
        case .enumeration: "enum"
        case .sfixed32: "sfixed32"
        case .sfixed64: "sfixed64"
        case .sint32: "sint32"
        case .sint64: "sint64"
        }
    }
}

/// A message type whose JSON form is not an object of its fields.
/// Source: protobuf.dev, "ProtoJSON Format".
public enum WellKnownType: UInt8, Sendable {
    case none
    case any, timestamp, duration, fieldMask, structure, value, listValue, wrapper

    init(fullName: String) {
        self =
            switch fullName {
            case "google.protobuf.Any": .any
            case "google.protobuf.Timestamp": .timestamp
            case "google.protobuf.Duration": .duration
            case "google.protobuf.FieldMask": .fieldMask
            case "google.protobuf.Struct": .structure
            case "google.protobuf.Value": .value
            case "google.protobuf.ListValue": .listValue
            case "google.protobuf.DoubleValue", "google.protobuf.FloatValue", "google.protobuf.Int64Value",
                "google.protobuf.UInt64Value", "google.protobuf.Int32Value", "google.protobuf.UInt32Value",
                "google.protobuf.BoolValue", "google.protobuf.StringValue", "google.protobuf.BytesValue":
                .wrapper
            default: .none
            }
    }
}
