import ArgumentParser
import Foundation
import Generate
import ProtoSyntax
import SwiftEmit

/// `weft generate`: contracts to Swift, by a configuration file or by flags.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Compile contracts and write their Swift code.",
        discussion: """
            Without contracts on the command line, the configuration file says what to generate.
            Exit codes: 0 done, 1 faults in the contracts or a difference found by --check, 2 a wrong request.
            """)

    @Argument(help: "Contracts, or folders of them, as imports name them; with --out or --descriptor-set-out.")
    var contracts: [String] = []

    @Option(help: "The configuration file; codegen/weft.gen.yaml or weft.gen.yaml if unsaid.")
    var config: String?

    @Option(
        name: [.customShort("I"), .customLong("import-path")], help: "Where imports are looked for; repeat for more.")
    var importPaths: [String] = []

    @Option(help: "The folder for the Swift files.")
    var out: String?

    @Option(help: "The module that the code is for.")
    var module: String?

    @Option(help: "Who may use the code: public, package or internal.")
    var visibility: String?

    @Option(
        name: .customLong("map"),
        help: .init("Contracts under PATH have their code in MODULE; repeat for more.", valueName: "path=module"))
    var maps: [String] = []

    @Flag(help: "Messages get a View; their target enables the experimental feature Lifetimes.")
    var views = false

    @Flag(
        inversion: .prefixedNo,
        help: "Messages with rules of buf.validate check themselves; their target depends on Validation.")
    var validation = true

    @Flag(help: "Write nothing; say what would change, and exit with 1 if anything would.")
    var check = false

    @Option(help: "Also write a FileDescriptorSet to this file.")
    var descriptorSetOut: String?

    @Flag(help: "With --descriptor-set-out: with all that is imported.")
    var includeImports = false

    @Flag(help: "With --descriptor-set-out: with places and comments.")
    var includeSourceInfo = false

    @Flag(help: "With --descriptor-set-out: with options that are for compilers alone.")
    var retainOptions = false

    @Option(help: "Also write a rule for make that names what the written files are made of.")
    var dependencyOut: String?

    @OptionGroup var reporting: ReportOptions

    func run() throws {
        let outcome = Generator(try plan()).run()
        var output = StandardStream(handle: .standardOutput)
        var errors = StandardStream(handle: .standardError)
        let mayGoOn = reporting.show(outcome.report)
        for fault in outcome.faults { errors.write("weft: \(fault)\n") }
        guard mayGoOn, !outcome.hasFailed else { throw ExitCode(1) }
        let summary = GenerateSummary(outcome, isCheck: check)
        if summary.isStale {
            errors.write(summary.text)
            throw ExitCode(1)
        }
        output.write(summary.text)
    }

    private func plan() throws -> GeneratePlan {
        var plan = try contracts.isEmpty ? configured() : typed()
        plan.mode = check ? .check : .write
        plan.warningsAreFatal = reporting.fatalWarnings
        if let word = visibility {
            guard let visibility = Visibility(rawValue: word) else {
                throw Fault.usage("visibility '\(word)' is not public, package or internal")
            }
            plan.visibility = visibility
        }
        plan.modules = try maps.map(rule) + plan.modules
        if let path = descriptorSetOut {
            var set = DescriptorSetPlan(path: path)
            set.includesImports = includeImports
            set.includesSourceInfo = includeSourceInfo
            set.retainsSourceOptions = retainOptions
            plan.descriptorSet = set
        } else if includeImports || includeSourceInfo || retainOptions {
            throw Fault.usage("--include-imports, --include-source-info and --retain-options need --descriptor-set-out")
        }
        plan.dependencyFile = dependencyOut
        return plan
    }

    private func typed() throws -> GeneratePlan {
        guard config == nil else { throw Fault.usage("name contracts or a configuration file, not both") }
        guard out != nil || descriptorSetOut != nil else {
            throw Fault.usage("say with --out where the Swift files go")
        }
        var plan = GeneratePlan(inputs: contracts, importPaths: importPaths, output: out, module: module)
        plan.targets[0].features.views = views
        plan.targets[0].features.validation = validation
        return plan
    }

    private func configured() throws -> GeneratePlan {
        guard out == nil, module == nil, importPaths.isEmpty, !views, validation else {
            throw Fault.usage(
                "--out, --module, --import-path, --views and --no-validation go with contracts; none is named")
        }
        let found = GenerateConfig.defaultPaths.first { FileManager.default.fileExists(atPath: $0) }
        do {
            return try GenerateConfig.plan(at: config ?? found ?? GenerateConfig.defaultPaths[0])
        } catch {
            throw Fault.usage(error.description)
        }
    }

    private func rule(_ text: String) throws -> EmitOptions.ModuleRule {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw Fault.usage("--map '\(text)' is not PATH=MODULE")
        }
        return EmitOptions.ModuleRule(path: parts[0], module: parts[1])
    }
}

/// What a run did, or would do, in lines.
struct GenerateSummary {
    /// A check found that something would change.
    let isStale: Bool
    let text: String

    init(_ outcome: Generator.Outcome, isCheck: Bool) {
        let changes = outcome.changes
        let isStale = isCheck && !changes.isEmpty
        var lines = changes.written.map { file in
            "\(isStale ? "would change" : "wrote") \(file.path) (+\(file.added) -\(file.removed) lines)"
        }
        lines += changes.removed.map { (isStale ? "would remove " : "removed ") + $0 }
        if isStale {
            lines.append("weft: generated code is not what the contracts say; run 'weft generate'")
        } else {
            let changed = lines.count
            lines.append("\(outcome.contracts) contracts, \(changes.all.count) files, \(changed) changed")
        }
        self.isStale = isStale
        text = lines.map { $0 + "\n" }.joined()
    }
}

/// Standard output or standard error as a text stream.
struct StandardStream: TextOutputStream {
    let handle: FileHandle

    mutating func write(_ text: String) {
        handle.write(Data(text.utf8))
    }
}
