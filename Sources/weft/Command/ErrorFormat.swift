import ArgumentParser
import Foundation
import ProtoSyntax

/// How faults of contracts are written: for people, or for a tool that reads them.
enum ErrorFormat: String, CaseIterable, ExpressibleByArgument {
    /// With the line and a caret under it.
    case text
    /// One JSON object a line.
    case json
    /// Workflow commands, by which GitHub marks lines of a change.
    case github
    /// `path(line) : error in column=N: message`, as Visual Studio reads it and protoc writes it.
    case msvs

    func render(_ report: Report) -> String {
        switch self {
        case .text: ReportRenderer(colored: isatty(FileHandle.standardError.fileDescriptor) == 1).render(report)
        case .json: MachineRenderer(.json).render(report)
        case .github: MachineRenderer(.github).render(report)
        case .msvs: report.ordered.map { msvs($0, report) }.joined()
        }
    }

    private func msvs(_ diagnostic: Diagnostic, _ report: Report) -> String {
        let word = diagnostic.severity == .error ? "error" : "warning"
        let message = "\(diagnostic.message) [\(diagnostic.code.rawValue)]\n"
        guard let span = diagnostic.span else { return "weft : \(word): \(message)" }
        let source = report.source(span.source)
        let position = source.editorPosition(at: span.start)
        return "\(source.path)(\(position.line)) : \(word) in column=\(position.column): \(message)"
    }
}

/// What every command that reads contracts takes: how faults are shown, and which end it.
struct ReportOptions: ParsableArguments {
    @Option(help: "How faults are written: \(ErrorFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
    var errorFormat = ErrorFormat.text

    @Flag(help: "End with 1 if there are warnings.")
    var fatalWarnings = false

    /// Shows the report on standard error; whether the command may go on.
    func show(_ report: Report) -> Bool {
        if !report.isEmpty { FileHandle.standardError.write(Data(errorFormat.render(report).utf8)) }
        return !report.hasErrors && !(fatalWarnings && !report.isEmpty)
    }
}
