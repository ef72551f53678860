import ArgumentParser
import Foundation
import ProtoSyntax

/// `weft explain`: what a code of the compiler means, with a contract that has the fault and one that has not.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Explain a code such as P0207, or list all.")

    @Argument(help: "Codes as the compiler prints them.")
    var codes: [String] = []

    func run() throws {
        var output = StandardStream(handle: .standardOutput)
        guard !codes.isEmpty else {
            for code in DiagnosticCode.allCases.sorted(by: { $0.rawValue < $1.rawValue }) {
                output.write("\(code.rawValue)  \(code.explanation.title)\n")
            }
            return
        }
        let found = try codes.map { text in
            guard let code = DiagnosticCode(named: text) else { throw Fault.usage(ExplainCommand.unknown(text)) }
            return ExplainCommand.page(of: code)
        }
        output.write(found.joined(separator: "\n"))
    }

    private static func unknown(_ text: String) -> String {
        let near = nearest(to: text.uppercased(), among: DiagnosticCode.allCases.map(\.rawValue))
        let hint = near.map { "; did you mean \($0)?" } ?? "; 'weft explain' lists all codes"
        return "there is no code '\(text)'\(hint)"
    }

    static func page(of code: DiagnosticCode) -> String {
        let explanation = code.explanation
        return """
            \(code.rawValue): \(explanation.title)

            \(explanation.text)

            Wrong:

            \(indented(explanation.wrong))
            Right:

            \(indented(explanation.right))
            """
    }

    private static func indented(_ contract: String) -> String {
        let lines = contract.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { $0.isEmpty ? "" : "    " + $0 }.joined(separator: "\n") + (lines.last == "" ? "" : "\n")
    }
}
