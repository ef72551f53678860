/// A rule could not be evaluated for a value: neither kept nor broken.
public struct EvaluationError: Error, Equatable, Sendable {
    /// The rule's stable name; empty if no single rule is to blame.
    public let ruleID: String
    public let reason: EvalError

    public init(ruleID: String, reason: EvalError) {
        self.ruleID = ruleID
        self.reason = reason
    }
}

extension EvaluationError: CustomStringConvertible {
    public var description: String {
        ruleID.isEmpty ? "the rules cannot be evaluated: \(reason)" : "rule '\(ruleID)' cannot be evaluated: \(reason)"
    }
}
