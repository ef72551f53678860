/// The type of an expression. Enums are `int`, as the specification has them for protobuf.
package indirect enum CELType: Equatable, Sendable {
    case null, bool, int, uint, double, string, bytes, duration, timestamp
    case list(CELType)
    case map(CELType, CELType)
    /// A message by its full name, without a dot in front.
    case message(String)
    /// A scalar that may be null: the wrappers of google/protobuf/wrappers.proto.
    case optional(CELType)
    /// An element of an empty list or map: it fits everything.
    case anything
    /// `google.protobuf.Any`, `Value` and such: what is in it is known at run time only.
    case dynamic(String)

    /// The type that an operator sees.
    package var present: CELType {
        if case .optional(let inner) = self { return inner }
        return self
    }
}

extension CELType: CustomStringConvertible {
    package var description: String {
        switch self {
        case .null: "null_type"
        case .bool: "bool"
        case .int: "int"
        case .uint: "uint"
        case .double: "double"
        case .string: "string"
        case .bytes: "bytes"
        case .duration: "google.protobuf.Duration"
        case .timestamp: "google.protobuf.Timestamp"
        case .list(let element): "list(\(element))"
        case .map(let key, let value): "map(\(key), \(value))"
        case .message(let name), .dynamic(let name): name
        case .optional(let inner): "wrapper(\(inner))"
        case .anything: "dyn"
        }
    }

    /// Whether a value of this type can stand where `other` is wanted.
    package func fits(_ other: CELType) -> Bool {
        switch (self, other) {
        case (.anything, _), (_, .anything): true
        case (.optional(let left), .optional(let right)): left.fits(right)
        case (.optional(let left), _): left.fits(other)
        case (.null, .optional), (.null, .message), (.null, .duration), (.null, .timestamp): true
        case (.list(let left), .list(let right)): left.fits(right)
        case (.map(let key, let value), .map(let otherKey, let otherValue)):
            key.fits(otherKey) && value.fits(otherValue)
        default: self == other
        }
    }
}

/// What expressions may name besides what the language has: variables, and the messages of the contracts.
package protocol CELEnvironment {
    func type(ofVariable name: String) -> CELType?
    /// The type of a message's field; nil if there is no such field.
    func type(ofField field: String, in message: String) -> CELType?
    func isMessage(_ name: String) -> Bool
    /// The number behind the full name of an enum's value.
    func number(ofEnumValue name: String) -> Int64?
}
