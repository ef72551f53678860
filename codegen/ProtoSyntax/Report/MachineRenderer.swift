/// Writes a report for programs: editors, build servers, dashboards.
public struct MachineRenderer: Sendable {
    public enum Format: Sendable {
        /// One JSON object a line for each diagnostic, with all that is known of it.
        case json
        /// The workflow commands by which GitHub marks lines of a change.
        case github
    }

    private let format: Format

    public init(_ format: Format) {
        self.format = format
    }

    public func render(_ report: Report) -> String {
        report.ordered.map { format == .json ? json($0, report) : github($0, report) }.joined()
    }

    // MARK: - JSON

    /// The keys are stable: `severity`, `code`, `title`, `message`, `span`, `label`, `notes`, `help`, `fixes`. What does not
    /// apply is left out. A span has `path`, `start` and `end` (`line` and `column` from 1, and `offset` in bytes from 0).
    private func json(_ diagnostic: Diagnostic, _ report: Report) -> String {
        var out = JSONObject()
        out.add("severity", word(diagnostic))
        out.add("code", diagnostic.code.rawValue)
        out.add("title", diagnostic.code.explanation.title)
        out.add("message", diagnostic.message)
        if let span = diagnostic.span { out.add("span", raw: json(span, report)) }
        if let label = diagnostic.label { out.add("label", label) }
        if !diagnostic.notes.isEmpty {
            out.add(
                "notes",
                list: diagnostic.notes.map { note in
                    var object = JSONObject()
                    object.add("message", note.text)
                    if let span = note.span { object.add("span", raw: json(span, report)) }
                    return object.text
                })
        }
        if let help = diagnostic.help { out.add("help", help) }
        if !diagnostic.fixes.isEmpty {
            out.add("fixes", list: diagnostic.fixes.map { json($0, report) })
        }
        return out.text + "\n"
    }

    private func json(_ fix: Diagnostic.FixIt, _ report: Report) -> String {
        var out = JSONObject()
        out.add("title", fix.title)
        out.add(
            "edits",
            list: fix.edits.map { edit in
                var object = JSONObject()
                object.add("span", raw: json(edit.span, report))
                object.add("replacement", edit.replacement)
                return object.text
            })
        return out.text
    }

    private func json(_ span: Span, _ report: Report) -> String {
        let place = report.place(of: span)
        var out = JSONObject()
        out.add("path", place.path)
        out.add("start", raw: json(place.start, place.offsets.lowerBound))
        out.add("end", raw: json(place.end, place.offsets.upperBound))
        return out.text
    }

    private func json(_ position: Position, _ offset: Int) -> String {
        "{\"line\":\(position.line),\"column\":\(position.column),\"offset\":\(offset)}"
    }

    // MARK: - GitHub

    /// `::error file=a.proto,line=3,col=5,endLine=3,endColumn=8,title=P0207::message`
    /// (docs.github.com, "Workflow commands for GitHub Actions").
    private func github(_ diagnostic: Diagnostic, _ report: Report) -> String {
        var properties: [String] = []
        if let span = diagnostic.span {
            let place = report.place(of: span)
            properties.append("file=\(escaped(place.path, inProperty: true))")
            properties.append("line=\(place.start.line),col=\(place.start.column)")
            properties.append("endLine=\(place.end.line),endColumn=\(place.end.column)")
        }
        properties.append("title=\(diagnostic.code.rawValue)")
        var text = diagnostic.message
        for note in diagnostic.notes where note.span == nil { text += "\nnote: \(note.text)" }
        if let help = diagnostic.help { text += "\nhelp: \(help)" }
        return "::\(word(diagnostic)) \(properties.joined(separator: ","))::\(escaped(text, inProperty: false))\n"
    }

    private func escaped(_ text: String, inProperty: Bool) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "%": out += "%25"
            case "\r": out += "%0D"
            case "\n": out += "%0A"
            case ":" where inProperty: out += "%3A"
            case "," where inProperty: out += "%2C"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    private func word(_ diagnostic: Diagnostic) -> String {
        diagnostic.severity == .error ? "error" : "warning"
    }
}

/// A JSON object on one line, its keys in the order in which they are added.
private struct JSONObject {
    private var members: [String] = []

    var text: String { "{\(members.joined(separator: ","))}" }

    mutating func add(_ key: String, _ value: String) {
        add(key, raw: JSONText.quoted(value))
    }

    mutating func add(_ key: String, list: [String]) {
        add(key, raw: "[\(list.joined(separator: ","))]")
    }

    mutating func add(_ key: String, raw: String) {
        members.append("\"\(key)\":\(raw)")
    }
}
