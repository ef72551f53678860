public import ProtoSyntax

/// Writes a contract in the one layout that all contracts share.
///
/// Two spaces a level, one statement a line, imports and file options sorted under the package, one blank line where the
/// author left any, lists of options one a line. The words stay as they are, so do the comments, each at the declaration
/// that protoc attaches it to: the descriptor of the result is that of the source, documentation included. Where `buf
/// format` keeps that promise too, the text is the same, byte for byte.
///
/// It works on tokens and not on the compiler's tree, which has no place for a comment inside of a statement.
public enum ContractFormatter {
    /// The source in the common layout; `nil` if it does not parse, and why is in the report. A source that does not parse is
    /// never touched: where its statements end would be a guess.
    public static func format(_ id: SourceID, _ report: inout Report) -> String? {
        let faults = report.errorCount
        let tree = Parser.parse(id, &report)
        guard report.errorCount == faults, !tree.isDamaged else { return nil }
        let lexemes = Lexeme.all(in: report.source(id), Lexer.tokens(of: id, &report))
        var reader = OutlineReader(lexemes)
        let outline = reader.read()
        var writer = OutlineWriter()
        writer.write(FileOrder.sorted(outline))
        return writer.text
    }

    /// The text in the common layout, as a file of that path.
    public static func format(path: String, text: String, _ report: inout Report) -> String? {
        format(report.add(Source(path: path, text: text)), &report)
    }
}
