package import ProtoCheck

/// A rule and its check.
package struct BreakingRule: Sendable {
    package let rule: Rule
    /// Looks at both contracts and reports what it finds.
    let check: @Sendable (inout BreakingRun) -> Void

    init(_ rule: Rule, check: @escaping @Sendable (inout BreakingRun) -> Void) {
        self.rule = rule
        self.check = check
    }

    /// Every rule; names and categories are those of buf 1.75 for `buf.yaml` version 2, so that a team may bring its
    /// configuration along.
    package static let all: [BreakingRule] =
        deletionRules + packageRules + fileRules + enumRules + messageRules + fieldRules + wireRules + serviceRules

    /// What older configurations say, and what it means now.
    static let replaced: [String: [String]] = [
        "FIELD_SAME_CTYPE": ["FIELD_SAME_CPP_STRING_TYPE"],
        "FIELD_SAME_LABEL": [
            "FIELD_SAME_CARDINALITY", "FIELD_WIRE_COMPATIBLE_CARDINALITY", "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
        ],
        "FILE_SAME_JAVA_STRING_CHECK_UTF8": ["FIELD_SAME_JAVA_UTF8_VALIDATION"],
        "FILE_SAME_PHP_GENERIC_SERVICES": [], "MESSAGE_SAME_MESSAGE_SET_WIRE_FORMAT": [],
    ]

    // Which categories a rule is in follows from whom its break hurts.

    /// Code that is generated again, file by file.
    static let file = ["FILE"]
    static let schemaAndFile = ["CSR", "FILE"]
    /// Code that is generated again, package by package.
    static let source = ["FILE", "PACKAGE"]
    static let schemaAndSource = ["CSR", "FILE", "PACKAGE"]
    static let package = ["PACKAGE"]
    /// Whoever speaks JSON.
    static let json = ["CSR", "FILE", "PACKAGE", "WIRE_JSON"]
    static let jsonAlone = ["CSR", "WIRE_JSON"]
    /// Whoever speaks at all.
    static let wire = ["CSR", "FILE", "PACKAGE", "WIRE_JSON", "WIRE"]
    static let jsonAndWireAlone = ["CSR", "WIRE_JSON", "WIRE"]
    static let wireAlone = ["WIRE"]
}
