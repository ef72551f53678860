/// Attaches the comments between two tokens: to the earlier one, to the later one, or to neither.
///
/// The rules are protoc's, which descriptor.proto describes at `SourceCodeInfo.Location`: a comment behind a token on its
/// line trails it; so does the first comment below it, if a blank line or the end of a scope parts it from what follows;
/// the last comment above a token, with no blank line between, leads it; all others are detached.
struct CommentReader {
    struct Result {
        var trailing: String?
        var leading: String?
        var detached: [String] = []
    }

    private let bytes: [UInt8]
    private let end: Int
    private var offset: Int
    private var result = Result()
    private var buffer: [UInt8]?
    private var bufferHoldsLines = false
    private var mayTrail = true
    private var flushed = 0

    private init(_ bytes: [UInt8], from start: Int, to end: Int) {
        self.bytes = bytes
        self.end = end
        offset = start
    }

    /// The comments between `earlier` (`nil` at the start of the file) and `later`.
    static func read(_ source: Source, between earlier: Token?, and later: Token) -> Result {
        var reader = CommentReader(source.bytes, from: earlier?.end ?? 0, to: later.start)
        if earlier == nil, source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.offset = 3 }
        reader.run(source, earlier, later)
        return reader.result
    }

    private mutating func run(_ source: Source, _ earlier: Token?, _ later: Token) {
        let laterLine = source.line(at: later.start)
        var ambiguous = false
        if let earlier {
            skipBlanks()
            if startsComment() {
                let start = offset
                readComment()
                ambiguous = source.line(at: bytes[start + 1] == UInt8(ascii: "/") ? start : offset) == laterLine
                skipBlanks()
                flush()
            } else if offset < end, bytes[offset] == UInt8(ascii: "\n") {
                offset += 1
            } else {
                return
            }
            ambiguous = ambiguous || source.line(at: max(earlier.start, earlier.end - 1)) == laterLine
        } else {
            mayTrail = false
        }
        readFollowingLines()
        if later.kind == .end || ["}", "]", ")"].contains(later.text) { flush() }
        if ambiguous, later.kind != .end { detachOnlyComment() }
        if let buffer { result.leading = String(decoding: buffer, as: UTF8.self) }
    }

    private mutating func readFollowingLines() {
        while true {
            skipBlanks()
            if startsComment() {
                let isBlock = bytes[offset + 1] == UInt8(ascii: "*")
                readComment()
                if isBlock {
                    // The rest of its line must not look like a blank line.
                    skipBlanks()
                    if offset < end, bytes[offset] == UInt8(ascii: "\n") { offset += 1 }
                }
            } else if offset < end, bytes[offset] == UInt8(ascii: "\n") {
                offset += 1
                flush()
                mayTrail = false
            } else {
                return
            }
        }
    }

    /// On one line with both tokens, a single comment could belong to either, so it belongs to none.
    private mutating func detachOnlyComment() {
        guard flushed + (buffer == nil ? 0 : 1) == 1 else { return }
        if let trailing = result.trailing {
            result.detached.insert(trailing, at: 0)
            result.trailing = nil
        }
        flush()
    }

    private mutating func flush() {
        guard let text = buffer else { return }
        let comment = String(decoding: text, as: UTF8.self)
        if mayTrail {
            result.trailing = (result.trailing ?? "") + comment
            mayTrail = false
        } else {
            result.detached.append(comment)
        }
        buffer = nil
        flushed += 1
    }

    // MARK: - Text of comments

    private func startsComment() -> Bool {
        offset + 1 < end && bytes[offset] == UInt8(ascii: "/")
            && (bytes[offset + 1] == UInt8(ascii: "/") || bytes[offset + 1] == UInt8(ascii: "*"))
    }

    private mutating func readComment() {
        let isLine = bytes[offset + 1] == UInt8(ascii: "/")
        offset += 2
        // Line comments in a row are one comment; a block comment stands alone.
        if buffer != nil, !(isLine && bufferHoldsLines) { flush() }
        bufferHoldsLines = isLine
        var text = buffer ?? []
        if isLine {
            let start = offset
            while offset < end, bytes[offset] != UInt8(ascii: "\n") { offset += 1 }
            if offset < end { offset += 1 }
            text += bytes[start..<offset]
        } else {
            readBlock(into: &text)
        }
        buffer = text
    }

    /// The text up to `*/`; on each further line the indentation and one asterisk are left out.
    private mutating func readBlock(into text: inout [UInt8]) {
        while offset < end {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "*"), offset + 1 < end, bytes[offset + 1] == UInt8(ascii: "/") {
                offset += 2
                return
            }
            text.append(byte)
            offset += 1
            guard byte == UInt8(ascii: "\n") else { continue }
            skipBlanks()
            if offset < end, bytes[offset] == UInt8(ascii: "*") {
                offset += 1
                if offset < end, bytes[offset] == UInt8(ascii: "/") {
                    offset += 1
                    return
                }
            }
        }
    }

    private mutating func skipBlanks() {
        while offset < end, bytes[offset].isBlank { offset += 1 }
    }
}
