import ProtoSyntax

/// Groups the tokens of a file that parses into statements and values.
///
/// It needs no grammar of its own: `{` behind `=` or `:` opens a value and any other a body, `[` opens options in a
/// statement and a list in a value. How deep both may nest is bounded by the parser, which has read the file before.
struct OutlineReader {
    private let lexemes: [Lexeme]
    private var index = 0
    /// Comments around a `;` that declares nothing, and so is left out: they go to what comes next.
    private var orphans: [Comment] = []
    private var orphansStartApart = false

    init(_ lexemes: [Lexeme]) {
        self.lexemes = lexemes
    }

    mutating func read() -> Body {
        var body = self.body(closing: nil)
        body.aboveClosing = takeAbove().comments
        return body
    }

    // MARK: - Tokens

    private var current: Lexeme { lexemes[index] }
    private var isAtEnd: Bool { current.kind == .end }
    /// Comments of the current token that an earlier one has taken already.
    private var taken = 0

    private var remaining: ArraySlice<Comment> { current.comments.dropFirst(taken) }

    private mutating func advance() {
        index = min(index + 1, lexemes.count - 1)
        taken = 0
    }

    /// The current token without the comments that others have.
    private mutating func takeWord() -> Lexeme {
        var lexeme = current
        lexeme.comments = Array(remaining)
        advance()
        return lexeme
    }

    /// The comments above the current token, with those that lost their own; whether a blank line stands above them, and
    /// whether one stands below.
    private mutating func takeAbove() -> (comments: [Comment], isApart: Bool, partsComments: Bool) {
        let isApart = orphans.isEmpty ? remaining.first?.isApart ?? current.isApart : orphansStartApart
        let comments = orphans + remaining
        orphans = []
        taken = current.comments.count
        return (comments, isApart, current.isApart)
    }

    /// The comments on the line on which the token before ended. One that shares its line with the next token as well
    /// belongs to the earlier, unless that opens or the next closes a body: then it has a line of its own. Of several the last
    /// leads the next.
    private mutating func takeBehind(opening: Bool = false, inOptions: Bool = false) -> [Comment] {
        var comments: [Comment] = []
        while let next = remaining.first, next.newlines == 0 {
            let sharesLine = remaining.count == 1 && current.newlines == 0 && !next.isLine && !isAtEnd
            let closes = current.is("}") || current.is("]") || current.is(">")
            let endsOptions = inOptions && current.is("]")
            if sharesLine, !endsOptions, opening || closes || !comments.isEmpty { break }
            comments.append(next)
            taken += 1
        }
        return comments
    }

    /// The comments on the lines below that protoc counts as trailing: no blank line above them, one below.
    private mutating func takeBelow() -> [Comment] {
        guard let first = remaining.first, first.newlines == 1 else { return [] }
        var count = 1
        // Line comments in a row are one comment; a block comment stands alone.
        if first.isLine {
            for comment in remaining.dropFirst() {
                guard comment.isLine, comment.newlines == 1 else { break }
                count += 1
            }
        }
        let next = remaining.dropFirst(count).first
        guard next?.isApart ?? (current.isApart || isAtEnd) else { return [] }
        let comments = Array(remaining.prefix(count))
        taken += count
        return comments
    }

    // MARK: - Statements

    private mutating func body(closing: String?) -> Body {
        let behind = closing == nil ? [] : takeBehind(opening: true)
        var body = Body(behindOpening: behind, statements: [], aboveClosing: [])
        while !isAtEnd, closing.map({ !current.is($0) }) ?? true {
            if current.is(";") {
                skipEmptyStatement(behind: &body.statements)
                continue
            }
            body.statements.append(statement(mayMove: closing == nil))
        }
        guard closing != nil else { return body }
        body.aboveClosing = takeAbove().comments
        advance()
        return body
    }

    private mutating func skipEmptyStatement(behind statements: inout [Statement]) {
        let follows = remaining.isEmpty && current.newlines == 0 && orphans.isEmpty && !statements.isEmpty
        let above = takeAbove()
        advance()
        let behind = takeBehind()
        if follows {
            statements[statements.count - 1].behind += behind
        } else if !above.comments.isEmpty || !behind.isEmpty {
            orphans = above.comments + behind.map { Comment(text: $0.text, isLine: $0.isLine, newlines: 1) }
            orphansStartApart = above.isApart
        }
    }

    private mutating func statement(mayMove: Bool) -> Statement {
        let above = takeAbove()
        var statement = Statement(
            isApart: above.isApart, above: above.comments, partsComments: above.partsComments)
        if mayMove { statement.role = OutlineReader.role(of: current) }
        while !isAtEnd {
            if current.is(";") {
                statement.beforeEnd = Array(remaining)
                advance()
                break
            }
            if current.is("{"), !isValue(behind: statement.parts.last) {
                statement.parts.append(.word(takeWord()))
                statement.body = body(closing: "}")
                break
            }
            statement.parts.append(part(behind: statement.parts.last))
        }
        statement.behind = takeBehind()
        if statement.role != .declaration, statement.behind.isEmpty { statement.below = takeBelow() }
        return statement
    }

    private static func role(of first: Lexeme) -> Statement.Role {
        switch first.text {
        case "syntax", "edition": .syntax
        case "package": .package
        case "import": .importFile
        case "option": .option
        default: .declaration
        }
    }

    // MARK: - Values

    private func isValue(behind part: Part?) -> Bool {
        if case .word(let word) = part { return word.is("=") || word.is(":") }
        return false
    }

    private mutating func part(behind last: Part?) -> Part {
        if current.kind == .string { return strings() }
        if current.is("[") { return .group(group(isValue(behind: last) ? .list : .options)) }
        if current.is("{") || current.is("<") && isValue(behind: last) { return .group(group(.message)) }
        return .word(takeWord())
    }

    private mutating func strings() -> Part {
        var strings = [takeWord()]
        while current.kind == .string { strings.append(takeWord()) }
        return strings.count == 1 ? .word(strings[0]) : .strings(strings)
    }

    private mutating func group(_ kind: Group.Kind) -> Group {
        var group = Group(kind: kind, beforeOpening: Array(remaining))
        let closing = current.is("[") ? "]" : current.is("<") ? ">" : "}"
        advance()
        group.behindOpening = takeBehind(opening: true)
        while !isAtEnd, !current.is(closing) {
            group.entries.append(kind == .message ? field(closing: closing) : element(kind, closing: closing))
        }
        group.aboveClosing = takeAbove().comments
        advance()
        return group
    }

    private mutating func newEntry() -> Entry {
        let above = takeAbove()
        return Entry(isApart: above.isApart, above: above.comments, partsComments: above.partsComments)
    }

    /// One option or one element of a list, with its comma.
    private mutating func element(_ kind: Group.Kind, closing: String) -> Entry {
        var entry = newEntry()
        while !isAtEnd, !current.is(closing), !current.is(",") {
            if kind == .list, entry.parts.isEmpty, current.is("{") || current.is("<") {
                entry.parts.append(.group(group(.message)))
            } else {
                entry.parts.append(part(behind: entry.parts.last))
            }
        }
        if current.is(",") {
            entry.beforeSeparator = Array(remaining)
            advance()
        }
        entry.behind = takeBehind(inOptions: kind == .options)
        return entry
    }

    /// One field of a message in text format. Commas and semicolons between fields are left out, and every field has its
    /// colon: both change nothing but the looks.
    private mutating func field(closing: String) -> Entry {
        var entry = newEntry()
        entry.parts = fieldName()
        if current.is(":") {
            entry.parts.append(.word(takeWord()))
        } else {
            entry.parts.append(.word(Lexeme(text: ":", kind: .symbol, comments: [], newlines: 0)))
        }
        repeat {
            entry.parts.append(part(behind: entry.parts.last))
        } while endsInSign(entry.parts)
        if current.is(",") || current.is(";") {
            entry.behind = Array(remaining)
            advance()
        }
        entry.behind += takeBehind()
        return entry
    }

    private func endsInSign(_ parts: [Part]) -> Bool {
        if case .word(let word) = parts.last { return word.is("-") }
        return false
    }

    /// `name`, `[package.extension]` or `[domain/package.Message]`.
    private mutating func fieldName() -> [Part] {
        guard current.is("[") else { return [.word(takeWord())] }
        var parts: [Part] = []
        while !isAtEnd {
            let isLast = current.is("]")
            parts.append(.word(takeWord()))
            if isLast { break }
        }
        return parts
    }
}
