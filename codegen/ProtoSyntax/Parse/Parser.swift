/// Reads the tokens of one file into a tree. It never gives up: a statement that does not parse is reported and skipped,
/// and the next one is read as if nothing had been.
public struct Parser {
    /// protoc reads 31 messages within each other and no more (`Reached maximum recursion limit for nested messages.`).
    static let deepestMessage = 31
    /// Readers of protobuf follow 100 messages within each other and no more: a deeper value of an option could not be read
    /// back. Names count as well: `(a).b.c = { … }` is three deep.
    static let deepestAggregate = 100
    /// A longer file is not a contract; protoc's own limit is that of an `int`, which protects nobody's memory.
    public static let largestFile = 16 << 20
    /// Bounds the tree: some 60 bytes a token.
    static let mostTokens = 2 << 20

    let id: SourceID
    let source: Source
    let tokens: [Token]
    var index = 0
    var report: Report
    var dialect = Dialect.proto2
    var messageDepth = 0
    var isDamaged = false
    /// The comments above the declaration that comes next, read when the one before it ended.
    var comingLeading: String?
    var comingDetached: [String] = []

    private init(_ id: SourceID, _ tokens: [Token], _ report: Report) {
        self.id = id
        self.tokens = tokens
        self.report = report
        source = report.source(id)
    }

    /// The tree of the source; what is wrong with it goes into the report.
    public static func parse(_ id: SourceID, _ report: inout Report) -> FileSyntax {
        let source = report.source(id)
        let nothing = Span(source: id, start: 0, end: 0)
        guard source.bytes.count <= largestFile else {
            report.error(
                .fileTooLarge, "the file has \(source.bytes.count) bytes; the limit is \(largestFile)", at: nothing)
            return FileSyntax(source: id, path: source.path, span: nothing, isDamaged: true)
        }
        let tokens = Lexer.tokens(of: id, &report)
        guard tokens.count <= mostTokens else {
            report.error(.tooManyTokens, "the file has more than \(mostTokens) words and marks", at: nothing)
            return FileSyntax(source: id, path: source.path, span: nothing, isDamaged: true)
        }
        var parser = Parser(id, tokens, report)
        report = Report()  // The parser holds the only copy while it writes.
        var file = parser.parseFile()
        file.isDamaged = parser.isDamaged
        report = parser.report
        return file
    }

    // MARK: - Tokens

    var current: Token { tokens[index] }
    var isAtEnd: Bool { current.kind == .end }

    func peek(_ distance: Int) -> Token {
        tokens[min(index + distance, tokens.count - 1)]
    }

    func isAt(_ text: String) -> Bool {
        let token = tokens[index]
        return token.text == text && token.kind != .string
    }

    mutating func advance() {
        if index + 1 < tokens.count { index += 1 }
    }

    mutating func take(_ text: String) -> Bool {
        guard isAt(text) else { return false }
        advance()
        return true
    }

    func span(of token: Token) -> Span {
        Span(source: id, start: token.start, end: token.end)
    }

    var here: Span { span(of: current) }

    /// From the token at `first` to the last one taken.
    func span(from first: Int) -> Span {
        let last = max(index - 1, first)
        return Span(source: id, start: tokens[first].start, end: tokens[last].end)
    }

    /// The blanks between the current token and the next: what goes with a word that is taken out.
    var gapBehind: Span { Span(source: id, start: current.end, end: peek(1).start) }

    var previousSpan: Span { index > 0 ? span(of: tokens[index - 1]) : here }

    /// Whether the current token stands on a later line than the one before it.
    var startsLine: Bool {
        index == 0 || source.line(at: tokens[index - 1].end) < source.line(at: current.start)
    }

    /// The current token as a message may name it.
    var found: String {
        switch current.kind {
        case .end: "the end of the file"
        case .string: "a string"
        default: "`\(current.text)`"
        }
    }

    // MARK: - Expectations

    /// Takes the mark, or says that it is missing.
    mutating func expect(_ text: String, _ context: String) -> Bool {
        if take(text) { return true }
        report.error(.expectedToken, "expected `\(text)` \(context), found \(found)", at: here)
        return false
    }

    mutating func identifier(_ what: String) -> Identifier? {
        guard current.kind == .identifier else {
            report.error(.expectedToken, "expected \(what), found \(found)", at: here)
            return nil
        }
        defer { advance() }
        return Identifier(text: current.text, span: here)
    }

    /// `a.b.C` or `.a.b.C`.
    mutating func typeName(_ what: String) -> Identifier? {
        let first = index
        var text = take(".") ? "." : ""
        guard let part = identifier(what) else { return nil }
        text += part.text
        while take(".") {
            guard let next = identifier("a name behind the point") else { return nil }
            text += "." + next.text
        }
        return Identifier(text: text, span: span(from: first))
    }

    /// One or more adjacent strings, which are one.
    mutating func string(_ what: String) -> (bytes: [UInt8], span: Span)? {
        guard current.kind == .string else {
            report.error(.expectedToken, "expected \(what), found \(found)", at: here)
            return nil
        }
        let first = index
        var bytes: [UInt8] = []
        while current.kind == .string {
            bytes += StringLiteral.value(of: current, in: id, &report)
            advance()
        }
        return (bytes, span(from: first))
    }

    /// A whole number up to `limit`; `nil` is reported.
    mutating func integer(_ what: String, atMost limit: UInt64) -> UInt64? {
        guard current.kind == .integer else {
            report.error(.expectedToken, "expected \(what), found \(found)", at: here)
            return nil
        }
        defer { advance() }
        // What the lexer has reported already is no number at all.
        if IntegerLiteral.isMalformed(current.text) { return nil }
        guard let value = IntegerLiteral.value(of: current.text), value <= limit else {
            report.error(
                .integerTooLarge, "`\(current.text)` is too large for \(what)", at: here,
                help: "the largest is \(limit)")
            return nil
        }
        return value
    }

    // MARK: - Ends of statements, where comments are read

    /// Takes `;` or a brace and attaches comments, as protoc does at these three marks and nowhere else.
    mutating func takeMark(_ mark: String, declares: Bool) -> Comments? {
        guard isAt(mark) else { return nil }
        let token = current
        advance()
        let read = CommentReader.read(source, between: token, and: current)
        return attach(read, mark: mark, declares: declares)
    }

    private mutating func attach(_ read: CommentReader.Result, mark: String, declares: Bool) -> Comments {
        var comments = Comments()
        comments.leading = comingLeading.flatMap { $0.isEmpty ? nil : $0 }
        comingLeading = read.leading
        if declares {
            comments.trailing = read.trailing.flatMap { $0.isEmpty ? nil : $0 }
            comments.detached = comingDetached
            comingDetached = read.detached
        } else if mark == "}" {
            comingDetached = read.detached
        } else {
            comingDetached += read.detached
        }
        return comments
    }

    /// The `;` at the end of a declaration. If it is missing at the end of a line, it is reported and thought to be there.
    mutating func endStatement(_ what: String) -> Comments? {
        if let comments = takeMark(";", declares: true) { return comments }
        report.error(
            .expectedToken, "expected `;` behind \(what), found \(found)", at: previousSpan.after, label: "here",
            fixes: isBehindOpenString ? [] : [.init("put `;` there", replacing: previousSpan.after, with: ";")])
        guard startsLine || isAt("}") || isAtEnd else { return nil }
        let read = CommentReader.read(source, between: tokens[max(index - 1, 0)], and: current)
        return attach(read, mark: ";", declares: true)
    }

    /// Behind a string that is not closed, a mark would be part of the string.
    private var isBehindOpenString: Bool {
        guard index > 0, tokens[index - 1].kind == .string else { return false }
        let token = tokens[index - 1]
        return token.end - token.start < 2 || source.bytes[token.end - 1] != source.bytes[token.start]
    }

    // MARK: - Bodies and recovery

    /// Reads statements up to the closing brace. `statement` returns false if it did not understand what it met.
    mutating func body(of what: String, opening: Span, _ statement: (inout Parser) -> Bool) {
        while takeMark("}", declares: false) == nil {
            if isAtEnd {
                isDamaged = true
                report.error(
                    .unexpectedEnd, "the file ends within \(what)", at: here,
                    notes: [.init("its body begins here", at: opening)], help: "close it with `}`")
                return
            }
            let first = index
            if !statement(&self) {
                isDamaged = true
                skipStatement(from: first)
            }
        }
    }

    /// Goes on to where the next statement seems to begin.
    ///
    /// It begins anew where the statement began, so that a value in braces is skipped as a whole, wherever in it the fault is.
    mutating func skipStatement(from first: Int) {
        let fault = index
        index = first
        if hasOpenBrace(before: fault) { index = fault }
        while !isAtEnd {
            if isAt("}") { return }
            if index > first, startsLine, isOpener { return }
            if takeMark(";", declares: false) != nil { return }
            if isAt("{") {
                skipBlock()
                _ = takeMark(";", declares: false)
                return
            }
            advance()
        }
    }

    /// Whether a brace opens before the fault and does not seem to close: then what follows is no part of the statement.
    /// Values have no use for `;`, so one of these behind the fault belongs to another statement.
    private func hasOpenBrace(before fault: Int) -> Bool {
        guard let opening = tokens[index..<fault].firstIndex(where: { $0.text == "{" }) else { return false }
        var depth = 0
        for (offset, token) in tokens[opening...].enumerated() {
            if token.text == "{" { depth += 1 }
            if token.text == "}" { depth -= 1 }
            if depth == 0 { return false }
            if token.text == ";", opening + offset > fault { return true }
        }
        return true
    }

    private mutating func skipBlock() {
        var depth = 0
        repeat {
            if isAt("{") { depth += 1 }
            if isAt("}") {
                depth -= 1
                if depth == 0 {
                    _ = takeMark("}", declares: false)
                    return
                }
            }
            advance()
        } while depth > 0 && !isAtEnd
    }

    /// Whether a statement seems to begin at the current token.
    private var isOpener: Bool {
        Parser.openers.contains(current.text) && (peek(1).kind != .symbol || isAt("map") && peek(1).text == "<")
    }

    /// Words that begin a statement: at the start of a line, recovery takes them for one.
    private static let openers: Set<String> = Set([
        "message", "enum", "service", "rpc", "oneof", "extend", "import", "package", "option", "reserved", "extensions",
        "repeated", "optional", "required", "map",
    ]).union(ScalarType.named.keys)
}

/// The value of a decimal, octal or hexadecimal number.
enum IntegerLiteral {
    static func isMalformed(_ text: String) -> Bool {
        if text.hasPrefix("0x") || text.hasPrefix("0X") { return text.count == 2 }
        return text.hasPrefix("0") && text.contains { $0 > "7" }
    }

    static func value(of text: String) -> UInt64? {
        if text.hasPrefix("0x") || text.hasPrefix("0X") { return UInt64(text.dropFirst(2), radix: 16) }
        if text.count > 1, text.hasPrefix("0") { return UInt64(text, radix: 8) }
        return UInt64(text)
    }
}
