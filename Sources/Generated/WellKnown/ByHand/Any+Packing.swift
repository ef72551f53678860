public import ProtoWire

/// A message of any type, with the type's name before it.
///
///     var detail = GoogleProtobuf.AnyMessage(packing: quota)
///     if let quota = try detail.unpack(as: QuotaFailure.self) { ... }
extension GoogleProtobuf.AnyMessage {
    /// What most implementations put before the type's name; readers take what stands behind the last slash.
    public static let typePrefix = "type.googleapis.com/"

    /// The message's bytes are deterministic, so equal messages pack into equal ones.
    public init(packing message: some Message) {
        self.init()
        typeUrl = Self.typePrefix + type(of: message).descriptor.fullName
        value = message.encoded(deterministic: true)
    }

    /// The full name of the packed type, `google.rpc.QuotaFailure`; empty if nothing is packed.
    public var typeName: String {
        typeUrl.lastIndex(of: "/").map { String(typeUrl[typeUrl.index(after: $0)...]) } ?? typeUrl
    }

    public func isPacking<Value: Message>(_: Value.Type) -> Bool {
        typeName == Value.descriptor.fullName
    }

    /// The packed message, or nil if it is of another type. Bytes that are not of their type are an error.
    public func unpack<Value: Message>(as: Value.Type = Value.self) throws(DecodeError) -> Value? {
        guard isPacking(Value.self) else { return nil }
        return try Value(decoding: value)
    }

    /// The packed message, if the registry has its type. Bytes that are not of their type are an error.
    public func unpack(by registry: TypeRegistry) throws(DecodeError) -> (any Message)? {
        guard let type = registry[typeName] else { return nil }
        return try type.init(decoding: value)
    }
}

/// The message types that a program knows by name, to unpack what it did not expect.
public struct TypeRegistry: Sendable {
    private var types: [String: any Message.Type] = [:]

    public init(_ types: [any Message.Type] = []) {
        for type in types { add(type) }
    }

    /// Adds a type; a later one of the same name takes its place.
    public mutating func add(_ type: any Message.Type) {
        types[type.descriptor.fullName] = type
    }

    /// The type of this full name: `google.rpc.QuotaFailure`.
    public subscript(fullName: String) -> (any Message.Type)? { types[fullName] }
}
