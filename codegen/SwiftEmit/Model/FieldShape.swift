import Descriptors

/// A value as the runtime reads and writes it: one row of the table of scalar types, or an enum.
struct Scalar {
    /// `Int32`, `[UInt8]`, `LearnCourseV1.Level`.
    let type: String
    /// The method of the reader and of the writer: `sint32`.
    let method: String
    /// Its `WireCoding`: `ProtoSInt32`.
    let coding: String
    let wireType: UInt32
    let initial: String
    let test: Test
    /// An enum that refuses the numbers that it does not name.
    var isClosed = false

    /// How a field of this type is asked whether it is not the default.
    enum Test {
        case notZero, hasBits, isTrue, notEmpty, rawNotZero
    }

    /// Strings and bytes are never packed.
    var isPackable: Bool { wireType != 2 }
    /// The reader's method is generic, so where nothing else says the type the call must.
    var isEnum: Bool { test == .rawNotZero }
}

/// What a field is in Swift, and so how it is declared, read and written.
enum FieldShape {
    case implicit(Scalar)
    case explicit(Scalar)
    case repeated(Scalar, packed: Bool)
    case message(String, boxed: Bool)
    case messages(String)
    case group(String, boxed: Bool)
    case groups(String)
    case map(key: Coded, value: Coded)

    /// One side of a map.
    struct Coded {
        let type: String
        let coding: String
        /// The type of a closed enum: an entry whose value it does not name is kept whole, as an unknown field.
        var isClosed = false
    }
}

extension Scalar {
    /// The row of a type of the contract; nothing for enums, messages and groups.
    init?(_ kind: FieldDescriptorProto.Kind, _ words: Vocabulary) {
        func number(_ type: String, _ coding: String, wire: UInt32 = 0, test: Test = .notZero) -> Scalar {
            Scalar(
                type: words.swift(type), method: coding.lowercased(), coding: words.wire("Proto" + coding),
                wireType: wire, initial: "0", test: test)
        }
        switch kind {
        case .int32: self = number("Int32", "Int32")
        case .int64: self = number("Int64", "Int64")
        case .uint32: self = number("UInt32", "UInt32")
        case .uint64: self = number("UInt64", "UInt64")
        case .sint32: self = number("Int32", "SInt32")
        case .sint64: self = number("Int64", "SInt64")
        case .fixed32: self = number("UInt32", "Fixed32", wire: 5)
        case .fixed64: self = number("UInt64", "Fixed64", wire: 1)
        case .sfixed32: self = number("Int32", "SFixed32", wire: 5)
        case .sfixed64: self = number("Int64", "SFixed64", wire: 1)
        case .float: self = number("Float", "Float", wire: 5, test: .hasBits)
        case .double: self = number("Double", "Double", wire: 1, test: .hasBits)
        case .bool:
            self.init(
                type: words.swift("Bool"), method: "bool", coding: words.wire("ProtoBool"), wireType: 0,
                initial: "false",
                test: .isTrue)
        case .string:
            self.init(
                type: words.swift("String"), method: "string", coding: words.wire("ProtoString"), wireType: 2,
                initial: "\"\"", test: .notEmpty)
        case .bytes:
            self.init(
                type: "[\(words.swift("UInt8"))]", method: "bytes", coding: words.wire("ProtoBytes"), wireType: 2,
                initial: "[]", test: .notEmpty)
        default: return nil
        }
    }

    /// An enum, whose default is its first value.
    init(enumeration type: String, first: String?, isClosed: Bool, _ words: Vocabulary) {
        self.init(
            type: type, method: "enumeration", coding: words.wire("ProtoEnumOf") + "<\(type)>", wireType: 0,
            initial: first.map { "." + $0 } ?? "\(type)()", test: .rawNotZero, isClosed: isClosed)
    }
}

/// Words of the standard library and of the runtime, qualified where a type of the contract has taken them.
struct Vocabulary {
    let taken: Set<String>

    func swift(_ name: String) -> String { word(name, of: "Swift") }
    func wire(_ name: String) -> String { word(name, of: "ProtoWire") }
    func rpc(_ name: String) -> String { word(name, of: "RPC") }

    private func word(_ name: String, of module: String) -> String {
        taken.contains(name) ? "\(module).\(name)" : name
    }
}
