/// Finds the route of a request: compiled once when contracts come, then only walked.
///
/// A trie by segments. Where several templates fit, literal wins over `*`, and `*` over `**`, from left to right, whatever
/// order the contracts came in; two bindings that fit exactly the same requests are a fault of the contract.
struct RouteTable<Target: Sendable>: Sendable {
    struct Match {
        let target: Target
        /// The value of each variable, unescaped, by its field path.
        let variables: [(fieldPath: String, value: String)]
    }

    enum Answer {
        case found(Match)
        /// The path is known, the method is not: these are.
        case wrongMethod(allowed: [String])
        case unknown
        /// The path cannot be read: a bad escape, or bytes that are not UTF-8.
        case malformed(String)
    }

    struct Conflict: Error, Equatable {
        let message: String
    }

    private struct Leaf {
        let template: PathTemplate
        let target: Target
        let name: String
    }

    private struct Node {
        var literals: [String: Int] = [:]
        var one: Int?
        var rest: Int?
        /// By verb ("" for none), then by HTTP method.
        var leaves: [String: [String: Leaf]] = [:]
    }

    private var nodes = [Node()]

    /// A path of more segments is nobody's.
    static var maxSegments: Int { 64 }

    /// - Parameter name: what the target is called in a conflict.
    mutating func add(
        method: String, template: PathTemplate, target: Target, name: String
    ) throws(Conflict) {
        var place = 0
        for segment in template.segments {
            switch segment {
            case .literal(let text): place = child(of: place, \.literals[text])
            case .one: place = child(of: place, \.one)
            case .rest: place = child(of: place, \.rest)
            }
        }
        if let other = nodes[place].leaves[template.verb ?? ""]?[method] {
            throw Conflict(message: "\(method) of '\(name)' fits the same requests as '\(other.name)'")
        }
        nodes[place].leaves[template.verb ?? "", default: [:]][method] = Leaf(
            template: template, target: target, name: name)
    }

    private mutating func child(of place: Int, _ edge: WritableKeyPath<Node, Int?>) -> Int {
        if let known = nodes[place][keyPath: edge] { return known }
        nodes.append(Node())
        nodes[place][keyPath: edge] = nodes.count - 1
        return nodes.count - 1
    }

    /// - Parameter path: the raw path of the request, without its query.
    func find(method: String, path: String) -> Answer {
        guard path.hasPrefix("/") else { return .malformed("a path begins with '/'") }
        let raw = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard raw.count <= Self.maxSegments else { return .unknown }
        var segments: [String] = []
        for part in raw {
            guard let text = PercentCoding.decode(part) else {
                return .malformed("'\(part)' is not percent-encoded UTF-8")
            }
            segments.append(text)
        }
        var allowed: Set<String> = []
        // A verb stands after the last colon of the raw text: an escaped colon is none.
        if let last = raw.last, let colon = last.lastIndex(of: ":"),
            let verb = PercentCoding.decode(last[last.index(after: colon)...]),
            let head = PercentCoding.decode(last[..<colon])
        {
            let shortened = segments.dropLast() + [head]
            let rawShortened = raw.dropLast() + [last[..<colon]]
            if let leaf = walk(0, shortened[...], method, verb, &allowed) {
                return .found(match(leaf, Array(shortened), Array(rawShortened)))
            }
        }
        if let leaf = walk(0, segments[...], method, "", &allowed) {
            return .found(match(leaf, segments, raw))
        }
        return allowed.isEmpty ? .unknown : .wrongMethod(allowed: allowed.sorted())
    }

    private func walk(
        _ place: Int, _ rest: ArraySlice<String>, _ method: String, _ verb: String, _ allowed: inout Set<String>
    ) -> Leaf? {
        let node = nodes[place]
        guard let first = rest.first else {
            return leaf(at: place, method, verb, &allowed) ?? node.rest.flatMap { leaf(at: $0, method, verb, &allowed) }
        }
        if let next = node.literals[first], let leaf = walk(next, rest.dropFirst(), method, verb, &allowed) {
            return leaf
        }
        if !first.isEmpty, let next = node.one, let leaf = walk(next, rest.dropFirst(), method, verb, &allowed) {
            return leaf
        }
        return node.rest.flatMap { leaf(at: $0, method, verb, &allowed) }
    }

    private func leaf(at place: Int, _ method: String, _ verb: String, _ allowed: inout Set<String>) -> Leaf? {
        guard let leaves = nodes[place].leaves[verb] else { return nil }
        if let leaf = leaves[method] ?? leaves["*"] ?? (method == "HEAD" ? leaves["GET"] : nil) { return leaf }
        allowed.formUnion(leaves.keys)
        return nil
    }

    private func match(_ leaf: Leaf, _ segments: [String], _ raw: [Substring]) -> Match {
        let variables = leaf.template.variables.map { variable in
            let end =
                leaf.template.segments[variable.segments].contains(.rest)
                ? segments.count : variable.segments.upperBound
            let range = variable.segments.lowerBound..<max(end, variable.segments.lowerBound)
            let value =
                variable.isMulti
                ? raw[range].map { PercentCoding.decodeKeepingSlashes($0) }.joined(separator: "/")
                : segments[range].joined(separator: "/")
            return (fieldPath: variable.fieldPath, value: value)
        }
        return Match(target: leaf.target, variables: variables)
    }
}
