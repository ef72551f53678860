import Descriptors
import RulesAPI

/// Which rules a value of a type may have.
enum Family {
    /// The family of rules for a kind of scalar, as `FieldRules` names it.
    static func name(of kind: FieldDescriptorProto.Kind) -> String? {
        switch kind {
        case .double: "double"
        case .float: "float"
        case .int64: "int64"
        case .uint64: "uint64"
        case .int32: "int32"
        case .fixed64: "fixed64"
        case .fixed32: "fixed32"
        case .bool: "bool"
        case .string: "string"
        case .bytes: "bytes"
        case .uint32: "uint32"
        case .enum: "enum"
        case .sfixed32: "sfixed32"
        case .sfixed64: "sfixed64"
        case .sint32: "sint32"
        case .sint64: "sint64"
        default: nil
        }
    }

    /// The family of rules for a well-known message; wrappers take those of what they wrap.
    static func name(ofMessage fullName: String) -> String? {
        switch fullName {
        case "google.protobuf.Any": "any"
        case "google.protobuf.Duration": "duration"
        case "google.protobuf.Timestamp": "timestamp"
        case "google.protobuf.FieldMask": "field_mask"
        default: wrapped(fullName).flatMap { name(of: $0) }
        }
    }

    /// What a wrapper wraps.
    static func wrapped(_ fullName: String) -> FieldDescriptorProto.Kind? {
        switch fullName {
        case "google.protobuf.DoubleValue": .double
        case "google.protobuf.FloatValue": .float
        case "google.protobuf.Int64Value": .int64
        case "google.protobuf.UInt64Value": .uint64
        case "google.protobuf.Int32Value": .int32
        case "google.protobuf.UInt32Value": .uint32
        case "google.protobuf.BoolValue": .bool
        case "google.protobuf.StringValue": .string
        case "google.protobuf.BytesValue": .bytes
        default: nil
        }
    }

    /// Where a family stands in `FieldRules`.
    static func step(_ type: BufValidate.FieldRules.TypeOneof) -> StandardCheck.Step {
        let (number, name): (Int32, String) =
            switch type {
            case .float: (1, "float")
            case .double: (2, "double")
            case .int32: (3, "int32")
            case .int64: (4, "int64")
            case .uint32: (5, "uint32")
            case .uint64: (6, "uint64")
            case .sint32: (7, "sint32")
            case .sint64: (8, "sint64")
            case .fixed32: (9, "fixed32")
            case .fixed64: (10, "fixed64")
            case .sfixed32: (11, "sfixed32")
            case .sfixed64: (12, "sfixed64")
            case .bool: (13, "bool")
            case .string: (14, "string")
            case .bytes: (15, "bytes")
            case .enum: (16, "enum")
            case .repeated: (18, "repeated")
            case .map: (19, "map")
            case .any: (20, "any")
            case .duration: (21, "duration")
            case .timestamp: (22, "timestamp")
            case .fieldMask: (28, "field_mask")
            }
        return StandardCheck.Step(number: number, name: name, kind: "message")
    }
}

extension StandardRules {
    /// All rules of the value; an enum's numbers are `defined`.
    mutating func add(_ type: BufValidate.FieldRules.TypeOneof, defined: [Int32]) {
        switch type {
        case .float(let rules): addFloats(Bounds(rules), kind: "float", finite: rules.finite == true)
        case .double(let rules): addFloats(Bounds(rules), kind: "double", finite: rules.finite == true)
        case .int32(let rules): addIntegers(Bounds(rules), kind: "int32")
        case .int64(let rules): addIntegers(Bounds(rules), kind: "int64")
        case .uint32(let rules): addIntegers(Bounds(rules), kind: "uint32")
        case .uint64(let rules): addIntegers(Bounds(rules), kind: "uint64")
        case .sint32(let rules): addIntegers(Bounds(rules), kind: "sint32")
        case .sint64(let rules): addIntegers(Bounds(rules), kind: "sint64")
        case .fixed32(let rules): addIntegers(Bounds(rules), kind: "fixed32")
        case .fixed64(let rules): addIntegers(Bounds(rules), kind: "fixed64")
        case .sfixed32(let rules): addIntegers(Bounds(rules), kind: "sfixed32")
        case .sfixed64(let rules): addIntegers(Bounds(rules), kind: "sfixed64")
        case .bool(let rules): add(rules)
        case .string(let rules): add(rules)
        case .bytes(let rules): add(rules)
        case .enum(let rules): add(rules, defined: defined)
        case .repeated(let rules): add(rules)
        case .map(let rules): add(rules)
        case .any(let rules): add(rules)
        case .duration(let rules): add(rules)
        case .timestamp(let rules): add(rules)
        case .fieldMask(let rules): add(rules)
        }
    }
}

extension String {
    /// The text with each `mark` replaced.
    func replacing(_ mark: Character, with text: String) -> String {
        reduce(into: "") { $0 += $1 == mark ? text : String($1) }
    }
}
