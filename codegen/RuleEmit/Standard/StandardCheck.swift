import ProtoWire

/// One standard rule of one value, ready to be written.
struct StandardCheck {
    /// A Swift condition that is true if the rule is broken.
    let fails: String
    /// Whether asking may throw `EvalError`.
    var canThrow = false
    let id: String
    let message: String
    let rule: Step

    /// A field on the way to a rule.
    struct Step {
        let number: Int32
        let name: String
        let kind: String
        var index: Int?

        /// `cel[0]`, as people write it.
        var shown: String { name + (index.map { "[\($0)]" } ?? "") }

        /// `.field(2, "min_len", .uint64)`.
        var text: String {
            if let index { return ".element(\(number), \(Literal.text(name)), .\(kind), \(index))" }
            return ".field(\(number), \(Literal.text(name)), .\(kind))"
        }
    }
}

/// The regular expressions of one file, each compiled once when it is first used.
struct PatternTable {
    private(set) var patterns: [String] = []

    /// What generated code calls the pattern.
    mutating func reference(_ pattern: String) -> String {
        if let index = patterns.firstIndex(of: pattern) { return "Patterns.pattern\(index + 1)" }
        patterns.append(pattern)
        return "Patterns.pattern\(patterns.count)"
    }
}

/// The standard rules of one value: which they are, and what they ask.
///
/// Checks stand in the order in which protovalidate reports them: that of the rules' numbers in the contract's text.
struct StandardRules {
    /// The value in generated code: a name, or a cheap expression.
    let value: String
    private(set) var checks: [StandardCheck] = []
    /// The rules' field in `FieldRules`.
    private(set) var family: StandardCheck.Step
    var patterns: PatternTable

    init(value: String, family: StandardCheck.Step, patterns: PatternTable) {
        self.value = value
        self.family = family
        self.patterns = patterns
    }

    mutating func add(
        _ name: String, _ number: Int32, _ kind: String, id: String? = nil, _ message: String, if fails: String,
        canThrow: Bool = false
    ) {
        let step = StandardCheck.Step(number: number, name: name, kind: kind)
        checks.append(
            StandardCheck(
                fails: fails, canThrow: canThrow, id: id ?? family.name + "." + name, message: message, rule: step))
    }
}
