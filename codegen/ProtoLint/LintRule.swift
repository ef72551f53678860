package import ProtoCheck

/// A rule and its check.
package struct LintRule: Sendable {
    package let rule: Rule
    /// Looks at the whole contract and reports what it finds.
    let check: @Sendable (inout LintRun) -> Void

    package init(_ rule: Rule, check: @escaping @Sendable (inout LintRun) -> Void) {
        self.rule = rule
        self.check = check
    }

    /// Every rule, in the order of buf 1.75's list for `buf.yaml` version 2; names and categories are its own, so that a
    /// team may bring its configuration along.
    package static let all: [LintRule] =
        minimalRules + namingRules + fileRules + packageRules + enumRules + [protovalidate] + rpcRules + commentRules
        + streamingRules + [stablePackageNoImportUnstable]

    /// What older configurations say, and what it means now.
    static let replaced: [String: [String]] = ["IMPORT_NO_WEAK": []]

    /// The rules of `all`, with those of `others` in place of the rules of the same name.
    package static func all(with others: [LintRule]) -> [LintRule] {
        all.filter { rule in !others.contains { $0.rule.name == rule.rule.name } } + others
    }

    /// Sets within sets: what is in the minimal one is in all three.
    static let minimal = ["MINIMAL", "BASIC", "STANDARD"]
    static let basic = ["BASIC", "STANDARD"]
    static let standard = ["STANDARD"]

    /// Whoever knows how to compile validation rules brings the check: see `all(with:)`.
    static let protovalidate = LintRule(protovalidateRule) { _ in }

    package static let protovalidateRule = Rule(
        "PROTOVALIDATE", standard, "Validation rules are valid and their CEL expressions compile.",
        why: "a rule that does not compile is found here, or by the first request that it should have refused")
}
