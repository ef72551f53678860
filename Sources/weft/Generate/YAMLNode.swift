import ProtoSyntax
import Yams

/// A value of a configuration file with its place in it: every complaint names the line.
struct YAMLNode {
    /// What is wrong with a configuration file, and where.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private let node: Node
    private let file: String
    /// The keys that lead here: `targets[0].module`.
    private let path: String

    /// Reads YAML; JSON is YAML too.
    static func read(_ text: String, file: String) throws(Fault) -> YAMLNode {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw Fault(description: "\(file): \(sentence(error))")
        }
        guard let node else { throw Fault(description: "\(file): the file is empty") }
        return YAMLNode(node: node, file: file, path: "")
    }

    private init(node: Node, file: String, path: String) {
        self.node = node
        self.file = file
        self.path = path
    }

    private static func sentence(_ error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _)?, .parser(_, let problem, let mark, _)?,
            .composer(_, let problem, let mark, _)?:
            "line \(mark.line): \(problem)"
        case .duplicatedKeysInMapping(let keys, let context)?:
            "line \(context.mark.line): given twice: \(keys.map { "\($0)" }.joined(separator: ", "))"
        default: "this is not YAML: \(error)"
        }
    }

    func fault(_ problem: String) -> Fault {
        let place = node.mark.map { ":\($0.line):\($0.column)" } ?? ""
        return Fault(description: "\(file)\(place): \(problem)")
    }

    // MARK: - Kinds of values

    /// The values of an object by their keys, of which only the `known` ones may be there.
    func object(_ known: [String]) throws(Fault) -> [String: YAMLNode] {
        var values: [String: YAMLNode] = [:]
        for (key, value) in try pairs("an object with the keys \(known.joined(separator: ", "))") {
            guard known.contains(key) else {
                let hint = nearest(to: key, among: known).map { "; did you mean '\($0)'?" }
                let all = "; known are \(known.joined(separator: ", "))"
                throw value.keyFault("unknown key '\(key)'\(hint ?? all)")
            }
            values[key] = value
        }
        return values
    }

    /// The values of an object of any keys, as it stands.
    func pairs(_ wanted: String = "an object") throws(Fault) -> [(key: String, value: YAMLNode)] {
        guard let mapping = node.mapping else { throw wrong(wanted) }
        var pairs: [(key: String, value: YAMLNode)] = []
        for (key, value) in mapping {
            guard let name = key.string else { throw wrong(wanted) }
            pairs.append((name, YAMLNode(node: value, file: file, path: path.isEmpty ? name : "\(path).\(name)")))
        }
        return pairs
    }

    func list() throws(Fault) -> [YAMLNode] {
        guard let sequence = node.sequence else { throw wrong("a list") }
        return sequence.enumerated().map { YAMLNode(node: $0.element, file: file, path: "\(path)[\($0.offset)]") }
    }

    func strings() throws(Fault) -> [String] {
        var strings: [String] = []
        for item in try list() { strings.append(try item.string()) }
        return strings
    }

    func string() throws(Fault) -> String {
        // A number or a truth value in place of a name is a slip, and YAML's readiness to read it as text hides it.
        guard node.scalar != nil, node.tag == Tag(.str), let text = node.string else { throw wrong("a text") }
        return text
    }

    func bool() throws(Fault) -> Bool {
        guard node.tag == Tag(.bool), let value = node.bool else { throw wrong("true or false") }
        return value
    }

    private func wrong(_ wanted: String) -> Fault {
        fault((path.isEmpty ? "this" : "'\(path)'") + " is not \(wanted)")
    }

    private func keyFault(_ problem: String) -> Fault { fault(problem) }
}
