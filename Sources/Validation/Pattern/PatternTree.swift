/// An expression as it was read: nodes that name each other by number, children before parents.
struct PatternTree {
    typealias Node = Int

    enum Kind {
        case empty
        case set(Int)
        case assertion(Assertion)
        case sequence([Node])
        case choice([Node])
        /// `most` is nil for any number.
        case repetition(Node, least: Int, most: Int?)
    }

    /// Conditions on a place in the text.
    enum Assertion: UInt8, Sendable {
        case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
    }

    private(set) var kinds: [Kind] = []
    private(set) var sets: [ScalarSet] = []
    private var numbers: [ScalarSet: Int] = [:]
    /// The largest product of repetitions in each other, below each node.
    private var products: [Int] = []
    var root = 0

    mutating func add(_ kind: Kind) -> Node {
        kinds.append(kind)
        products.append(product(of: kind))
        return kinds.count - 1
    }

    mutating func add(_ set: ScalarSet) -> Node {
        if let number = numbers[set] { return add(.set(number)) }
        sets.append(set)
        numbers[set] = sets.count - 1
        return add(.set(sets.count - 1))
    }

    /// How often the innermost part of `node` may be written out.
    func repetitions(of node: Node) -> Int { products[node] }

    private func product(of kind: Kind) -> Int {
        switch kind {
        case .empty, .set, .assertion: 1
        case .sequence(let parts), .choice(let parts): parts.lazy.map { products[$0] }.max() ?? 1
        case .repetition(let part, let least, let most):
            products[part] * max(most ?? least, 1)
        }
    }
}
