public struct EnumSyntax: Sendable {
    public let name: Identifier
    public let items: [EnumItem]
    public let visibility: Visibility?
    public let span: Span
    public let comments: Comments

    public var values: [EnumValueSyntax] {
        items.compactMap { item in
            if case .value(let value) = item { return value }
            return nil
        }
    }
}

public enum EnumItem: Sendable {
    case value(EnumValueSyntax)
    case reserved(ReservedSyntax)
    case option(OptionSyntax)
}

public struct EnumValueSyntax: Sendable {
    public let name: Identifier
    public let number: Int32?
    public let numberSpan: Span
    public let options: CompactOptions?
    public let span: Span
    public let comments: Comments
}
