import Descriptors
import Foundation
import ProtoCheck
import ProtoLint
import ProtoResolve
import ProtoSyntax

/// A contract, the rules that are asked about it, and what they answer.
///
/// `Contracts/cases.txt` holds cases: `#### RULES: title`, settings as `> key=value`, files as `== path` and text (or text
/// alone, which is then a file in the package `a.v1`), `----`, the findings.
struct LintCase: Sendable {
    let title: String
    let use: [String]
    let settings: [(key: String, value: String)]
    let files: [(path: String, text: String)]
    let input: String
    let expected: String

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Contracts")
    static let file = folder.appending(path: "cases.txt")

    static let all: [LintCase] = {
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.components(separatedBy: "#### ").dropFirst().map(LintCase.init)
    }()

    init(_ text: String) {
        let halves = text.components(separatedBy: "\n----\n")
        input = halves[0].trimmingCharacters(in: .newlines) + "\n"
        expected = halves.count > 1 ? halves[1] : ""
        var lines = input.components(separatedBy: "\n")
        title = lines.removeFirst()
        use = title.components(separatedBy: ":")[0].components(separatedBy: ", ")
        var settings: [(key: String, value: String)] = []
        while let line = lines.first, line.hasPrefix("> ") {
            let parts = line.dropFirst(2).components(separatedBy: "=")
            settings.append((parts[0], parts[1]))
            lines.removeFirst()
        }
        self.settings = settings
        let body = lines.joined(separator: "\n")
        guard body.hasPrefix("== ") else {
            files = [("a/v1/a.proto", "syntax = \"proto3\"; package a.v1;\n" + body)]
            return
        }
        files = ("\n" + body).components(separatedBy: "\n== ").dropFirst().map { part in
            let end = part.firstIndex(of: "\n") ?? part.endIndex
            return (String(part[..<end]), String(part[end...].dropFirst()) + "\n")
        }
    }

    /// The settings as a configuration file's section.
    var section: ConfigNode {
        func text(_ value: String) -> ConfigNode { ConfigNode(.text(value), line: 1) }
        func list(_ values: [String]) -> ConfigNode { ConfigNode(.list(values.map(text)), line: 1) }
        var entries = [ConfigNode.Entry(key: "use", value: list(use))]
        for (key, value) in settings {
            let node: ConfigNode
            switch key {
            case "except", "ignore": node = list(value.components(separatedBy: ","))
            case "ignore_only":
                let parts = value.components(separatedBy: ":")
                node = ConfigNode(.map([.init(key: parts[0], value: list([parts[1]]))]), line: 1)
            default: node = text(value)
            }
            entries.append(.init(key: key, value: node))
        }
        return ConfigNode(.map(entries), line: 1)
    }

    /// The same as `buf.yaml`.
    var yaml: String {
        var lines = ["version: v2", "lint:", "  use: [\(use.joined(separator: ", "))]"]
        for (key, value) in settings {
            switch key {
            case "except", "ignore": lines.append("  \(key): [\(value)]")
            case "ignore_only":
                let parts = value.components(separatedBy: ":")
                lines.append("  ignore_only: {\(parts[0]): [\(parts[1])]}")
            default: lines.append("  \(key): \(value)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What our rules find; a fault of the case itself is thrown.
    func findings(rules: [LintRule] = LintRule.all) throws -> [Finding] {
        let texts = Dictionary(uniqueKeysWithValues: files.map { ($0.path, Array($0.text.utf8)) })
        let paths = files.map(\.path)
        let (compiled, report) = Compiler { texts[$0] }.compile(paths)
        guard !report.hasErrors else { throw Failure(text: ReportRenderer().render(report)) }
        let options = try LintOptions(section, of: CheckFile.Module(path: "."))
        return try Linter(options: options, rules: rules).lint(compiled, checked: Set(paths), report: report)
    }

    struct Failure: Error {
        let text: String
    }
}
