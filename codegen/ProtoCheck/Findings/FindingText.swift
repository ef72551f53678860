import ProtoSyntax

/// Findings for people, in the form of the compiler's reports:
///
///     lint[ENUM_VALUE_PREFIX]: enum value `RED` should begin with `COLOR_`
///      --> shop/v1/color.proto:5:3
///       |
///     5 |   RED = 1;
///       |   ^^^
///       = why: in C++ the values of an enum are names of the scope around it
///       = help: rename it to `COLOR_RED`
struct FindingText {
    let positions: EditorPositions
    let sources: Report?
    /// The word before the rule.
    let kind: String

    func render(_ findings: [Finding]) -> String {
        findings.map { render($0) + "\n" }.joined()
    }

    private func render(_ finding: Finding) -> String {
        var out = "\(kind)[\(finding.rule)]: \(finding.message)\n"
        let region = finding.region ?? .fileStart
        let margin = String(region.startLine + 1).count
        if finding.region != nil, let span = positions.span(of: finding), let sources {
            out += ReportRenderer().excerpt(span, label: nil, margin: margin, sources)
        } else if let file = finding.file {
            let place = finding.region == nil ? "" : ":\(region.startLine + 1):\(region.startColumn + 1)"
            out += String(repeating: " ", count: margin) + "--> \(file)\(place)\n"
        }
        let blank = String(repeating: " ", count: margin)
        for note in finding.notes {
            let lines = note.text.split(separator: "\n", omittingEmptySubsequences: false)
            out += "\(blank) = \(note.label): \(lines.joined(separator: "\n\(blank)     "))\n"
        }
        out += "\(blank) = why: \(finding.why)\n"
        if let help = finding.help { out += "\(blank) = help: \(help)\n" }
        return out
    }
}
