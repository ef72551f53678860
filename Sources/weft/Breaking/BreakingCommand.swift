import ArgumentParser
import Descriptors
import Foundation
import ProtoBreaking
import ProtoCheck
import ProtoSyntax

/// `weft breaking`: whom a change of a contract hurts, and by which bytes.
struct BreakingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "breaking", abstract: "Compare contracts with what they were, and show what breaks.",
        discussion: """
            --against takes a folder, a descriptor set (old.binpb) or a git revision: '.git#branch=main', \
            '.git#tag=v1,subdir=proto', '.git#ref=HEAD~1'. A configuration may say it as breaking.against_input.
            Findings that concern running programs have a witness: a payload, and how both contracts read it.
            Exit codes: 0 nothing breaks, 100 findings, 1 the contracts do not compile or cannot be read, 2 a wrong request.
            """)

    @Argument(help: "A folder, a contract or a descriptor set; the configuration's modules if there is none.")
    var input: String?

    @Option(help: "What to compare with.")
    var against: String?

    @Option(
        name: [.customShort("I"), .customLong("import-path")], help: "Where imports are looked for; repeat for more.")
    var importPaths: [String] = []

    @Option(help: "The configuration file, in the form of buf.yaml v2.")
    var config: String?

    @Option(
        help: "How findings are written: \(FindingFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
    var errorFormat: FindingFormat = .text

    @Option(help: "Who must not notice: wire (binary), json (and JSON), source (and code that is built again).")
    var level: CompatibilityLevel?

    @Option(help: "Ask this rule or category, in place of the configuration's; repeat for more.")
    var use: [String] = []

    @Option(help: "Do not ask this rule or category; repeat for more.")
    var except: [String] = []

    @Flag(help: "Take a message under another name for another message, even if the forms are the same.")
    var strictNames = false

    @Flag(help: "List the rules and what they are for.")
    var rules = false

    func run() throws {
        var output = StandardStream(handle: .standardOutput)
        guard !rules else {
            output.write(RuleList.text(BreakingRule.all.map(\.rule), standard: "FILE"))
            return
        }
        do {
            let code = try check(to: &output)
            if code != 0 { throw ExitCode(code) }
        } catch let fault as ConfigurationFault {
            throw Fault.usage(fault.description)
        }
    }

    private func check(to output: inout StandardStream) throws -> Int32 {
        let config = try CheckConfig.load(config)
        let reader = ContractReader(config: config, importPaths: importPaths)
        // Modules of one configuration share a comparison; the settings of the first one count.
        let module = config.file.modules.first ?? CheckFile.Module(path: ".")
        let options = try options(of: module, config)
        guard let text = against ?? options.againstInput else {
            throw ConfigurationFault(
                "say with --against what to compare with: a folder, a descriptor set or '.git#branch=main'")
        }
        let before = try ContractInput(text)
        let now = try input.map { input throws(ConfigurationFault) in try ContractInput(input) }
        let new = try reader.read(now)
        let old = try reader.read(before, besides: now)
        let result = try BreakingChecker(options: options).compare(new.files, against: old.files)
        write(result, new, to: &output)
        return result.findings.isEmpty ? 0 : Count.findingsExit
    }

    private func options(
        of module: CheckFile.Module, _ config: CheckConfig
    ) throws(ConfigurationFault) -> BreakingOptions {
        var options = try BreakingOptions(config.file.breaking(of: module), of: module)
        if let level {
            guard use.isEmpty else { throw ConfigurationFault("--level and --use say the same thing; leave one out") }
            options.selection = RuleSelection(use: [level.category])
        }
        if !use.isEmpty { options.selection = RuleSelection(use: use) }
        options.selection.except += except
        options.comparesStructure = !strictNames
        return options
    }

    private func write(
        _ result: BreakingChecker.Result, _ new: ContractReader.Contracts, to output: inout StandardStream
    ) {
        let (findings, sources) = new.onDisk(result.findings)
        output.write(errorFormat.render(findings, sources: sources, kind: "breaking"))
        guard errorFormat == .text else { return }
        output.write(errorFormat.render(new.onDisk(result.remarks).findings, sources: sources, kind: "remark"))
        let remarks = result.remarks.isEmpty ? "" : ", \(Count.number(result.remarks.count, "remark"))"
        output.write((findings.isEmpty ? "nothing breaks" : Count.number(findings.count, "finding")) + remarks + "\n")
    }
}

extension CompatibilityLevel: ExpressibleByArgument {}
