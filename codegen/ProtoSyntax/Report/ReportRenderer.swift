/// Writes a report for people: the line with a caret under it, the other places, and what to do.
///
///     error[P0207]: cannot find type `Usr`
///      --> learn/course.proto:5:3
///       |
///     5 |   Usr author = 1;
///       |   ^^^ not found in `learn.Course` or around it
///       = help: did you mean `User`?
public struct ReportRenderer: Sendable {
    public enum Style: Sendable {
        /// With source lines and carets.
        case snippets
        /// One line a fault, as editors and build logs parse it: `path:line:column: error: message [P0207]`.
        case lines
    }

    /// A longer line is cut around the caret: minified or binary input must not fill the screen.
    private static let widestLine = 160

    private let style: Style
    private let colored: Bool

    public init(style: Style = .snippets, colored: Bool = false) {
        self.style = style
        self.colored = colored
    }

    public func render(_ report: Report) -> String {
        var out = ""
        for diagnostic in report.ordered {
            out += style == .lines ? line(diagnostic, report) : snippet(diagnostic, report) + "\n"
        }
        if report.omitted > 0 {
            out += "\(report.omitted) more not shown\n"
        }
        return out
    }

    // MARK: - One line each

    private func line(_ diagnostic: Diagnostic, _ report: Report) -> String {
        var out = ""
        if let span = diagnostic.span {
            out += "\(place(span, report)): "
        }
        out += "\(word(diagnostic.severity)): \(diagnostic.message) [\(diagnostic.code.rawValue)]"
        if let help = diagnostic.help { out += " (\(help))" }
        return out + "\n"
    }

    private func place(_ span: Span, _ report: Report) -> String {
        let source = report.source(span.source)
        let position = source.editorPosition(at: span.start)
        return "\(source.path):\(position.line):\(position.column)"
    }

    private func word(_ severity: Diagnostic.Severity) -> String {
        severity == .error ? "error" : "warning"
    }

    // MARK: - With source lines

    private func snippet(_ diagnostic: Diagnostic, _ report: Report) -> String {
        let title = "\(word(diagnostic.severity))[\(diagnostic.code.rawValue)]"
        var out = paint(title, diagnostic.severity == .error ? .red : .yellow) + ": "
        out += paint(diagnostic.message, .bold) + "\n"
        let margin = marginWidth(diagnostic, report)
        if let span = diagnostic.span {
            out += excerpt(span, label: diagnostic.label, margin: margin, report)
        }
        let blank = String(repeating: " ", count: margin)
        for note in diagnostic.notes {
            if let span = note.span {
                out += "\(paint("note", .green)): \(note.text)\n"
                out += excerpt(span, label: nil, margin: margin, report)
            } else {
                out += "\(blank) = \(paint("note", .green)): \(note.text)\n"
            }
        }
        if let help = diagnostic.help {
            out += "\(blank) = \(paint("help", .cyan)): \(help)\n"
        }
        return out
    }

    private func marginWidth(_ diagnostic: Diagnostic, _ report: Report) -> Int {
        let spans = [diagnostic.span] + diagnostic.notes.map(\.span)
        let lines = spans.compactMap { span in
            span.map { report.source($0.source).editorPosition(at: $0.start).line }
        }
        return String(lines.max() ?? 1).count
    }

    /// A place with its line and a caret under it; `margin` is the width of the line number.
    public func excerpt(_ span: Span, label: String?, margin: Int, _ report: Report) -> String {
        let source = report.source(span.source)
        let number = source.line(at: span.start)
        let (text, indent, width) = cut(span, of: source, line: number)
        let blank = String(repeating: " ", count: margin)
        let line = String(number + 1)
        let gap = String(repeating: " ", count: margin - line.count)
        let pointer = String(repeating: " ", count: indent) + String(repeating: "^", count: max(1, width))
        var out = "\(blank)\(paint("-->", .blue)) \(place(span, report))\n"
        out += "\(blank) \(paint("|", .blue))\n"
        out += "\(paint(gap + line, .blue)) \(paint("|", .blue)) \(text)".trimmedEnd + "\n"
        out += "\(blank) \(paint("|", .blue)) \(paint(pointer, .red))\(label.map { " " + $0 } ?? "")\n"
        return out
    }

    /// The line as it is shown (tabs as four spaces, what a terminal cannot show as `?`), and the caret's place in it.
    private func cut(_ span: Span, of source: Source, line: Int) -> (text: String, indent: Int, width: Int) {
        let bytes = source.lineBytes(line)
        let start = min(max(span.start, bytes.startIndex), bytes.endIndex)
        let end = min(max(span.end, start), bytes.endIndex)
        let before = shown(bytes[bytes.startIndex..<start])
        let marked = shown(bytes[start..<end])
        let after = shown(bytes[end...])
        guard before.count + marked.count + after.count > ReportRenderer.widestLine else {
            return (String(before + marked + after), before.count, marked.count)
        }
        let room = ReportRenderer.widestLine / 2
        let head = before.count > room ? Array("...") + before.suffix(room) : before
        let middle = marked.prefix(room)
        return (String(head + middle + after.prefix(room / 2)) + "...", head.count, middle.count)
    }

    private func shown(_ bytes: ArraySlice<UInt8>) -> [Character] {
        var out: [Character] = []
        for character in String(decoding: bytes, as: UTF8.self) {
            if character == "\t" {
                out.append(contentsOf: "    ")
            } else if let scalar = character.unicodeScalars.first, scalar.value < 32 || scalar.value == 127 {
                out.append("?")
            } else {
                out.append(character)
            }
        }
        return out
    }

    // MARK: - Color

    private enum Color: String {
        case red = "1;31"
        case yellow = "1;33"
        case green = "1;32"
        case cyan = "1;36"
        case blue = "1;34"
        case bold = "1"
    }

    private func paint(_ text: String, _ color: Color) -> String {
        colored ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }
}

extension String {
    /// Without the spaces at its end: an empty source line leaves no blank behind its bar.
    fileprivate var trimmedEnd: String {
        var view = self[...]
        while view.last == " " { view.removeLast() }
        return String(view)
    }
}
