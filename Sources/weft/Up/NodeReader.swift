import Yams

/// Reads values out of a YAML tree and collects every fault with its line, so that one run shows them all.
struct NodeReader {
    let path: String
    private(set) var faults: [String] = []

    init(path: String) {
        self.path = path
    }

    mutating func compose(_ text: String) -> Node.Mapping? {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                faults.append("\(path): the file is empty")
                return nil
            }
            guard let mapping = node.mapping else {
                fault(node, "", "the file must be a mapping")
                return nil
            }
            return mapping
        } catch let error as YamlError {
            faults.append("\(path): \(Self.describe(error))")
        } catch {
            faults.append("\(path): \(error)")
        }
        return nil
    }

    static func describe(_ error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "\(mark.line):\(mark.column): \(problem)"
        default: "\(error)"
        }
    }

    /// Faults that another reader found.
    mutating func add(_ lines: [String]) {
        faults += lines
    }

    mutating func fault(_ node: Node?, _ name: String, _ problem: String) {
        let place = node?.mark.map { ":\($0.line):\($0.column)" } ?? ""
        faults.append("\(path)\(place): " + (name.isEmpty ? problem : "'\(name)' \(problem)"))
    }

    mutating func allow(_ names: [String], in mapping: Node.Mapping, at section: String) {
        for (key, _) in mapping where !names.contains(key.string ?? "") {
            let name = section.isEmpty ? (key.string ?? "") : "\(section).\(key.string ?? "")"
            fault(key, name, "is unknown; known are \(names.joined(separator: ", "))")
        }
    }

    mutating func section(_ name: String, in root: Node.Mapping, allowed: [String]) -> Node.Mapping? {
        guard let node = root[name] else { return nil }
        guard let mapping = node.mapping else {
            fault(node, name, "must be a mapping")
            return nil
        }
        allow(allowed, in: mapping, at: name)
        return mapping
    }

    mutating func text(
        _ name: String, in mapping: Node.Mapping?, section: String = "", default fallback: String
    ) -> String {
        guard let node = mapping?[name] else { return fallback }
        guard let text = node.scalar?.string, !text.isEmpty else {
            fault(node, section.isEmpty ? name : "\(section).\(name)", "must be a text")
            return fallback
        }
        return text
    }

    mutating func integer(
        _ name: String, in mapping: Node.Mapping?, section: String, in range: ClosedRange<Int>, default fallback: Int
    ) -> Int {
        guard let node = mapping?[name] else { return fallback }
        guard let number = node.int, range.contains(number) else {
            fault(node, "\(section).\(name)", "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return fallback
        }
        return number
    }

    /// `HOST:PORT`, checked here so that the fault has a line.
    mutating func address(
        _ name: String, in mapping: Node.Mapping?, section: String, default fallback: String
    ) -> String {
        let text = text(name, in: mapping, section: section, default: fallback)
        let port = text.split(separator: ":").last.flatMap { UInt16($0) }
        if port == nil || !text.contains(":") {
            fault(mapping?[name], "\(section).\(name)", "must be HOST:PORT, not '\(text)'")
        }
        return text
    }

    mutating func words(_ name: String, in mapping: Node.Mapping, section: String) -> [String] {
        let words = mapping[name]?.sequence?.compactMap { $0.scalar?.string } ?? []
        if words.isEmpty || words.count != mapping[name]?.sequence?.count {
            fault(mapping[name], "\(section).\(name)", "must be a list: the program and its arguments")
        }
        return words
    }
}
