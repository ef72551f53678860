/// Which findings nobody wants to see: by file, by rule and file, by a comment beside the element.
package struct Ignores: Equatable, Sendable {
    /// Files and folders, as imports name them.
    package var paths: [String]
    /// For one rule or category alone.
    package var pathsOfRule: [String: [String]]
    /// Says in a comment above an element that a rule does not count for it: `// weft:lint:ignore RULE because …`.
    package var commentPrefixes: [String]

    package init(paths: [String] = [], pathsOfRule: [String: [String]] = [:], commentPrefixes: [String] = []) {
        self.paths = paths
        self.pathsOfRule = pathsOfRule
        self.commentPrefixes = commentPrefixes
    }

    package func covers(file: String, rule: Rule) -> Bool {
        let own = ([rule.name] + rule.categories).flatMap { pathsOfRule[$0] ?? [] }
        return (paths + own).contains { Ignores.path($0, contains: file) }
    }

    package func covers(_ place: ElementPlace, rule: Rule, in contract: Contract) -> Bool {
        guard !commentPrefixes.isEmpty, !place.path.isEmpty else { return false }
        // A comment counts for the element below it and for all that is in it, so every outer element is asked too.
        return (1...place.path.count).contains { length in
            let outer = ElementPlace(file: place.file, path: Array(place.path.prefix(length)))
            guard let comments = contract.leadingComments(of: outer) else { return false }
            return comments.split(separator: "\n").contains { line in
                let text = line.drop { $0 == " " || $0 == "\t" }
                return commentPrefixes.contains { text.hasPrefix("\($0) \(rule.name)") }
            }
        }
    }

    /// Whether a file is the path or lies in the folder that it names.
    package static func path(_ path: String, contains file: String) -> Bool {
        var path = path[...]
        while path.hasPrefix("./") { path = path.dropFirst(2) }
        while path.hasSuffix("/") { path = path.dropLast() }
        return path == "." || path.isEmpty || file == path || file.hasPrefix(path + "/")
    }
}
