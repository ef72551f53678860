import ProtoSyntax

/// Where findings stand as an editor counts: lines and columns from 1, columns are characters.
///
/// `SourceCodeInfo` counts bytes, and a tab up to the next multiple of 8; with the source at hand that can be undone.
struct EditorPositions {
    private let sources: Report?
    private let indexes: [String: Int]

    init(of sources: Report?) {
        self.sources = sources
        let paths = (sources?.sources ?? []).map(\.path)
        indexes = Dictionary(paths.enumerated().map { ($1, $0) }) { first, _ in first }
    }

    func position(of finding: Finding) -> (line: Int, column: Int, endLine: Int, endColumn: Int) {
        let region = finding.region ?? .fileStart
        if let index = finding.file.flatMap({ indexes[$0] }), let source = sources?.sources[index],
            let start = source.offset(line: region.startLine, column: region.startColumn),
            let end = source.offset(line: region.endLine, column: region.endColumn)
        {
            let (first, last) = (source.editorPosition(at: start), source.editorPosition(at: end))
            return (first.line, first.column, last.line, last.column)
        }
        return (region.startLine + 1, region.startColumn + 1, region.endLine + 1, region.endColumn + 1)
    }

    /// The bytes of the finding's first line; nil if it says something of the file as a whole.
    func span(of finding: Finding) -> Span? {
        guard let region = finding.region, let index = finding.file.flatMap({ indexes[$0] }),
            let source = sources?.sources[index],
            let start = source.offset(line: region.startLine, column: region.startColumn)
        else { return nil }
        let end = source.offset(line: region.endLine, column: region.endColumn) ?? start
        let line = source.lineBytes(region.startLine)
        return Span(source: SourceID(index: Int32(index)), start: start, end: min(end, line.endIndex))
    }
}

extension Source {
    /// The byte at a line and column as `SourceCodeInfo` counts them: from 0, a tab goes on to the next multiple of 8.
    fileprivate func offset(line: Int, column: Int) -> Int? {
        guard line >= 0, line < lineCount else { return nil }
        let bytes = lineBytes(line)
        var at = 0
        for offset in bytes.indices {
            if at >= column { return offset }
            at = bytes[offset] == UInt8(ascii: "\t") ? (at / 8 + 1) * 8 : at + 1
        }
        return bytes.endIndex
    }
}
