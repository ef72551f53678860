import ProtoCheck
import ProtoLint
import RuleEmit

extension LintRule {
    /// PROTOVALIDATE: the generator's own check of `buf.validate` rules, which turns them into Swift.
    static let validationRules = LintRule(protovalidateRule) { run in
        let names = run.files.map(\.name)
        do {
            for fault in try RuleEmitter().check(run.contract.files.map(\.proto), only: Set(names)) {
                run.report(
                    "the rule `\(fault.rule)` of `\(fault.element)` cannot be: \(fault.message)",
                    at: ElementPlace(file: fault.file, path: fault.path),
                    help: "correct the rule; the generator refuses the contract as it is")
            }
            for found in try RuleEmitter().contradictions(run.contract.files.map(\.proto), only: Set(names)) {
                run.report(
                    "the rule `\(found.rule)` of `\(found.element)` excludes another: \(found.message)",
                    at: ElementPlace(file: found.file, path: found.path), help: "correct one of the two")
            }
        } catch {
            // Its code could not be written for a reason of its own; then nobody knows whether its rules are good.
            for name in names.prefix(1) {
                run.report("the rules could not be checked: \(error)", at: ElementPlace(file: name))
            }
        }
    }
}
