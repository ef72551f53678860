/// A word of an expression.
struct Token: Equatable {
    enum Kind: Equatable {
        case identifier(String)
        /// A field's name between back-ticks, which may hold what names may not.
        case quoted(String)
        case literal(Expression.Value)
        /// An integer too large for `int` unless a minus stands before it: the magnitude of the smallest one.
        case smallestMagnitude
        case symbol(String)
        case end
    }

    let kind: Kind
    let offset: Int
}
