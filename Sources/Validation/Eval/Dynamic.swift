public import ProtoWire
public import WellKnown

extension Eval {
    /// A value whose type is known at run time only: what `dyn` holds, and what `format` takes.
    public indirect enum Dynamic: Sendable {
        case null
        case bool(Bool)
        case int(Int64)
        case uint(UInt64)
        case double(Double)
        case string(String)
        case bytes([UInt8])
        case duration(GoogleProtobuf.Duration)
        case timestamp(GoogleProtobuf.Timestamp)
        case list([Dynamic])
        case map([(key: Dynamic, value: Dynamic)])
        /// A type by its name, as `type(x)` has it.
        case type(String)

        public init(_ value: Bool) { self = .bool(value) }
        public init(_ value: Int64) { self = .int(value) }
        public init(_ value: Int32) { self = .int(Int64(value)) }
        public init(_ value: UInt64) { self = .uint(value) }
        public init(_ value: UInt32) { self = .uint(UInt64(value)) }
        public init(_ value: Double) { self = .double(value) }
        public init(_ value: Float) { self = .double(Double(value)) }
        public init(_ value: String) { self = .string(value) }
        public init(_ value: [UInt8]) { self = .bytes(value) }
        public init(_ value: GoogleProtobuf.Duration) { self = .duration(value) }
        public init(_ value: GoogleProtobuf.Timestamp) { self = .timestamp(value) }
        public init(_ value: some ProtoEnum) { self = .int(Int64(value.rawValue)) }
        public init(_ value: Dynamic) { self = value }
        public init(_ values: [Dynamic]) { self = .list(values) }

        public static func list<Element>(_ values: [Element], _ wrap: (Element) -> Dynamic) -> Dynamic {
            .list(values.map(wrap))
        }

        public static func map<Key, Value>(
            _ map: ProtoMap<Key, Value>, _ key: (Key) -> Dynamic, _ value: (Value) -> Dynamic
        ) -> Dynamic {
            .map(map.entries.map { (key($0.key), value($0.value)) })
        }

        /// The name of the value's type.
        public var typeName: String {
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
            case .list: "list"
            case .map: "map"
            case .type: "type"
            }
        }

        fileprivate var number: Number? {
            switch self {
            case .int(let value): .int(value)
            case .uint(let value): .uint(value)
            case .double(let value): .double(value)
            default: nil
            }
        }
    }

    /// Values of different types are not equal; numbers of different kinds are, by value.
    public static func equal(_ left: Dynamic, _ right: Dynamic) -> Bool {
        if let left = left.number, let right = right.number { return left.order(to: right) == 0 }
        switch (left, right) {
        case (.null, .null): return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.string(let left), .string(let right)): return equal(left, right)
        case (.type(let left), .type(let right)): return left == right
        case (.bytes(let left), .bytes(let right)): return left == right
        case (.duration(let left), .duration(let right)): return equal(left, right)
        case (.timestamp(let left), .timestamp(let right)): return equal(left, right)
        case (.list(let left), .list(let right)): return left.elementsEqual(right) { equal($0, $1) }
        case (.map(let left), .map(let right)):
            return left.count == right.count
                && left.allSatisfy { entry in
                    right.contains { equal(entry.key, $0.key) && equal(entry.value, $0.value) }
                }
        default: return false
        }
    }

    public static func less(_ left: Dynamic, _ right: Dynamic) throws(EvalError) -> Bool {
        if let left = left.number, let right = right.number { return left.order(to: right) == -1 }
        switch (left, right) {
        case (.bool(let left), .bool(let right)): return less(left, right)
        case (.string(let left), .string(let right)): return less(left, right)
        case (.bytes(let left), .bytes(let right)): return less(left, right)
        case (.duration(let left), .duration(let right)): return less(left, right)
        case (.timestamp(let left), .timestamp(let right)): return less(left, right)
        default: throw .noSuchOverload("\(left.typeName) < \(right.typeName)")
        }
    }

    public static func lessOrEqual(_ left: Dynamic, _ right: Dynamic) throws(EvalError) -> Bool {
        if let left = left.number, let right = right.number { return left.order(to: right).map { $0 <= 0 } ?? false }
        return try !less(right, left)
    }

    public static func isIn(_ value: Dynamic, _ list: [Dynamic]) -> Bool {
        list.contains { equal(value, $0) }
    }
}
