/// Writes an outline as text: indentation, line ends and the blank lines that stay.
///
/// Blank lines are kept where dropping one would give a comment to another declaration: below a brace and above one too.
/// How deep it recurses is bounded by the parser, which has read the file before.
struct OutlineWriter {
    private(set) var text = ""
    private var depth = 0

    mutating func write(_ file: Body) {
        for (index, statement) in file.statements.enumerated() {
            if index > 0, statement.isApart { endLine() }
            write(statement)
        }
        let isApart = file.aboveClosing.first?.isApart ?? false || file.statements.last?.needsGapBelow ?? false
        if !file.aboveClosing.isEmpty, isApart, !text.isEmpty { endLine() }
        writeLines(file.aboveClosing)
    }

    // MARK: - Lines

    private mutating func startLine() {
        text += String(repeating: "  ", count: depth)
    }

    private mutating func endLine() {
        text += "\n"
    }

    /// The comments, each on a line of its own, with the blank lines between them.
    private mutating func writeLines(_ comments: [Comment]) {
        for (index, comment) in comments.enumerated() {
            if index > 0, comment.isApart { endLine() }
            startLine()
            text += CommentLayout.lines(of: comment, depth: depth)
            endLine()
        }
    }

    private mutating func writeAbove(_ comments: [Comment], partsComments: Bool) {
        writeLines(comments)
        if partsComments, !comments.isEmpty { endLine() }
    }

    /// Comments at the end of a line. Behind a line comment nothing can follow: the others have lines of their own.
    private mutating func writeBehind(_ comments: [Comment]) {
        let sameLine = comments.prefix((comments.firstIndex(where: \.isLine) ?? comments.count - 1) + 1)
        for comment in sameLine {
            text += " " + CommentLayout.lines(of: comment, depth: depth)
        }
        for comment in comments.dropFirst(sameLine.count) {
            endLine()
            startLine()
            text += CommentLayout.lines(of: comment, depth: depth)
        }
    }

    // MARK: - Statements

    private mutating func write(_ statement: Statement) {
        writeAbove(statement.above, partsComments: statement.partsComments)
        startLine()
        write(statement.parts)
        if let body = statement.body {
            writeBraced(body)
        } else {
            writeInline(statement.beforeEnd)
            text += ";"
        }
        writeBehind(statement.behind)
        endLine()
        writeLines(statement.below)
    }

    /// From behind the opening brace to the closing one.
    private mutating func writeBraced(_ body: Body) {
        if body.statements.isEmpty, body.behindOpening.isEmpty, body.aboveClosing.isEmpty {
            text += "}"
            return
        }
        writeBehind(body.behindOpening)
        endLine()
        depth += 1
        for (index, statement) in body.statements.enumerated() {
            // Directly below the brace, a detached comment would become that of the body's owner.
            let keepsGap = index > 0 || statement.startsDetached && body.behindOpening.isEmpty
            if statement.isApart, keepsGap { endLine() }
            write(statement)
        }
        if let first = body.aboveClosing.first, first.isApart { endLine() }
        writeLines(body.aboveClosing)
        depth -= 1
        startLine()
        text += "}"
    }

    // MARK: - Words and values

    /// The parts of a statement or an entry, on one line as far as comments and long values let them.
    private mutating func write(_ parts: [Part]) {
        var spacing = Spacing()
        for (index, part) in parts.enumerated() {
            switch part {
            case .word(let word):
                // The comments above the first word stand above the statement already.
                let brokeLine = index > 0 && writeInline(word.comments, before: word)
                let hasComment = index > 0 && !word.comments.isEmpty && !brokeLine
                if spacing.parts(word) && !brokeLine || hasComment && !Spacing.clings(word) { text += " " }
                text += word.text
            case .strings(let strings):
                write(strings, isFirst: index == 0)
                spacing.passGroup()
            case .group(let group):
                if index > 0 {
                    let brokeLine = writeInline(group.beforeOpening, before: nil)
                    if !brokeLine { text += " " }
                }
                write(group)
                spacing.passGroup()
            }
        }
    }

    /// Comments in front of a word, within a line; true if the last of them ended the line.
    @discardableResult
    private mutating func writeInline(_ comments: [Comment], before word: Lexeme? = nil) -> Bool {
        var endsLine = false
        for comment in comments {
            if !endsLine, !text.hasSuffix("(") { text += " " }
            if let block = CommentLayout.inline(comment, beforeMark: word.map { $0.is(")") } ?? false) {
                text += block
                endsLine = false
            } else {
                text += CommentLayout.lines(of: comment, depth: depth)
                endLine()
                startLine()
                endsLine = true
            }
        }
        return endsLine
    }

    /// Comments in front of `;` or `,`.
    private mutating func writeInline(_ comments: [Comment]) {
        for comment in comments {
            text += " "
            if let block = CommentLayout.inline(comment, beforeMark: true) {
                text += block
            } else {
                text += CommentLayout.lines(of: comment, depth: depth)
                endLine()
                startLine()
            }
        }
    }

    /// Strings in a row: each on a line, below the `=` and one level in. An element of a list begins its own line already.
    private mutating func write(_ strings: [Lexeme], isFirst: Bool) {
        if !isFirst { depth += 1 }
        for (index, string) in strings.enumerated() {
            let (sameLine, above) = index == 0 && isFirst ? ([], []) : CommentLayout.split(string.comments)
            writeBehind(sameLine)
            if index > 0 || !isFirst {
                endLine()
                writeLines(above)
                startLine()
            }
            text += string.text
        }
        if !isFirst { depth -= 1 }
    }

    private mutating func write(_ group: Group) {
        let (opening, closing) = group.kind == .message ? ("{", "}") : ("[", "]")
        text += opening
        if group.fitsLine {
            for entry in group.entries {
                write(entry.parts)
                writeInline(entry.beforeSeparator + entry.behind)
            }
            text += closing
            return
        }
        if group.kind == .message {
            endLine()
            depth += 1
            writeLines(group.behindOpening)
        } else {
            writeBehind(group.behindOpening)
            endLine()
            depth += 1
        }
        for (index, entry) in group.entries.enumerated() {
            if entry.isApart, index > 0 { endLine() }
            writeAbove(entry.above, partsComments: entry.partsComments)
            startLine()
            write(entry.parts)
            writeInline(entry.beforeSeparator)
            if group.kind != .message, index + 1 < group.entries.count { text += "," }
            writeBehind(entry.behind)
            endLine()
        }
        if let first = group.aboveClosing.first, first.isApart, !group.entries.isEmpty { endLine() }
        writeLines(group.aboveClosing)
        depth -= 1
        startLine()
        text += closing
    }
}

extension Group {
    /// Whether it stands on the line of its statement: nothing in it, or one simple entry. A single option does with any
    /// value, which then breaks the line itself.
    fileprivate var fitsLine: Bool {
        guard behindOpening.isEmpty, aboveClosing.isEmpty, entries.count <= 1 else { return false }
        guard let entry = entries.first else { return true }
        guard entry.above.isEmpty else { return false }
        if kind == .options { return !entry.behind.contains { !CommentLayout.canBeBlock($0) } }
        return entry.behind.isEmpty && entry.beforeSeparator.isEmpty && entry.isScalar
    }
}

extension Entry {
    /// One value of one word, with no line comment in it.
    fileprivate var isScalar: Bool {
        parts.allSatisfy { part in
            if case .word(let word) = part { return !word.comments.contains(where: \.isLine) }
            return false
        }
    }
}
