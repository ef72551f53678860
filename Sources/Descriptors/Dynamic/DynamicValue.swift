/// A field's value without generated code.
public enum DynamicValue: Sendable, Equatable {
    case bool(Bool)
    /// Every signed integer type.
    case integer(Int64)
    /// Every unsigned integer type.
    case unsigned(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
    /// An enum's number, and its name if the enum has one for it.
    case enumeration(Int32, name: String?)
    case message(DynamicMessage)
    case list([DynamicValue])
    /// In the order of the wire.
    case map([Entry])

    /// An entry of a map.
    public struct Entry: Sendable, Equatable {
        public let key: DynamicValue
        public let value: DynamicValue
    }

    public var string: String? {
        if case .string(let value) = self { return value }
        return nil
    }

    public var message: DynamicMessage? {
        if case .message(let value) = self { return value }
        return nil
    }

    public var list: [DynamicValue]? {
        if case .list(let values) = self { return values }
        return nil
    }

    public var bool: Bool? {
        if case .bool(let value) = self { return value }
        return nil
    }

    /// Any integer that fits, an enum's number too.
    public var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .unsigned(let value): Int64(exactly: value)
        case .enumeration(let number, _): Int64(number)
        default: nil
        }
    }

    /// The value as text, for logs, hash keys and path templates; nil for messages, lists and maps.
    public var text: String? {
        switch self {
        case .bool(let value): String(value)
        case .integer(let value): String(value)
        case .unsigned(let value): String(value)
        case .double(let value): value.description
        case .string(let value): value
        case .bytes(let value): value.map { String($0, radix: 16) }.joined()
        case .enumeration(let number, let name): name ?? String(number)
        case .message, .list, .map: nil
        }
    }
}
