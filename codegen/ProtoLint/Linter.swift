package import Descriptors
package import ProtoCheck
package import ProtoSyntax

/// Asks the rules about a contract.
///
///     let (files, report) = compiler.compile(paths)
///     let findings = try Linter().lint(files, checked: Set(paths), report: report)
package struct Linter: Sendable {
    private let options: LintOptions
    private let rules: [LintRule]

    package init(options: LintOptions = LintOptions(), rules: [LintRule] = LintRule.all) {
        self.options = options
        self.rules = rules
    }

    /// - Parameters:
    ///   - checked: the files that are asked about; the others are there because those import them.
    ///   - report: what the compiler said about them: it knows which imports nothing is used of.
    package func lint(
        _ files: [FileDescriptorProto], checked: Set<String>, report: Report
    ) throws(ConfigurationFault) -> [Finding] {
        let names = try options.selection.names(among: rules.map(\.rule), replaced: LintRule.replaced)
        for word in options.ignores.pathsOfRule.keys {
            _ = try RuleSelection(use: [word]).names(among: rules.map(\.rule), replaced: LintRule.replaced)
        }
        let contract = Contract(files, checked: checked)
        var findings: [Finding] = []
        for rule in rules where names.contains(rule.rule.name) {
            var run = LintRun(
                rule: rule.rule, contract: contract, options: options,
                unusedImports: UnusedImports.places(in: report, contract))
            rule.check(&run)
            findings += run.findings
        }
        return Finding.ordered(findings)
    }
}

/// One rule at work: what it reads, and where it reports.
package struct LintRun {
    package let rule: Rule
    package let contract: Contract
    package let options: LintOptions
    let unusedImports: Set<ElementPlace>
    package private(set) var findings: [Finding] = []

    /// The files that are asked about.
    package var files: [ContractFile] { contract.files.filter { !$0.isImport } }

    init(rule: Rule, contract: Contract, options: LintOptions, unusedImports: Set<ElementPlace>) {
        self.rule = rule
        self.contract = contract
        self.options = options
        self.unusedImports = unusedImports
    }

    /// - Parameter place: an element, or the file as a whole.
    package mutating func report(_ message: String, at place: ElementPlace, help: String? = nil) {
        guard !options.ignores.covers(file: place.file, rule: rule),
            !options.ignores.covers(place, rule: rule, in: contract)
        else { return }
        findings.append(
            Finding(
                rule: rule.name, file: place.file, region: contract.region(of: place), message: message, why: rule.why,
                help: help))
    }
}

/// The imports that the compiler says nothing is used of.
enum UnusedImports {
    static func places(in report: Report, _ contract: Contract) -> Set<ElementPlace> {
        var places: Set<ElementPlace> = []
        for diagnostic in report.diagnostics where diagnostic.code == .unusedImport {
            guard let span = diagnostic.span, let file = contract.file(report.source(span.source).path) else {
                continue
            }
            let start = report.source(span.source).position(at: span.start)
            for index in file.proto.dependency.indices {
                let place = ElementPlace(file: file.name, path: [3, Int32(index)])
                if let region = contract.region(of: place), region.startLine == start.line,
                    region.startColumn == start.column
                {
                    places.insert(place)
                }
            }
        }
        return places
    }
}
