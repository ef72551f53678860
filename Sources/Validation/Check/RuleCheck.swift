public import WellKnown

/// Collects what is wrong with one message while its generated `validate` walks it.
///
/// A valid message costs it nothing: paths are not kept on the way down, but put in front of what was reported on the way
/// back up, so no memory is taken before the first violation.
public struct RuleCheck: Sendable {
    /// How many violations are wanted.
    public enum Mode: Sendable {
        /// Each one.
        case all
        /// The first: enough to refuse a message.
        case first
    }

    /// How deep messages may lie in each other: the limit of the decoder, so only a message that was built here can meet
    /// it. It keeps the stack bounded.
    static let depthLimit = 100

    /// A message with more is refused all the same, and nobody reads more; it bounds what a hostile message can make the
    /// process allocate.
    static let violationLimit = 1000

    /// No more rules need to be looked at.
    public private(set) var goesOn = true

    @usableFromInline var violations: [Violation] = []
    private var failure: EvaluationError?
    private let mode: Mode
    @usableFromInline var levelsLeft = RuleCheck.depthLimit
    private var time: GoogleProtobuf.Timestamp?

    public init(mode: Mode = .all, now: GoogleProtobuf.Timestamp? = nil) {
        self.mode = mode
        time = now
    }

    /// The time that rules compare with. It is read once, so all rules of one message see the same.
    public var now: GoogleProtobuf.Timestamp {
        mutating get {
            if let time { return time }
            let read = GoogleProtobuf.Timestamp.wallTime
            time = read
            return read
        }
    }

    /// Nothing was reported.
    @inlinable
    public var isClean: Bool { violations.isEmpty && !hasFailed }

    @usableFromInline var hasFailed: Bool { failure != nil }

    /// Reports that a rule is not kept.
    ///
    /// - Parameters:
    ///   - id: the rule's stable name, such as `string.min_len`.
    ///   - message: what is wrong, for a person.
    ///   - field: the field of *this* message; nil if the rule is the message's own.
    ///   - rule: the way from the field's options to the rule.
    ///   - forKey: the value at fault is the key of the map's entry.
    public mutating func violation(
        _ id: String, _ message: String, at field: FieldPath.Element? = nil, rule: FieldPath = FieldPath(),
        forKey: Bool = false
    ) {
        violation(id, message, at: FieldPath(field.map { [$0] } ?? []), rule: rule, forKey: forKey)
    }

    /// Reports that a rule is not kept, with the whole way from this message to the value.
    public mutating func violation(
        _ id: String, _ message: String, at field: FieldPath, rule: FieldPath = FieldPath(), forKey: Bool = false
    ) {
        guard goesOn else { return }
        violations.append(Violation(field: field, rule: rule, ruleID: id, message: message, forKey: forKey))
        if mode == .first || violations.count >= Self.violationLimit { goesOn = false }
    }

    /// Reports that a rule cannot be evaluated for this value. The check ends: what such a rule would say is unknown.
    public mutating func failure(_ error: EvalError, _ id: String) {
        guard failure == nil else { return }
        failure = EvaluationError(ruleID: id, reason: error)
        goesOn = false
    }

    /// Checks a part of the message: what `body` reports gets `step` in front of its path.
    @inlinable
    public mutating func nested(_ step: @autoclosure () -> FieldPath.Element, _ body: (inout RuleCheck) -> Void) {
        let before = violations.count
        guard descend() else { return }
        body(&self)
        levelsLeft += 1
        if violations.count > before { prepend(step(), from: before) }
    }

    @usableFromInline
    mutating func descend() -> Bool {
        guard levelsLeft > 0 else {
            failure(.tooDeep(limit: Self.depthLimit), "")
            return false
        }
        levelsLeft -= 1
        return true
    }

    @usableFromInline
    mutating func prepend(_ step: FieldPath.Element, from first: Int) {
        for index in first..<violations.count { violations[index].field.prepend(step) }
    }

    /// The violations, in the order of the contract.
    func result() throws(EvaluationError) -> [Violation] {
        if let failure { throw failure }
        return violations.map { violation in
            var violation = violation
            violation.field.finish()
            return violation
        }
    }
}
