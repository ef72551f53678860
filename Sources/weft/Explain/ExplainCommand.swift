import ArgumentParser
import Exchange
import Foundation
import ProtoSyntax
import RPC

/// `weft explain`: what a code of the compiler means, with a contract that has the fault and one that has not; or what a
/// reason of the mesh means, and what to do about it.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explain a code such as P0207, or a reason such as PICK.no_endpoints, or list all.")

    @Argument(help: "Codes as the compiler prints them, and reasons as trailers and logs have them.")
    var codes: [String] = []

    func run() throws {
        var output = StandardStream(handle: .standardOutput)
        guard !codes.isEmpty else {
            for code in DiagnosticCode.allCases.sorted(by: { $0.rawValue < $1.rawValue }) {
                output.write("\(code.rawValue)  \(code.explanation.title)\n")
            }
            for guide in ReasonGuide.all {
                for name in guide.names { output.write("\(name)  \(guide.meaning)\n") }
            }
            return
        }
        let found = try codes.map { text in
            if let (phase, guide) = ReasonGuide.named(text) { return ExplainCommand.page(of: guide, in: phase) }
            guard let code = DiagnosticCode(named: text) else { throw Fault.usage(ExplainCommand.unknown(text)) }
            return ExplainCommand.page(of: code)
        }
        output.write(found.joined(separator: "\n"))
    }

    private static func unknown(_ text: String) -> String {
        let reasons = ReasonGuide.all.flatMap(\.names)
        let near =
            text.contains(".")
            ? nearest(to: text, among: reasons)
            : nearest(to: text.uppercased(), among: DiagnosticCode.allCases.map(\.rawValue))
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

    static func page(of guide: ReasonGuide, in phase: Failure.Phase) -> String {
        let flag = Failure(phase, guide.cause).envoyFlag
        return """
            \(ReasonGuide.name(phase, guide.cause)): \(guide.meaning)

            What to do: \(guide.advice.replacing("{}", with: "the peer"))
            Who finds it: \(guide.maker)
            Status: \(guide.code.name)
            At the edge: \(guide.coarse.rawValue)\(flag.isEmpty ? "" : "\nIn Envoy's logs: \(flag)")

            """
    }

    private static func indented(_ contract: String) -> String {
        let lines = contract.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { $0.isEmpty ? "" : "    " + $0 }.joined(separator: "\n") + (lines.last == "" ? "" : "\n")
    }
}
