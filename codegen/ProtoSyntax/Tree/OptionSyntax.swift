/// `name = value`, in a statement or between brackets; `default` and `json_name` of a field look the same and are here.
public struct OptionSyntax: Sendable {
    public let name: [OptionNamePart]
    public let value: OptionValue
    public let valueSpan: Span
    public let span: Span
    public let comments: Comments

    public var nameSpan: Span {
        guard let first = name.first, let last = name.last else { return span }
        return Span(from: first.span, to: last.span)
    }

    /// As the author would write it.
    public var nameText: String {
        name.map { $0.isExtension ? "(\($0.text))" : $0.text }.joined(separator: ".")
    }

    /// The name if it is a single word that is no extension: `deprecated`, `default`.
    public var plainName: String? {
        guard name.count == 1, let part = name.first, !part.isExtension else { return nil }
        return part.text
    }
}

public struct OptionNamePart: Sendable {
    public let text: String
    public let isExtension: Bool
    public let span: Span
}

/// The `[ … ]` behind a field, a value or a range.
public struct CompactOptions: Sendable {
    public let options: [OptionSyntax]
    /// With the brackets.
    public let span: Span
}

public enum OptionValue: Sendable {
    case identifier(String, isNegative: Bool)
    case integer(UInt64, isNegative: Bool)
    /// The spelling is kept: a whole number that is too long for 64 bits is still a good `double`.
    case float(String, isNegative: Bool)
    case string([UInt8])
    indirect case message(AggregateSyntax)
    /// Only within an aggregate: `[1, 2]`.
    indirect case list([AggregateValue])

    /// What the value is, for messages: "a string".
    public var kind: String {
        switch self {
        case .identifier: "a name"
        case .integer: "a whole number"
        case .float: "a number"
        case .string: "a string"
        case .message: "a message"
        case .list: "a list"
        }
    }
}

/// The text-format message between the braces of an option's value.
public struct AggregateSyntax: Sendable {
    public let fields: [AggregateField]
    public let span: Span
}

public struct AggregateField: Sendable {
    public enum Name: Sendable {
        case field(Identifier)
        /// `[package.extension]`
        case extensionField(Identifier)
        /// `[type.googleapis.com/package.Message]`: the content of an `Any`, spelled out.
        case typeURL(domain: String, Identifier)
    }

    public let name: Name
    /// A colon stands before the value: only messages, and lists of them, may go without.
    public let hasColon: Bool
    public let value: AggregateValue
}

public struct AggregateValue: Sendable {
    public let value: OptionValue
    public let span: Span

    public init(value: OptionValue, span: Span) {
        self.value = value
        self.span = span
    }
}
