public import ProtoWire
public import WellKnown

/// A message whose contract has rules (`buf.validate`), or holds messages that have.
///
/// The generator writes the conformance: each rule is a line of Swift, so nothing is read or interpreted at run time.
public protocol ValidatedMessage: Message {
    /// Reports to `check` each rule that this message, or a message in it, does not keep.
    func validate(_ check: inout RuleCheck)
}

extension ValidatedMessage {
    /// Each rule that the message does not keep, in the order of the contract; empty if it is valid.
    ///
    /// - Parameters:
    ///   - now: the time that rules such as `timestamp.lt_now` compare with; the system's clock if none is given.
    ///   - mode: whether to stop at the first.
    /// - Throws: `EvaluationError` if a rule could not be evaluated for this value (an overflow in a CEL expression).
    public func violations(
        now: GoogleProtobuf.Timestamp? = nil, mode: RuleCheck.Mode = .all
    ) throws(EvaluationError) -> [Violation] {
        var check = RuleCheck(mode: mode, now: now)
        validate(&check)
        return try check.result()
    }

    /// The message keeps each of its rules.
    public func isValid(now: GoogleProtobuf.Timestamp? = nil) -> Bool {
        var check = RuleCheck(mode: .first, now: now)
        validate(&check)
        return check.isClean
    }
}
