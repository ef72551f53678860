/// Lays a comment out anew: its words stay, its indentation follows that of what it belongs to.
enum CommentLayout {
    /// The comment as it stands on lines of its own or at the end of one; further lines bring their indentation along.
    static func lines(of comment: Comment, depth: Int) -> String {
        let lines = comment.text.split(separator: "\n", omittingEmptySubsequences: false)
        guard !comment.isLine, lines.count > 1 else { return trimmedEnd(comment.text[...]) }
        let margin = String(repeating: "  ", count: depth)
        let mark = sharedMark(of: lines.dropFirst())
        let indent = leastIndent(of: lines.dropFirst())
        var out = trimmedEnd(lines[0])
        for line in lines.dropFirst() {
            out += "\n"
            let words = trimmed(line)
            if words.isEmpty { continue }
            if words == "*/" {
                // Under the asterisks, or under the slash.
                out += margin + (mark == "*" ? " " : "") + words
            } else if mark != nil {
                out += margin + " " + words
            } else {
                out += margin + "   " + trimmedEnd(unindented(line, by: indent))
            }
        }
        return out
    }

    /// The comment within a line, or `nil` if it has to end the line. In front of a mark that ends a statement a line comment
    /// becomes a block: below, the mark would stand alone.
    static func inline(_ comment: Comment, beforeMark: Bool) -> String? {
        if !comment.isLine { return comment.text.contains("\n") ? nil : trimmedEnd(comment.text[...]) }
        guard beforeMark, canBeBlock(comment) else { return nil }
        return "/* \(trimmed(comment.text.dropFirst(2))) */"
    }

    static func canBeBlock(_ comment: Comment) -> Bool {
        if !comment.isLine { return !comment.text.contains("\n") }
        return !comment.text.contains("*/") && !comment.text.contains("/*")
    }

    /// The comments on the line of what comes before, and those on lines of their own.
    static func split(_ comments: [Comment]) -> (sameLine: [Comment], above: [Comment]) {
        let sameLine = comments.prefix { $0.newlines == 0 && $0.isLine }
        return (Array(sameLine), Array(comments.dropFirst(sameLine.count)))
    }

    // MARK: - Lines of a block

    /// The mark that every further line begins with, as an asterisk; letters and digits are no marks.
    private static func sharedMark(of lines: ArraySlice<Substring>) -> Character? {
        var mark: Character?
        for line in lines {
            let words = trimmed(line)
            if words == "*/" { continue }
            guard let first = words.first, !first.isLetter, !first.isNumber, mark == nil || mark == first else {
                return nil
            }
            mark = first
        }
        return mark
    }

    private static let tabStop = 8

    private static func leastIndent(of lines: ArraySlice<Substring>) -> Int {
        lines.filter { !trimmed($0).isEmpty && trimmed($0) != "*/" }.map(indent).min() ?? 0
    }

    /// Columns before the first word; a tab goes on to the next stop.
    private static func indent(of line: Substring) -> Int {
        var column = 0
        for character in line {
            switch character {
            case " ": column += 1
            case "\t": column = (column / tabStop + 1) * tabStop
            default: return column
            }
        }
        return column
    }

    private static func unindented(_ line: Substring, by columns: Int) -> Substring {
        let rest = line.drop { $0 == " " || $0 == "\t" }
        return Substring(String(repeating: " ", count: max(0, indent(of: line) - columns)) + rest)
    }

    private static func trimmed(_ text: Substring) -> String {
        trimmedEnd(text.drop(while: isBlank))
    }

    private static func trimmedEnd(_ text: Substring) -> String {
        var text = text
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(text)
    }

    private static func isBlank(_ character: Character) -> Bool {
        character == " " || character == "\t" || character == "\u{0B}" || character == "\u{0C}"
    }
}
