/// `message Name { … }`, or the message half of a group.
public struct MessageSyntax: Sendable {
    public let name: Identifier
    public var items: [MessageItem]
    public let visibility: Visibility?
    public var span: Span
    public let comments: Comments
}

public enum MessageItem: Sendable {
    case field(FieldSyntax)
    case oneof(OneofSyntax)
    case message(MessageSyntax)
    case enumeration(EnumSyntax)
    case extend(ExtendSyntax)
    case extensions(ExtensionsSyntax)
    case reserved(ReservedSyntax)
    case option(OptionSyntax)
}

/// `export` or `local` before a type (edition 2024); the numbers are those of `SymbolVisibility`.
public struct Visibility: Sendable {
    public enum Word: Int32, Sendable {
        case local = 1
        case export = 2
    }

    public let word: Word
    public let span: Span
}

public struct OneofSyntax: Sendable {
    public let name: Identifier
    public let items: [OneofItem]
    public let span: Span
    public let comments: Comments

    public var fields: [FieldSyntax] {
        items.compactMap { item in
            if case .field(let field) = item { return field }
            return nil
        }
    }
}

public enum OneofItem: Sendable {
    case field(FieldSyntax)
    case option(OptionSyntax)
}

public struct FieldSyntax: Sendable {
    public let label: FieldLabel?
    public let type: FieldType
    public let name: Identifier
    /// `nil` if the author left it out or it does not fit 32 bits; that is reported already.
    public let number: Int32?
    public let numberSpan: Span
    public let options: CompactOptions?
    /// The body of a group.
    public let group: MessageSyntax?
    public let span: Span
    public let comments: Comments
}

public struct FieldLabel: Sendable {
    /// The numbers are those of `FieldDescriptorProto.Label`.
    public enum Word: Int32, Sendable {
        case optional = 1
        case required = 2
        case repeated = 3

        public init?(_ text: String) {
            switch text {
            case "optional": self = .optional
            case "required": self = .required
            case "repeated": self = .repeated
            default: return nil
            }
        }

        public var text: String {
            switch self {
            case .optional: "optional"
            case .required: "required"
            case .repeated: "repeated"
            }
        }
    }

    public let word: Word
    public let span: Span
}

public enum FieldType: Sendable {
    case scalar(ScalarType, Span)
    case named(Identifier)
    case group(Span)
    indirect case map(key: FieldType, value: FieldType, Span)

    public var span: Span {
        switch self {
        case .scalar(_, let span), .group(let span), .map(_, _, let span): span
        case .named(let name): name.span
        }
    }
}

/// The types that need no declaration; the numbers are those of `FieldDescriptorProto.Type`.
public enum ScalarType: Int32, Sendable, CaseIterable {
    case double = 1
    case float = 2
    case int64 = 3
    case uint64 = 4
    case int32 = 5
    case fixed64 = 6
    case fixed32 = 7
    case bool = 8
    case string = 9
    case bytes = 12
    case uint32 = 13
    case sfixed32 = 15
    case sfixed64 = 16
    case sint32 = 17
    case sint64 = 18

    public static let named: [String: ScalarType] = Dictionary(
        uniqueKeysWithValues: ScalarType.allCases.map { (String(describing: $0), $0) })

    /// What the edition to come calls the whole numbers: a plain name is of fixed width, and names say how the others are
    /// written (protoc 36, `--experimental_editions`).
    static let unstable: [String: ScalarType] = [
        "int32": .sfixed32, "int64": .sfixed64, "uint32": .fixed32, "uint64": .fixed64, "varint32": .int32,
        "varint64": .int64, "uvarint32": .uint32, "uvarint64": .uint64, "zigzag32": .sint32, "zigzag64": .sint64,
    ]

    public var text: String { String(describing: self) }
}

/// `extend Some.Message { … }`.
public struct ExtendSyntax: Sendable {
    public let extendee: Identifier
    public let fields: [FieldSyntax]
    public let span: Span
    public let comments: Comments
}

/// `extensions 100 to 199, 500 to max [ … ];`
public struct ExtensionsSyntax: Sendable {
    public let ranges: [RangeSyntax]
    public let options: CompactOptions?
    public let span: Span
    public let comments: Comments
}

/// `reserved 2, 5 to 7;` or `reserved "name";`
public struct ReservedSyntax: Sendable {
    public let ranges: [RangeSyntax]
    public let names: [Identifier]
    public let span: Span
    public let comments: Comments
}

/// A stretch of numbers, both ends included, as written.
public struct RangeSyntax: Sendable {
    public let first: Int32
    public let firstSpan: Span
    /// `nil` for `max`.
    public let last: Int32?
    public let lastSpan: Span
    public let span: Span
}
