import ArgumentParser
import Foundation
import ProtoCheck
import ProtoLint
import ProtoSyntax

/// `weft lint`: what a contract does that it will be sorry for.
struct LintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint", abstract: "Check contracts against the rules of good contracts.",
        discussion: """
            Without a word it checks the modules of ./buf.yaml (version v2), or the folder proto.
            Above an element, '// weft:lint:ignore RULE because ...' (or buf:lint:ignore) silences a rule for it.
            Exit codes: 0 nothing found, 100 findings, 1 the contracts do not compile, 2 a wrong request.
            """)

    @Argument(help: "Contracts, or folders of them; everything if there is none.")
    var inputs: [String] = []

    @Option(
        name: [.customShort("I"), .customLong("import-path")], help: "Where imports are looked for; repeat for more.")
    var importPaths: [String] = []

    @Option(help: "The configuration file, in the form of buf.yaml v2.")
    var config: String?

    @Option(
        help: "How findings are written: \(FindingFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
    var errorFormat: FindingFormat = .text

    @Option(help: "Ask this rule or category, in place of the configuration's; repeat for more.")
    var use: [String] = []

    @Option(help: "Do not ask this rule or category; repeat for more.")
    var except: [String] = []

    @Flag(help: "List the rules and what they are for.")
    var rules = false

    /// Rules that other parts of the compiler bring along; they take the place of rules of the same name.
    static let extraRules: [LintRule] = [.validationRules]

    func run() throws {
        var output = StandardStream(handle: .standardOutput)
        let all = LintRule.all(with: Self.extraRules)
        guard !rules else {
            output.write(RuleList.text(all.map(\.rule), standard: "STANDARD"))
            return
        }
        do {
            let code = try check(all, to: &output)
            if code != 0 { throw ExitCode(code) }
        } catch let fault as ConfigurationFault {
            throw Fault.usage(fault.description)
        }
    }

    private func check(_ all: [LintRule], to output: inout StandardStream) throws -> Int32 {
        let config = try CheckConfig.load(config)
        let contracts = try CheckedContracts.find(inputs, importPaths: importPaths, config: config)
        let (files, report) = contracts.compile()
        guard !report.hasErrors else { throw ProtoFiles.refuse(report) }
        var findings: [Finding] = []
        for group in contracts.groups where !group.names.isEmpty {
            var options = try LintOptions(config.file.lint(of: group.module), of: group.module)
            if !use.isEmpty { options.selection = RuleSelection(use: use) }
            options.selection.except += except
            findings += try Linter(options: options, rules: all).lint(files, checked: Set(group.names), report: report)
        }
        let (placed, sources) = contracts.onDisk(Finding.ordered(findings), report)
        output.write(errorFormat.render(placed, sources: sources, kind: "lint"))
        if errorFormat == .text { output.write(Count.text(placed, contracts: contracts.names.count)) }
        return placed.isEmpty ? 0 : Count.findingsExit
    }
}

extension FindingFormat: ExpressibleByArgument {}

/// What a check says at its end.
enum Count {
    /// Buf's: a script tells findings from a check that could not be made.
    static let findingsExit: Int32 = 100

    static func text(_ findings: [Finding], contracts: Int) -> String {
        let files = Set(findings.map(\.file)).count
        guard !findings.isEmpty else { return "\(contracts) contracts checked, nothing found\n" }
        return "\(number(findings.count, "finding")) in \(files) of \(contracts) contracts\n"
    }

    static func number(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
}

/// The rules as a table for people.
enum RuleList {
    static func text(_ rules: [Rule], standard: String) -> String {
        let width = rules.map(\.name.count).max() ?? 0
        let lines = rules.map { rule in
            let mark = rule.categories.contains(standard) ? "*" : " "
            let categories = rule.categories.isEmpty ? "by name only" : rule.categories.joined(separator: ", ")
            let name = rule.name.padding(toLength: width, withPad: " ", startingAt: 0)
            return
                "\(mark) \(name)  \(rule.purpose)\n  \(String(repeating: " ", count: width))  [\(categories)] \(rule.why)\n"
        }
        return lines.joined() + "* on unless the configuration says otherwise (\(standard))\n"
    }
}
