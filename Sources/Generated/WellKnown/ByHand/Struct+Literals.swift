public import ProtoWire

// Values of JSON, written as Swift's own literals:
//
//     let settings: GoogleProtobuf.Struct = ["name": "weft", "limits": [1, 2.5, nil], "on": true]
//     settings["limits"]?.list?[0].number

extension GoogleProtobuf.Value {
    public init(_ number: Double) { self.init(kind: .numberValue(number)) }

    public init(_ text: String) { self.init(kind: .stringValue(text)) }

    public init(_ flag: Bool) { self.init(kind: .boolValue(flag)) }

    public init(_ values: [GoogleProtobuf.Value]) { self.init(kind: .listValue(GoogleProtobuf.ListValue(values))) }

    public init(_ fields: GoogleProtobuf.Struct) { self.init(kind: .structValue(fields)) }

    private init(kind: Kind) {
        self.init()
        self.kind = kind
    }

    /// The number, or nil if the value is something else.
    public var number: Double? {
        if case .numberValue(let number)? = kind { number } else { nil }
    }

    /// The text, or nil if the value is something else.
    public var text: String? {
        if case .stringValue(let text)? = kind { text } else { nil }
    }

    /// The truth value, or nil if the value is something else.
    public var flag: Bool? {
        if case .boolValue(let flag)? = kind { flag } else { nil }
    }

    /// The elements, or nil if the value is something else.
    public var list: [GoogleProtobuf.Value]? {
        if case .listValue(let list)? = kind { list.values } else { nil }
    }

    /// The fields, or nil if the value is something else.
    public var fields: GoogleProtobuf.Struct? {
        if case .structValue(let fields)? = kind { fields } else { nil }
    }

    /// Whether it is JSON's `null`. A value without a kind is none at all, and has no JSON.
    public var isNull: Bool {
        if case .nullValue? = kind { true } else { false }
    }
}

extension GoogleProtobuf.Value: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self.init(kind: .nullValue(.nullValue)) }

    public init(booleanLiteral value: Bool) { self.init(value) }

    public init(integerLiteral value: Int64) { self.init(Double(value)) }

    public init(floatLiteral value: Double) { self.init(value) }

    public init(stringLiteral value: String) { self.init(value) }

    public init(arrayLiteral elements: GoogleProtobuf.Value...) { self.init(elements) }

    public init(dictionaryLiteral elements: (String, GoogleProtobuf.Value)...) {
        self.init(GoogleProtobuf.Struct(ProtoMap(elements)))
    }
}

extension GoogleProtobuf.Struct: ExpressibleByDictionaryLiteral {
    public init(_ fields: ProtoMap<String, GoogleProtobuf.Value>) {
        self.init()
        self.fields = fields
    }

    public init(dictionaryLiteral elements: (String, GoogleProtobuf.Value)...) {
        self.init(ProtoMap(elements))
    }

    /// The value of a field; assigning nil removes the field, and `.some(nil)` is JSON's `null`.
    public subscript(key: String) -> GoogleProtobuf.Value? {
        get { fields[key] }
        set { fields[key] = newValue }
    }
}

extension GoogleProtobuf.ListValue: ExpressibleByArrayLiteral {
    public init(_ values: [GoogleProtobuf.Value]) {
        self.init()
        self.values = values
    }

    public init(arrayLiteral elements: GoogleProtobuf.Value...) { self.init(elements) }

    public subscript(index: Int) -> GoogleProtobuf.Value {
        get { values[index] }
        set { values[index] = newValue }
    }
}
