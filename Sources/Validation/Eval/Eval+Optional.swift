extension Eval {
    /// A wrapper's value where an operator wants one: null has no operators.
    @inlinable
    public static func present<Value>(_ value: Value?) throws(EvalError) -> Value {
        guard let value else { throw .noSuchOverload("null where a value is wanted") }
        return value
    }
}
