/// An expression with its types, names resolved and macros taken apart: what a generator lowers.
package struct Typed: Sendable {
    package indirect enum Node: Sendable {
        case literal(Expression.Value)
        case variable(String)
        /// A message's field.
        case field(Typed, String)
        /// `has(message.field)`.
        case hasField(Typed, String)
        /// `has(map.key)`.
        case hasKey(Typed, String)
        case element(Typed, at: Typed)
        case unary(Expression.Unary, Typed)
        case binary(Expression.Binary, Typed, Typed)
        /// A function, with the target of a method as its first argument.
        case call(String, [Typed])
        case conditional(Typed, then: Typed, otherwise: Typed)
        case list([Typed])
        case map([(key: Typed, value: Typed)])
        case message(String, [(field: String, value: Typed)])
        case comprehension(Comprehension)
    }

    package struct Comprehension: Sendable {
        package enum Kind: String, Sendable {
            case all, exists, filter, map
            case existsOne = "exists_one"
        }

        package let kind: Kind
        package let source: Typed
        /// One, or a list's index (a map's key) and its value.
        package let variables: [String]
        /// The condition of a `map` that has one.
        package let filter: Typed?
        package let body: Typed
    }

    package let node: Node
    package let type: CELType
    package let offset: Int
}
