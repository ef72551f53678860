import ProtoWire
public import RulesAPI
public import WellKnown

extension BufValidate.Violations {
    public init(_ violations: some Sequence<Violation>) {
        self.init()
        self.violations = violations.map(BufValidate.Violation.init)
    }
}

extension BufValidate.Violation {
    public init(_ violation: Violation) {
        self.init()
        if !violation.field.isEmpty { field = BufValidate.FieldPath(violation.field) }
        if !violation.rule.isEmpty { rule = BufValidate.FieldPath(violation.rule) }
        ruleId = violation.ruleID
        if !violation.message.isEmpty { message = violation.message }
        if violation.forKey { forKey = true }
    }
}

extension BufValidate.FieldPath {
    public init(_ path: FieldPath) {
        self.init()
        elements = path.elements.map(BufValidate.FieldPathElement.init)
    }
}

extension BufValidate.FieldPathElement {
    public init(_ element: FieldPath.Element) {
        self.init()
        fieldNumber = element.number
        fieldName = element.name
        fieldType = element.kind.map { .init(rawValue: $0.rawValue) }
        keyType = element.keyKind.map { .init(rawValue: $0.rawValue) }
        valueType = element.valueKind.map { .init(rawValue: $0.rawValue) }
        `subscript` =
            switch element.`subscript` {
            case nil: nil
            case .index(let index)?: .index(UInt64(index))
            case .bool(let key)?: .boolKey(key)
            case .int(let key)?: .intKey(key)
            case .uint(let key)?: .uintKey(key)
            case .string(let key)?: .stringKey(key)
            }
    }
}

extension GoogleRpc.BadRequest.FieldViolation {
    /// The longest path that is written out: a map's key may be as long as a message.
    static let pathLimit = 256

    public init(_ violation: Violation) {
        self.init()
        field = violation.field.description.bounded(Self.pathLimit)
        description = violation.message
        reason = violation.ruleID
    }
}

extension String {
    /// The text, or its beginning and an ellipsis if it has more code points.
    func bounded(_ limit: Int) -> String {
        guard utf8.count > limit, unicodeScalars.count > limit else { return self }
        return String(unicodeScalars.prefix(limit)) + "..."
    }
}
