// A wrapper is written as what it wraps: `request.limit = 20`, or `.init(count)` for a value.

extension GoogleProtobuf.DoubleValue: ExpressibleByFloatLiteral {
    public init(_ value: Double) {
        self.init()
        self.value = value
    }

    public init(floatLiteral value: Double) { self.init(value) }
}

extension GoogleProtobuf.FloatValue: ExpressibleByFloatLiteral {
    public init(_ value: Float) {
        self.init()
        self.value = value
    }

    public init(floatLiteral value: Float) { self.init(value) }
}

extension GoogleProtobuf.Int64Value: ExpressibleByIntegerLiteral {
    public init(_ value: Int64) {
        self.init()
        self.value = value
    }

    public init(integerLiteral value: Int64) { self.init(value) }
}

extension GoogleProtobuf.UInt64Value: ExpressibleByIntegerLiteral {
    public init(_ value: UInt64) {
        self.init()
        self.value = value
    }

    public init(integerLiteral value: UInt64) { self.init(value) }
}

extension GoogleProtobuf.Int32Value: ExpressibleByIntegerLiteral {
    public init(_ value: Int32) {
        self.init()
        self.value = value
    }

    public init(integerLiteral value: Int32) { self.init(value) }
}

extension GoogleProtobuf.UInt32Value: ExpressibleByIntegerLiteral {
    public init(_ value: UInt32) {
        self.init()
        self.value = value
    }

    public init(integerLiteral value: UInt32) { self.init(value) }
}

extension GoogleProtobuf.BoolValue: ExpressibleByBooleanLiteral {
    public init(_ value: Bool) {
        self.init()
        self.value = value
    }

    public init(booleanLiteral value: Bool) { self.init(value) }
}

extension GoogleProtobuf.StringValue: ExpressibleByStringLiteral {
    public init(_ value: String) {
        self.init()
        self.value = value
    }

    public init(stringLiteral value: String) { self.init(value) }
}

extension GoogleProtobuf.BytesValue: ExpressibleByArrayLiteral {
    public init(_ value: [UInt8]) {
        self.init()
        self.value = value
    }

    public init(arrayLiteral bytes: UInt8...) { self.init(bytes) }
}
