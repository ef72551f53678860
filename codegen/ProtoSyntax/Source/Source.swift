/// One `.proto` file as it was read: its path as imports spell it, its bytes, and where its lines begin.
public struct Source: Sendable {
    public let path: String
    public let bytes: [UInt8]
    /// Byte offsets at which lines begin; the first is 0.
    let lineStarts: [Int]
    /// The column at every 256th byte: a file may be one long line, and counting it from its start for every place would
    /// take the square of its length.
    private let columnMarks: [Int]
    private static let markDistance = 256

    public init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        var starts = [0]
        var marks: [Int] = []
        var column = 0
        for (offset, byte) in bytes.enumerated() {
            if offset % Source.markDistance == 0 { marks.append(column) }
            column = Source.column(after: byte, at: column)
            if byte == UInt8(ascii: "\n") {
                starts.append(offset + 1)
                column = 0
            }
        }
        lineStarts = starts
        columnMarks = marks
    }

    private static func column(after byte: UInt8, at column: Int) -> Int {
        byte == UInt8(ascii: "\t") ? (column / 8 + 1) * 8 : column + 1
    }

    public init(path: String, text: String) {
        self.init(path: path, bytes: Array(text.utf8))
    }

    /// The line, from 0, in which the byte at `offset` stands.
    public func line(at offset: Int) -> Int {
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    /// The line and column, both from 0, as `SourceCodeInfo` counts them: columns are bytes, and a tab goes on to the
    /// next multiple of 8 (descriptor.proto, `SourceCodeInfo.Location.span`; the tab rule is protoc's tokenizer's).
    public func position(at offset: Int) -> Position {
        let line = line(at: offset)
        let end = min(offset, bytes.count)
        var start = lineStarts[line]
        var column = 0
        let mark = end / Source.markDistance
        if mark < columnMarks.count, mark * Source.markDistance > start {
            start = mark * Source.markDistance
            column = columnMarks[mark]
        }
        for byte in bytes[start..<end] {
            column = Source.column(after: byte, at: column)
        }
        return Position(line: line, column: column)
    }

    /// The line and column, both from 1, as an editor counts them: columns are characters.
    public func editorPosition(at offset: Int) -> Position {
        let line = line(at: offset)
        let before = bytes[lineStarts[line]..<min(max(offset, lineStarts[line]), bytes.count)]
        return Position(line: line + 1, column: String(decoding: before, as: UTF8.self).count + 1)
    }

    /// The bytes of a line, from 0, without its end.
    public func lineBytes(_ line: Int) -> ArraySlice<UInt8> {
        let start = lineStarts[line]
        var end = line + 1 < lineStarts.count ? lineStarts[line + 1] - 1 : bytes.count
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return bytes[start..<end]
    }

    public var lineCount: Int { lineStarts.count }

    func text(_ start: Int, _ end: Int) -> String {
        String(decoding: bytes[start..<end], as: UTF8.self)
    }
}

/// A line and a column; from which number they count, the maker says.
public struct Position: Sendable, Hashable {
    public let line: Int
    public let column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// A span with the name of its file and its lines and columns: what leaves the compiler for other tools.
public struct Place: Sendable, Hashable {
    /// As imports spell it.
    public let path: String
    /// Lines and columns from 1; columns are characters.
    public let start: Position
    /// Just behind the last character.
    public let end: Position
    /// In bytes, from the beginning of the file.
    public let offsets: Range<Int>
}

/// Which file of a `Report` a span lies in.
public struct SourceID: Sendable, Hashable {
    public let index: Int32

    public init(index: Int32) {
        self.index = index
    }
}

/// A stretch of bytes of one source, the end excluded.
public struct Span: Sendable, Hashable {
    public let source: SourceID
    public let start: Int
    public let end: Int

    public init(source: SourceID, start: Int, end: Int) {
        self.source = source
        self.start = start
        self.end = max(start, end)
    }

    /// From the beginning of `first` to the end of `last`.
    public init(from first: Span, to last: Span) {
        self.init(source: first.source, start: first.start, end: last.end)
    }

    /// The empty span just behind this one: where something is missing.
    public var after: Span { Span(source: source, start: end, end: end) }
}
