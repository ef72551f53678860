package import Descriptors
package import ProtoCheck

/// Compares a contract with what it was.
package struct BreakingChecker: Sendable {
    /// What a comparison says.
    package struct Result: Sendable {
        package var findings: [Finding] = []
        /// What looks like a break and is none: a message under another name that is the same on the wire.
        package var remarks: [Finding] = []
    }

    private let options: BreakingOptions

    package init(options: BreakingOptions = BreakingOptions()) {
        self.options = options
    }

    package func compare(
        _ files: [FileDescriptorProto], against oldFiles: [FileDescriptorProto]
    ) throws(ConfigurationFault) -> Result {
        let rules = BreakingRule.all.map(\.rule)
        let names = try options.selection.names(among: rules, replaced: BreakingRule.replaced)
        for word in options.ignores.pathsOfRule.keys {
            _ = try RuleSelection(use: [word]).names(among: rules, replaced: BreakingRule.replaced)
        }
        let comparison = Comparison(old: Contract(oldFiles), new: Contract(files), options: options)
        let witnesses = WitnessFinder(old: oldFiles, new: files, comparison)
        var result = Result()
        for rule in BreakingRule.all where names.contains(rule.rule.name) {
            var run = BreakingRun(rule: rule.rule, comparison: comparison)
            rule.check(&run)
            result.findings += run.found.map { found in
                var finding = found.finding
                finding.notes += witnesses.notes(on: found.subject, rule: rule.rule)
                return finding
            }
            result.remarks += run.remarks
        }
        result.findings = Finding.ordered(result.findings)
        result.remarks = Finding.ordered(result.remarks)
        return result
    }
}

/// The two contracts and what was asked.
struct Comparison: Sendable {
    let old: Contract
    let new: Contract
    let options: BreakingOptions
    let shapes: WireShapes

    init(old: Contract, new: Contract, options: BreakingOptions) {
        self.old = old
        self.new = new
        self.options = options
        shapes = WireShapes(old: old, new: new)
    }
}

/// What a finding is about, for whoever looks for a payload that shows the break.
enum Subject: Sendable {
    case none
    /// A field of the old contract, by the full name of its message (an extension's extendee) and its number.
    case field(message: String, number: Int32)
    case enumeration(String, number: Int32?)
    /// What is read as one type was written as another.
    case types(old: String, new: String)
    /// The message as a whole: what is in it may be too little.
    case message(String)
}

/// One rule at work: what it reads, and where it reports.
struct BreakingRun {
    struct Found {
        let finding: Finding
        let subject: Subject
    }

    let rule: Rule
    let comparison: Comparison
    private(set) var found: [Found] = []
    private(set) var remarks: [Finding] = []

    var old: Contract { comparison.old }
    var new: Contract { comparison.new }

    init(rule: Rule, comparison: Comparison) {
        self.rule = rule
        self.comparison = comparison
    }

    /// - Parameters:
    ///   - place: what is wrong in the new contract; nil if its file is gone.
    ///   - against: what it was in the old one.
    mutating func report(
        _ message: String, at place: ElementPlace?, against: ElementPlace?, help: String? = nil,
        subject: Subject = .none, notes: [Finding.Note] = []
    ) {
        guard !isIgnored(place, in: new), !isIgnored(against, in: old) else { return }
        found.append(Found(finding: finding(message, place, against, help, notes), subject: subject))
    }

    /// Says that something is no break although it looks like one.
    mutating func remark(_ message: String, at place: ElementPlace?, against: ElementPlace?) {
        guard !isIgnored(place, in: new), !isIgnored(against, in: old) else { return }
        var remark = finding(message, place, against, nil, [])
        remark.why = "numbers, types, oneofs and enum values are the same, so each side reads what the other writes"
        remarks.append(remark)
    }

    private func finding(
        _ message: String, _ place: ElementPlace?, _ against: ElementPlace?, _ help: String?, _ notes: [Finding.Note]
    ) -> Finding {
        var notes = notes
        if let against, let region = old.region(of: against) {
            notes.insert(
                Finding.Note("before", "\(against.file):\(region.startLine + 1):\(region.startColumn + 1)"), at: 0)
        }
        return Finding(
            rule: rule.name, file: place?.file, region: place.flatMap { new.region(of: $0) }, message: message,
            why: rule.why, help: help, notes: notes)
    }

    private func isIgnored(_ place: ElementPlace?, in contract: Contract) -> Bool {
        guard let place else { return false }
        if comparison.options.ignores.covers(file: place.file, rule: rule) { return true }
        guard comparison.options.ignoresUnstablePackages, let file = contract.file(place.file) else { return false }
        return PackageVersion(ofPackage: file.package)?.isStable == false
    }

    // MARK: - Pairs

    mutating func forEachFile(_ body: (ContractFile, ContractFile, inout BreakingRun) -> Void) {
        for file in old.files {
            if let now = new.file(file.name) { body(file, now, &self) }
        }
    }

    mutating func forEachMessage(_ body: (ContractMessage, ContractMessage, inout BreakingRun) -> Void) {
        for message in old.files.flatMap(\.messages) {
            if let now = new.messages[message.fullName] { body(message, now, &self) }
        }
    }

    mutating func forEachEnum(_ body: (ContractEnum, ContractEnum, inout BreakingRun) -> Void) {
        for enumeration in old.files.flatMap(\.enums) {
            if let now = new.enums[enumeration.fullName] { body(enumeration, now, &self) }
        }
    }

    mutating func forEachService(_ body: (ContractService, ContractService, inout BreakingRun) -> Void) {
        for service in old.files.flatMap(\.services) {
            if let now = new.services[service.fullName] { body(service, now, &self) }
        }
    }

    mutating func forEachMethod(_ body: (ContractMethod, ContractMethod, inout BreakingRun) -> Void) {
        forEachService { old, new, run in
            for method in old.methods {
                if let now = new.methods.first(where: { $0.name == method.name }) { body(method, now, &run) }
            }
        }
    }

    /// Fields of the same message and number, then extensions of the same extendee and number.
    mutating func forEachField(_ body: (ContractField, ContractField, Subject, inout BreakingRun) -> Void) {
        forEachMessage { old, new, run in
            for field in old.fields {
                guard let now = new.field(number: field.number) else { continue }
                body(field, now, .field(message: old.fullName, number: field.number), &run)
            }
        }
        struct Key: Hashable {
            let extendee: String
            let number: Int32
        }
        let now = Dictionary(
            new.files.flatMap(\.allExtensions).map { (Key(extendee: $0.message, number: $0.number), $0) }
        ) { first, _ in first }
        for field in old.files.flatMap(\.allExtensions) {
            guard let other = now[Key(extendee: field.message, number: field.number)] else { continue }
            body(field, other, .field(message: field.message, number: field.number), &self)
        }
    }
}
