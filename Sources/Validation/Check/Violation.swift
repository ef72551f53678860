/// One rule that a message does not keep: what `buf.validate.Violation` says.
public struct Violation: Sendable, Equatable {
    /// The way to the value; empty if the rule is the message's own.
    public var field: FieldPath
    /// The way to the rule in the options of the field, oneof or message.
    public var rule: FieldPath
    /// The rule's stable name, such as `string.min_len`.
    public var ruleID: String
    /// What is wrong, for a person.
    public var message: String
    /// The value at fault is the key of the map's entry.
    public var forKey: Bool

    public init(field: FieldPath, rule: FieldPath, ruleID: String, message: String, forKey: Bool = false) {
        self.field = field
        self.rule = rule
        self.ruleID = ruleID
        self.message = message
        self.forKey = forKey
    }
}

extension Violation: CustomStringConvertible {
    public var description: String {
        let said = message.isEmpty ? "does not keep the rule \(ruleID)" : message
        return field.isEmpty ? said : "\(field): \(said)"
    }
}
