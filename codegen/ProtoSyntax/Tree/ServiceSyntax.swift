public struct ServiceSyntax: Sendable {
    public let name: Identifier
    public let items: [ServiceItem]
    public let span: Span
    public let comments: Comments
}

public enum ServiceItem: Sendable {
    case method(MethodSyntax)
    case option(OptionSyntax)
}

public struct MethodSyntax: Sendable {
    public let name: Identifier
    public let input: MethodType
    public let output: MethodType
    /// `nil` if the rpc ends in `;` and has no body.
    public let options: [OptionSyntax]?
    public let span: Span
    public let comments: Comments
}

/// `stream some.Message` or `some.Message`, between the parentheses of an rpc.
public struct MethodType: Sendable {
    public let streamSpan: Span?
    public let name: Identifier

    public var isStreaming: Bool { streamSpan != nil }
}
