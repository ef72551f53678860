package import ProtoSyntax

/// How findings are written: for people, for editors, for build servers.
package enum FindingFormat: String, CaseIterable, Sendable {
    /// With the source line, a caret, why it matters and what to do.
    case text
    /// One line each: `path:line:column: RULE: message`.
    case lines
    /// One JSON object a line.
    case json
    /// Annotations of a pull request.
    case githubActions = "github-actions"
    case junit
    case msvs

    /// - Parameters:
    ///   - sources: the files that were compiled; without them `text` has no source lines, and columns are bytes.
    ///   - kind: the word before the rule in `text`.
    package func render(_ findings: [Finding], sources: Report? = nil, kind: String) -> String {
        let positions = EditorPositions(of: sources)
        return switch self {
        case .text: FindingText(positions: positions, sources: sources, kind: kind).render(findings)
        case .lines: findings.map { line($0, positions) + "\n" }.joined()
        case .json: findings.map { json($0, positions) + "\n" }.joined()
        case .githubActions: findings.map { annotation($0, positions) + "\n" }.joined()
        case .junit: junit(findings, positions)
        case .msvs:
            findings.map { finding in
                let place = positions.position(of: finding)
                return "\(finding.file ?? "<input>")(\(place.line),\(place.column)) : error \(finding.rule) : "
                    + "\(finding.message)\n"
            }.joined()
        }
    }

    private func line(_ finding: Finding, _ positions: EditorPositions) -> String {
        let place = positions.position(of: finding)
        return "\(finding.file ?? "<input>"):\(place.line):\(place.column): \(finding.rule): \(finding.message)"
    }

    private func json(_ finding: Finding, _ positions: EditorPositions) -> String {
        let place = positions.position(of: finding)
        var members: [(String, String)] = []
        if let file = finding.file { members.append(("path", JSONText.quoted(file))) }
        members += [
            ("start_line", String(place.line)), ("start_column", String(place.column)),
            ("end_line", String(place.endLine)), ("end_column", String(place.endColumn)),
            ("type", JSONText.quoted(finding.rule)), ("message", JSONText.quoted(finding.message)),
            ("why", JSONText.quoted(finding.why)),
        ]
        if let help = finding.help { members.append(("help", JSONText.quoted(help))) }
        if !finding.notes.isEmpty {
            let notes = finding.notes.map {
                "{\"label\":\(JSONText.quoted($0.label)),\"text\":\(JSONText.quoted($0.text))}"
            }
            members.append(("notes", "[\(notes.joined(separator: ","))]"))
        }
        return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }

    private func annotation(_ finding: Finding, _ positions: EditorPositions) -> String {
        let place = positions.position(of: finding)
        let file = finding.file.map { "file=\(Escape.workflowProperty($0))," } ?? ""
        return "::error \(file)line=\(place.line),col=\(place.column),endLine=\(place.endLine),"
            + "endColumn=\(place.endColumn),title=\(finding.rule)::\(Escape.workflow(finding.message))"
    }

    /// A suite a file, a case a finding.
    private func junit(_ findings: [Finding], _ positions: EditorPositions) -> String {
        var out = "<testsuites>\n"
        var files: [String] = []
        for finding in findings where files.last != finding.file ?? "<input>" {
            files.append(finding.file ?? "<input>")
        }
        for file in files {
            let own = findings.filter { $0.file ?? "<input>" == file }
            let name = file.hasSuffix(".proto") ? String(file.dropLast(6)) : file
            out +=
                "  <testsuite name=\"\(Escape.xml(name))\" tests=\"\(own.count)\" failures=\"\(own.count)\" errors=\"0\">\n"
            for finding in own {
                let place = positions.position(of: finding)
                let title = "\(finding.rule)_\(place.line)_\(place.column)"
                let message = "\(file):\(place.line):\(place.column):\(finding.message)"
                out += "    <testcase name=\"\(Escape.xml(title))\">\n"
                out += "      <failure message=\"\(Escape.xml(message))\" type=\"\(finding.rule)\"></failure>\n"
                out += "    </testcase>\n"
            }
            out += "  </testsuite>\n"
        }
        return out + "</testsuites>\n"
    }
}

/// Text within XML and workflow commands.
enum Escape {
    static func xml(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&#34;"
            case "'": out += "&#39;"
            case "\n": out += "&#xA;"
            default: out.unicodeScalars.append(scalar.value < 32 ? "?" : scalar)
            }
        }
        return out
    }

    /// The text of a workflow command (GitHub's documentation, "Workflow commands").
    static func workflow(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "%": out += "%25"
            case "\r": out += "%0D"
            case "\n": out += "%0A"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    static func workflowProperty(_ text: String) -> String {
        var out = ""
        for scalar in workflow(text).unicodeScalars {
            switch scalar {
            case ":": out += "%3A"
            case ",": out += "%2C"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
