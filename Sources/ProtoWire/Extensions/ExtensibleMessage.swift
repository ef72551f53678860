/// A message whose contract leaves numbers to other contracts (`extensions 100 to 199;`).
///
/// Extensions need no registry: their fields stay in the unknown fields, in the bytes and the order that they came in, and
/// a field that some contract declares with `extend` is a typed key to them. Who does not know an extension passes it on
/// unharmed. Each access reads those bytes, so a value that is needed often is best read once.
///
///     options[GoogleApi.http]?.get
///     options[Acme.audited] = true
public protocol ExtensibleMessage: Message {
    /// Whether extensions are written as `MessageSet` has them (`message_set_wire_format`).
    static var isMessageSet: Bool { get }
}

extension ExtensibleMessage {
    public static var isMessageSet: Bool { false }

    /// The extension's value; nil if it is absent or if its bytes are not what its contract says. Assigning nil removes it.
    public subscript<Value>(field: ExtensionField<Self, Value>) -> Value? {
        get { (try? value(of: field)) ?? nil }
        set {
            guard let newValue else { return clear(field) }
            put(field.coding.encoded(newValue, field.number, Self.isMessageSet), as: field.number)
        }
    }

    /// The extension's values; none if it is absent or if its bytes are not what its contract says.
    public subscript<Element>(field: RepeatedExtensionField<Self, Element>) -> [Element] {
        get { (try? values(of: field)) ?? [] }
        set {
            guard !newValue.isEmpty else { return clear(field) }
            put(field.coding.encoded(newValue, field.number, Self.isMessageSet), as: field.number)
        }
    }

    /// The extension's value, or nil if it is absent. Bytes that are not what its contract says are an error.
    public func value<Value>(of field: ExtensionField<Self, Value>) throws(DecodeError) -> Value? {
        try field.value(in: unknownFields, isMessageSet: Self.isMessageSet)
    }

    /// The extension's values. Bytes that are not what its contract says are an error.
    public func values<Element>(of field: RepeatedExtensionField<Self, Element>) throws(DecodeError) -> [Element] {
        try field.values(in: unknownFields, isMessageSet: Self.isMessageSet)
    }

    /// The extension's value, or what its contract says that an absent one means.
    public func valueOrDefault<Value>(of field: ExtensionField<Self, Value>) -> Value {
        self[field] ?? field.defaultValue
    }

    public func has<Value>(_ field: ExtensionField<Self, Value>) -> Bool {
        self[field] != nil
    }

    public mutating func clear<Value>(_ field: ExtensionField<Self, Value>) {
        put([], as: field.number)
    }

    public mutating func clear<Element>(_ field: RepeatedExtensionField<Self, Element>) {
        put([], as: field.number)
    }

    private mutating func put(_ bytes: [UInt8], as number: UInt32) {
        unknownFields.set(number, bytes, isMessageSet: Self.isMessageSet)
    }
}
