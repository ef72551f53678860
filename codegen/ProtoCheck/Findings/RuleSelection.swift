import ProtoSyntax

/// Which rules are asked: by name or by category, less some.
package struct RuleSelection: Equatable, Sendable {
    package var use: [String]
    package var except: [String]

    package init(use: [String], except: [String] = []) {
        self.use = use
        self.except = except
    }

    /// The names of the rules that are on.
    ///
    /// - Parameter replaced: names of rules and categories that are no more, and what stands for them now.
    package func names(
        among rules: [Rule], replaced: [String: [String]] = [:]
    ) throws(ConfigurationFault) -> Set<String> {
        var names: Set<String> = []
        for word in use { names.formUnion(try expand(word, among: rules, replaced)) }
        for word in except { names.subtract(try expand(word, among: rules, replaced)) }
        return names
    }

    private func expand(
        _ word: String, among rules: [Rule], _ replaced: [String: [String]]
    ) throws(ConfigurationFault) -> [String] {
        if let words = replaced[word] { return words }
        let names = rules.filter { $0.name == word || $0.categories.contains(word) }.map(\.name)
        guard names.isEmpty else { return names }
        let known = Set(rules.map(\.name) + rules.flatMap(\.categories))
        throw ConfigurationFault(
            "there is no rule or category `\(word)`"
                + (nearest(to: word, among: known).map { "; did you mean `\($0)`?" } ?? ""))
    }
}

/// Why a configuration cannot be followed.
package struct ConfigurationFault: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
