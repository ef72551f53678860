import ProtoSyntax

/// A comment as its author wrote it, and how far it stands from what comes before it.
struct Comment {
    /// With its marks, without the line's end.
    let text: String
    let isLine: Bool
    /// Ends of lines between what comes before and this comment.
    let newlines: Int

    /// A blank line stands above it.
    var isApart: Bool { newlines > 1 }
}

/// A token with all that stands between it and the one before.
struct Lexeme {
    let text: String
    let kind: Token.Kind
    var comments: [Comment]
    /// Ends of lines between the last comment, or the token before, and this token.
    let newlines: Int

    var isApart: Bool { newlines > 1 }
    /// Whether a blank line stands above the token or the first of its comments.
    var startsApart: Bool { comments.first?.isApart ?? isApart }

    func `is`(_ mark: String) -> Bool {
        kind != .string && text == mark
    }

    /// The tokens of a source that parses, the last being the end of the file.
    static func all(in source: Source, _ tokens: [Token]) -> [Lexeme] {
        var lexemes: [Lexeme] = []
        var end = source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        for token in tokens {
            var gap = GapReader(source.bytes, from: end, to: token.start)
            gap.run()
            lexemes.append(
                Lexeme(
                    text: String(decoding: source.bytes[token.start..<token.end], as: UTF8.self), kind: token.kind,
                    comments: gap.comments, newlines: gap.newlines))
            end = token.end
        }
        return lexemes
    }
}

/// Reads the comments between two tokens. What it is given holds nothing but blanks and whole comments.
private struct GapReader {
    private let bytes: [UInt8]
    private let end: Int
    private var offset: Int
    private(set) var comments: [Comment] = []
    /// Ends of lines since the last comment.
    private(set) var newlines = 0

    init(_ bytes: [UInt8], from start: Int, to end: Int) {
        self.bytes = bytes
        self.end = end
        offset = start
    }

    mutating func run() {
        while offset < end {
            switch bytes[offset] {
            case UInt8(ascii: "\n"):
                newlines += 1
                offset += 1
            case UInt8(ascii: "/"):
                readComment()
            default:
                offset += 1
            }
        }
    }

    private mutating func readComment() {
        let start = offset
        let isLine = start + 1 < end && bytes[start + 1] == UInt8(ascii: "/")
        if isLine {
            while offset < end, bytes[offset] != UInt8(ascii: "\n") { offset += 1 }
        } else {
            offset += 2
            while offset < end, !closesBlock(at: offset, from: start) { offset += 1 }
            offset = min(offset + 1, end)
        }
        // A line that ends as on Windows ends in two bytes, which Swift takes for one character.
        let text = String(decoding: bytes[start..<offset].filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        comments.append(Comment(text: text, isLine: isLine, newlines: newlines))
        newlines = 0
    }

    /// Whether the slash at `place` closes the comment: its asterisk may not be the opening one, as in `/*/`.
    private func closesBlock(at place: Int, from start: Int) -> Bool {
        place >= start + 3 && bytes[place] == UInt8(ascii: "/") && bytes[place - 1] == UInt8(ascii: "*")
    }
}
