import ProtoSyntax

/// A value of a configuration file and its line, whatever the file's format is.
package struct ConfigNode: Equatable, Sendable {
    package enum Value: Equatable, Sendable {
        case null
        case text(String)
        case list([ConfigNode])
        case map([Entry])
    }

    package struct Entry: Equatable, Sendable {
        package let key: String
        package let value: ConfigNode

        package init(key: String, value: ConfigNode) {
            self.key = key
            self.value = value
        }
    }

    package let value: Value
    /// From 1.
    package let line: Int

    package init(_ value: Value, line: Int) {
        self.value = value
        self.line = line
    }

    package var isNull: Bool { value == .null }

    // MARK: - Reading

    /// The values behind the keys of a map; other keys are faults.
    package func members(
        of what: String, known: [String]
    ) throws(ConfigurationFault) -> [String: ConfigNode] {
        let entries: [Entry]
        switch value {
        case .map(let found): entries = found
        case .null: entries = []
        default: throw fault("`\(what)` has keys and values")
        }
        var members: [String: ConfigNode] = [:]
        for entry in entries {
            guard known.contains(entry.key) else {
                let hint = nearest(to: entry.key, among: known).map { "; did you mean `\($0)`?" } ?? ""
                throw entry.value.fault("`\(what)` has no `\(entry.key)`\(hint)")
            }
            guard members.updateValue(entry.value, forKey: entry.key) == nil else {
                throw entry.value.fault("`\(entry.key)` stands twice")
            }
        }
        return members
    }

    package func text(_ what: String) throws(ConfigurationFault) -> String {
        guard case .text(let text) = value else { throw fault("`\(what)` is a text") }
        return text
    }

    package func bool(_ what: String) throws(ConfigurationFault) -> Bool {
        switch value {
        case .text("true"): return true
        case .text("false"): return false
        default: throw fault("`\(what)` is true or false")
        }
    }

    package func texts(_ what: String) throws(ConfigurationFault) -> [String] {
        switch value {
        case .null: return []
        case .list(let nodes):
            var texts: [String] = []
            for node in nodes { texts.append(try node.text(what)) }
            return texts
        default: throw fault("`\(what)` is a list")
        }
    }

    package func fault(_ problem: String) -> ConfigurationFault {
        ConfigurationFault("line \(line): \(problem)")
    }
}
