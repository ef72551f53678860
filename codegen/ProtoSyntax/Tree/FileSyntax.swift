/// A `.proto` file as its author wrote it, in order, with the place of every part. Nothing in it is resolved.
public struct FileSyntax: Sendable {
    public let source: SourceID
    public let path: String
    public var syntax: SyntaxStatement?
    public var items: [FileItem] = []
    /// From the first token to the end of the last.
    public var span: Span
    /// Some statement did not parse: what follows from its absence is no news.
    public var isDamaged = false

    /// Which rules the file asks for. A file without a `syntax` line is proto2.
    public var dialect: Dialect { syntax?.dialect ?? .proto2 }

    public var package: PackageStatement? {
        for case .package(let statement) in items { return statement }
        return nil
    }

    public var imports: [ImportStatement] {
        items.compactMap { item in
            if case .importFile(let statement) = item { return statement }
            return nil
        }
    }
}

public enum FileItem: Sendable {
    case package(PackageStatement)
    case importFile(ImportStatement)
    case option(OptionSyntax)
    case message(MessageSyntax)
    case enumeration(EnumSyntax)
    case service(ServiceSyntax)
    case extend(ExtendSyntax)
}

/// The numbers are those of `google.protobuf.Edition`.
public enum Dialect: Int32, Sendable, Comparable, CaseIterable {
    case legacy = 900
    case proto2 = 998
    case proto3 = 999
    case edition2023 = 1000
    case edition2024 = 1001
    case edition2026 = 1002
    /// What may become of editions; no compiler takes it unless it is told to.
    case unstable = 9999

    /// Whether the file says `edition = …`, and features rule instead of the syntax.
    public var hasFeatures: Bool { self >= .edition2023 }

    /// As a file names it: `"2024"`.
    public var text: String {
        switch self {
        case .legacy, .proto2: "proto2"
        case .proto3: "proto3"
        case .edition2023: "2023"
        case .edition2024: "2024"
        case .edition2026: "2026"
        case .unstable: "UNSTABLE"
        }
    }

    public static func < (left: Dialect, right: Dialect) -> Bool {
        left.rawValue < right.rawValue
    }
}

public struct SyntaxStatement: Sendable {
    public let dialect: Dialect
    /// `edition = …` and not `syntax = …`.
    public let isEdition: Bool
    /// What stands in quotes.
    public let nameSpan: Span
    public let span: Span
    public let comments: Comments
}

public struct PackageStatement: Sendable {
    public let name: String
    public let nameSpan: Span
    public let span: Span
    public let comments: Comments
}

public struct ImportStatement: Sendable {
    public enum Modifier: String, Sendable {
        /// Whoever imports this file sees the imported one as well.
        case reexported = "public"
        /// The file may be absent.
        case weak
        /// For options alone; the generated code does not link it (edition 2024).
        case optionOnly = "option"
    }

    public let modifier: Modifier?
    public let modifierSpan: Span?
    public let path: String
    public let pathSpan: Span
    public let span: Span
    public let comments: Comments
}

/// What stands around a declaration, by protoc's rules of attachment (descriptor.proto, `SourceCodeInfo.Location`).
public struct Comments: Sendable, Hashable {
    public var leading: String?
    public var trailing: String?
    public var detached: [String] = []

    public init() {}
}

/// A name at a place.
public struct Identifier: Sendable, Hashable {
    public let text: String
    public let span: Span

    public init(text: String, span: Span) {
        self.text = text
        self.span = span
    }
}
