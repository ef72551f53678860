/// An object of a configuration in JSON, read name by name; what is wrong is noted with its path, and nothing is passed over.
///
/// Reading goes on after a fault, so that one run shows all of them.
package final class ConfigSection {
    /// Faults of the whole file, in the order of the text as it is read.
    package final class Faults {
        package var lines: [String] = []

        package init() {}
    }

    package let path: String
    private let faults: Faults
    private let members: [JSONTree.Member]
    private var read: [String] = []

    package init(_ tree: JSONTree, path: String, faults: Faults) {
        self.path = path
        self.faults = faults
        if case .object(let members) = tree {
            self.members = members
        } else {
            members = []
            faults.lines.append("\(path.isEmpty ? "the file" : path): an object should stand here, not \(tree.kind)")
        }
    }

    package func fault(_ name: String, _ problem: String) {
        faults.lines.append("\(place(name)): \(problem)")
    }

    package func place(_ name: String) -> String {
        path.isEmpty ? name : "\(path).\(name)"
    }

    package func has(_ name: String) -> Bool { members.contains { $0.name == name } }

    /// What stands under `name`, whatever it is; asking for it makes the name a known one.
    package func value(_ name: String) -> JSONTree? {
        read.append(name)
        return members.first { $0.name == name }?.value
    }

    package func text(_ name: String) -> String? {
        guard let value = value(name) else { return nil }
        if case .string(let text) = value, !text.isEmpty { return text }
        fault(
            name, "\(value == .string("") ? "it must not be empty" : "a string should stand here, not \(value.kind)")")
        return nil
    }

    package func requiredText(_ name: String, _ purpose: String) -> String {
        if let text = text(name) { return text }
        if !has(name) { fault(name, "it is missing: \(purpose)") }
        return ""
    }

    package func parsed<Value>(_ name: String, _ parse: (String) throws -> Value) -> Value? {
        guard let text = text(name) else { return nil }
        do {
            return try parse(text)
        } catch {
            fault(name, "\(error)")
            return nil
        }
    }

    package func choice<Value>(_ name: String, _ choices: KeyValuePairs<String, Value>, default fallback: Value)
        -> Value
    {
        guard has(name), let text = text(name) else { return fallback }
        if let chosen = choices.first(where: { $0.key == text }) { return chosen.value }
        fault(name, "'\(text)' is none of \(choices.map(\.key).joined(separator: ", "))")
        return fallback
    }

    package func count(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(name) else { return nil }
        guard case .number(let number) = value, number == number.rounded(), range.contains(Int(clamping: number)) else {
            fault(name, "a whole number from \(range.lowerBound) to \(range.upperBound) should stand here")
            return nil
        }
        return Int(number)
    }

    package func flag(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        if case .bool(let flag) = value { return flag }
        fault(name, "true or false should stand here, not \(value.kind)")
        return nil
    }

    package func section(_ name: String) -> ConfigSection? {
        value(name).map { ConfigSection($0, path: place(name), faults: faults) }
    }

    /// The objects of a list.
    package func sections(_ name: String) -> [ConfigSection] {
        list(name).enumerated().map { ConfigSection($1, path: "\(place(name))[\($0)]", faults: faults) }
    }

    /// The members of an object whose names are the file's own.
    package func namedSections(_ name: String) -> [(name: String, section: ConfigSection)] {
        guard let value = value(name) else { return [] }
        guard case .object(let members) = value else {
            fault(name, "an object should stand here, not \(value.kind)")
            return []
        }
        return members.map {
            ($0.name, ConfigSection($0.value, path: "\(place(name))[\"\($0.name)\"]", faults: faults))
        }
    }

    package func texts(_ name: String) -> [String] {
        list(name).enumerated().compactMap { index, element in
            if case .string(let text) = element, !text.isEmpty { return text }
            fault("\(name)[\(index)]", "a string should stand here, not \(element.kind)")
            return nil
        }
    }

    package func list(_ name: String) -> [JSONTree] {
        guard let value = value(name) else { return [] }
        if case .array(let elements) = value { return elements }
        fault(name, "a list should stand here, not \(value.kind)")
        return []
    }

    /// Names that nobody asked for.
    package var unread: [String] { members.map(\.name).filter { !read.contains($0) } }

    /// Call it when everything that is known was read: what is left is a misspelling.
    package func end() {
        for member in members where !read.contains(member.name) {
            fault(member.name, "there is no such setting; known are \(read.joined(separator: ", "))")
        }
    }
}

extension Int {
    /// A number of JSON, as near as an integer comes.
    fileprivate init(clamping number: Double) {
        self = number >= 9e15 ? .max : number <= -9e15 ? .min : Int(number)
    }
}
