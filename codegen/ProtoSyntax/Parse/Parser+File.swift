extension Parser {
    mutating func parseFile() -> FileSyntax {
        let read = CommentReader.read(source, between: nil, and: current)
        comingLeading = read.leading
        comingDetached = read.detached
        var file = FileSyntax(source: id, path: source.path, span: here)
        if isAt("syntax") || isAt("edition") {
            file.syntax = syntaxStatement()
            dialect = file.dialect
        } else {
            report.warning(
                .missingSyntax, "the file does not say which syntax it is in; it is read as proto2", at: here,
                help: "begin it with `syntax = \"proto3\";`")
        }
        while !isAtEnd {
            let first = index
            if !fileStatement(&file) {
                isDamaged = true
                skipStatement(from: first)
                skipUnmatchedBraces()
            }
        }
        file.span = Span(source: id, start: tokens[0].start, end: previousSpan.end)
        return file
    }

    private mutating func skipUnmatchedBraces() {
        while isAt("}") {
            report.error(.unmatchedBrace, "`}` closes nothing", at: here)
            _ = takeMark("}", declares: false)
        }
    }

    private mutating func syntaxStatement() -> SyntaxStatement? {
        let first = index
        let isEdition = isAt("edition")
        let word = current.text
        advance()
        guard expect("=", "behind `\(word)`"), let (bytes, place) = string("the \(word) in quotes") else {
            skipStatement(from: first)
            return nil
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let comments = endStatement("the \(word)") ?? Comments()
        let known: [String: Dialect] =
            isEdition
            ? ["2023": .edition2023, "2024": .edition2024, "2026": .edition2026, "UNSTABLE": .unstable]
            : ["proto2": .proto2, "proto3": .proto3]
        if known[text] == nil {
            let names = known.keys.filter { $0 != "UNSTABLE" }.sorted().map { "\"\($0)\"" }
            report.error(
                .unknownSyntax, "unknown \(word) \"\(text)\"", at: place,
                help: "known are \(names.dropLast().joined(separator: ", ")) and \(names.last ?? "")")
        }
        let dialect = known[text] ?? (isEdition ? .edition2024 : .proto3)
        return SyntaxStatement(
            dialect: dialect, isEdition: isEdition, nameSpan: place, span: span(from: first), comments: comments)
    }

    /// One statement of the file; false if it was not understood.
    private mutating func fileStatement(_ file: inout FileSyntax) -> Bool {
        if takeMark(";", declares: false) != nil { return true }
        let item: FileItem?
        switch current.kind == .identifier ? meantKeyword : "" {
        case "export", "local":
            item = typeDeclaration().map { $0.fileItem }
        case let word where word == "message" || word == "enum":
            item = typeDeclaration(meaning: word).map { $0.fileItem }
        case "service":
            item = service().map { .service($0) }
        case "extend":
            item = extend().map { .extend($0) }
        case "import":
            item = importStatement().map { .importFile($0) }
        case "package":
            item = packageStatement(file).map { .package($0) }
        case "option":
            item = optionStatement().map { .option($0) }
        case "syntax", "edition":
            report.error(
                .misplacedSyntax,
                file.syntax == nil
                    ? "`\(current.text)` must be the first statement of the file"
                    : "`\(current.text)` may stand only once, at the beginning", at: here)
            return false
        default:
            item = nil
            if !isAt("}") {  // A brace too many is reported where it is skipped.
                report.error(
                    .expectedDeclaration, "expected a declaration, found \(found)", at: here,
                    help: "a file holds messages, enums, services, extends and options")
            }
        }
        guard let item else { return false }
        file.items.append(item)
        return true
    }

    /// The word that begins the statement, or, if that is none but nearly one, the one that was meant; which is reported.
    private var meantKeyword: String {
        mutating get {
            let words = ["message", "enum", "service", "extend", "import", "package", "option"]
            let isKeyword =
                words.contains(current.text) || ["export", "local", "syntax", "edition"].contains(current.text)
            guard !isKeyword, peek(1).kind != .symbol, let meant = nearest(to: current.text, among: words)
            else { return current.text }
            report.error(
                .expectedDeclaration, "expected a declaration, found \(found)", at: here,
                help: "did you mean `\(meant)`?", fixes: [.init("write `\(meant)`", replacing: here, with: meant)])
            return meant
        }
    }

    enum TypeDeclaration {
        case message(MessageSyntax)
        case enumeration(EnumSyntax)

        var fileItem: FileItem {
            switch self {
            case .message(let message): .message(message)
            case .enumeration(let enumeration): .enumeration(enumeration)
            }
        }

        var messageItem: MessageItem {
            switch self {
            case .message(let message): .message(message)
            case .enumeration(let enumeration): .enumeration(enumeration)
            }
        }
    }

    /// `message` or `enum`, with `export` or `local` before it where the edition has them. `keyword` is what a mistyped one
    /// was meant to be.
    mutating func typeDeclaration(meaning keyword: String? = nil) -> TypeDeclaration? {
        var visibility: Visibility?
        if isAt("export") || isAt("local") {
            visibility = Visibility(word: isAt("export") ? .export : .local, span: here)
            if dialect < .edition2024 {
                report.error(
                    .notInEdition, "`\(current.text)` is a word of edition 2024", at: here,
                    help: "leave it out, or begin the file with `edition = \"2024\";`",
                    fixes: [.init("leave it out", replacing: Span(from: here, to: gapBehind), with: "")])
            }
            advance()
        }
        let first = index
        switch keyword ?? current.text {
        case "message" where current.kind == .identifier:
            return message(from: first, visibility).map { .message($0) }
        case "enum" where current.kind == .identifier:
            return enumeration(from: first, visibility).map { .enumeration($0) }
        default:
            break
        }
        report.error(.expectedToken, "expected `message` or `enum`, found \(found)", at: here)
        return nil
    }

    private mutating func packageStatement(_ file: FileSyntax) -> PackageStatement? {
        let first = index
        advance()
        if isAt(".") {
            report.error(
                .expectedToken, "the name of a package does not begin with a point", at: here,
                fixes: [.init("take it out", replacing: here, with: "")])
        }
        guard let name = typeName("the name of the package") else { return nil }
        guard let comments = endStatement("the package") else { return nil }
        if let earlier = file.package {
            report.error(
                .repeatedPackage, "the package is named twice", at: span(from: first),
                notes: [.init("it is `\(earlier.name)` here", at: earlier.span)])
        }
        return PackageStatement(name: name.text, nameSpan: name.span, span: span(from: first), comments: comments)
    }

    private mutating func importStatement() -> ImportStatement? {
        let first = index
        advance()
        var modifier: ImportStatement.Modifier?
        var modifierSpan: Span?
        if current.kind == .identifier {
            modifier = ImportStatement.Modifier(rawValue: current.text)
            if modifier == nil {
                report.error(
                    .expectedToken, "expected a path in quotes, found \(found)", at: here,
                    help: "between `import` and the path only `public` and `weak` may stand")
                return nil
            }
            if modifier == .optionOnly, dialect < .edition2024 {
                report.error(
                    .notInEdition, "`import option` is of edition 2024", at: here,
                    help: "leave `option` out, or begin the file with `edition = \"2024\";`",
                    fixes: [.init("leave it out", replacing: Span(from: here, to: gapBehind), with: "")])
            }
            if modifier == .weak, dialect >= .edition2024 {
                report.error(
                    .notInEdition, "`import weak` is not in edition 2024", at: here,
                    help: "if the file is needed for options alone, write `import option`",
                    fixes: [.init("write `option`", replacing: here, with: "option")])
            }
            modifierSpan = here
            advance()
        }
        guard let path = string("the path of the imported file in quotes"), let comments = endStatement("the import")
        else { return nil }
        return ImportStatement(
            modifier: modifier, modifierSpan: modifierSpan, path: String(decoding: path.bytes, as: UTF8.self),
            pathSpan: path.span, span: span(from: first), comments: comments)
    }
}
