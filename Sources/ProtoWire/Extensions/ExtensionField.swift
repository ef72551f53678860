/// A singular field that a contract adds to another one's message (`extend`): a typed key to its bytes.
public struct ExtensionField<Owner: ExtensibleMessage, Value: Sendable & Equatable>: Sendable {
    /// As in the contract: `google.api.http`.
    public let fullName: String
    public let number: UInt32
    /// What an absent field means.
    public let defaultValue: Value
    let coding: ExtensionCoding<Value>

    public init<Coding: ScalarCoding>(
        _ fullName: String, _ number: UInt32, _: Coding.Type, default fallback: Value? = nil
    ) where Coding.Value == Value {
        self.init(fullName, number, fallback ?? Coding.initial, .scalar(Coding.self))
    }

    /// A number that the enum does not name is no value: the field is absent, and its bytes stay.
    public init(_ fullName: String, _ number: UInt32, closed: Value.Type, default fallback: Value? = nil)
    where Value: ClosedProtoEnum {
        self.init(fullName, number, fallback ?? Value(), .closedEnum())
    }

    public init(_ fullName: String, _ number: UInt32, message: Value.Type) where Value: Message {
        self.init(fullName, number, Value(), .message())
    }

    public init(_ fullName: String, _ number: UInt32, group: Value.Type) where Value: Message {
        self.init(fullName, number, Value(), .group())
    }

    private init(_ fullName: String, _ number: UInt32, _ fallback: Value, _ coding: ExtensionCoding<Value>) {
        self.fullName = fullName
        self.number = number
        defaultValue = fallback
        self.coding = coding
    }

    /// The value in fields that their message does not know: the last one, or all of a message's merged.
    public func value(in fields: UnknownFields, isMessageSet: Bool = false) throws(DecodeError) -> Value? {
        var value: Value?
        try fields.visit(number, isMessageSet) { (tag, reader) throws(DecodeError) in
            try coding.read(&value, tag, &reader)
        }
        return value
    }
}

/// A repeated field that a contract adds to another one's message.
public struct RepeatedExtensionField<Owner: ExtensibleMessage, Element: Sendable & Equatable>: Sendable {
    /// As in the contract: `acme.tags`.
    public let fullName: String
    public let number: UInt32
    let coding: ExtensionCoding<[Element]>

    /// Readers take numbers packed or not, whatever the contract says.
    public init<Coding: ScalarCoding>(_ fullName: String, _ number: UInt32, _: Coding.Type, packed: Bool = false)
    where Coding.Value == Element {
        self.init(fullName, number, .scalars(Coding.self, isPacked: packed))
    }

    public init(_ fullName: String, _ number: UInt32, closed: Element.Type, packed: Bool = false)
    where Element: ClosedProtoEnum {
        self.init(fullName, number, .closedEnums(isPacked: packed))
    }

    public init(_ fullName: String, _ number: UInt32, message: Element.Type) where Element: Message {
        self.init(fullName, number, .messages())
    }

    public init(_ fullName: String, _ number: UInt32, group: Element.Type) where Element: Message {
        self.init(fullName, number, .groups())
    }

    private init(_ fullName: String, _ number: UInt32, _ coding: ExtensionCoding<[Element]>) {
        self.fullName = fullName
        self.number = number
        self.coding = coding
    }

    /// The values in fields that their message does not know, in the order of arrival.
    public func values(in fields: UnknownFields, isMessageSet: Bool = false) throws(DecodeError) -> [Element] {
        var values: [Element]?
        try fields.visit(number, isMessageSet) { (tag, reader) throws(DecodeError) in
            try coding.read(&values, tag, &reader)
        }
        return values ?? []
    }
}
