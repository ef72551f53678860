internal import Descriptors

/// Turns a document into proto JSON by the tables of the contract, and notes what the contract does not have.
struct DocumentReader {
    private(set) var json = ""
    private(set) var faults: [PolicyDocument.Fault] = []
    private var nodes = 0

    /// A document whose aliases unfold to more than this is an accident, or worse.
    static let mostNodes = 200_000
    /// More of them help nobody.
    static let mostFaults = 100

    private mutating func fault(_ place: DocumentNode.Place, _ path: String, _ problem: String) {
        guard faults.count < Self.mostFaults else { return }
        faults.append(PolicyDocument.Fault(place: place, path: path, problem: problem))
    }

    /// Answers whether there is room for one more value.
    private mutating func count(_ node: DocumentNode, _ path: String) -> Bool {
        nodes += 1
        if nodes == Self.mostNodes + 1 {
            fault(node.place, path, "the document has more than \(Self.mostNodes) values")
        }
        return nodes <= Self.mostNodes
    }

    // The contract's messages do not hold one another in circles, and bound how deep this goes.
    mutating func message(_ node: DocumentNode, _ table: MessageTable, at path: String) {
        guard case .object(let members) = node.value else {
            let names = table.fields.map(\.name).joined(separator: ", ")
            fault(node.place, path, "an object should stand here, with \(names), not \(node.kind)")
            json += "{}"
            return
        }
        var said: Set<UInt32> = []
        var oneofs: [Int: String] = [:]
        var isFirst = true
        json += "{"
        for member in members {
            let place = path.isEmpty ? member.name : "\(path).\(member.name)"
            guard count(member.value, place) else { break }
            guard let field = table.field(named: member.name) else {
                fault(member.place, path, Self.unknown(member.name, in: table))
                continue
            }
            guard said.insert(field.number).inserted else {
                fault(member.place, place, "it stands here twice")
                continue
            }
            if case .null = member.value.value { continue }
            if let oneof = field.oneofIndex, let other = oneofs.updateValue(member.name, forKey: oneof) {
                fault(member.place, place, "'\(other)' stands here already, and only one of them may")
            }
            json += isFirst ? "" : ","
            isFirst = false
            json += "\(Self.quoted(field.jsonName)):"
            value(member.value, of: field, at: place)
        }
        json += "}"
    }

    private static func unknown(_ name: String, in table: MessageTable) -> String {
        let names = table.fields.map(\.name)
        if let near = NearestName.to(name, among: names) { return "unknown key '\(name)'; did you mean '\(near)'?" }
        return "unknown key '\(name)'; known are \(names.joined(separator: ", "))"
    }

    private mutating func value(_ node: DocumentNode, of field: FieldTable, at path: String) {
        guard field.isRepeated else { return single(node, field, at: path) }
        guard case .list(let items) = node.value else {
            fault(node.place, path, "a list should stand here, not \(node.kind)")
            json += "[]"
            return
        }
        json += "["
        for (index, item) in items.enumerated() {
            guard count(item, path) else { break }
            json += index == 0 ? "" : ","
            single(item, field, at: "\(path)[\(index)]")
        }
        json += "]"
    }

    private mutating func single(_ node: DocumentNode, _ field: FieldTable, at path: String) {
        if let table = field.message, table.wellKnown == .none { return message(node, table, at: path) }
        if let enumeration = field.enumeration { return word(node, enumeration, at: path) }
        switch (field.kind, node.value) {
        case (.bool, .bool(let value)): json += value ? "true" : "false"
        case (.string, .text(let text)): json += Self.quoted(text)
        // Times are texts: `2026-01-31T12:00:00Z`.
        case (.message, .text(let text)): json += Self.quoted(text)
        case (.double, .number(let text)), (.float, .number(let text)):
            if Double(text)?.isFinite != true { fault(node.place, path, "'\(text)' is not a number") }
            json += text
        case (.uint32, .number(let text)):
            if UInt32(text) == nil {
                fault(node.place, path, "'\(text)' is not a whole number from 0 to \(UInt32.max)")
            }
            json += text
        default:
            fault(node.place, path, "\(Self.wanted(field.kind)) should stand here, not \(node.kind)")
            json += "null"
        }
    }

    private static func wanted(_ kind: FieldKind) -> String {
        switch kind {
        case .bool: "true or false"
        case .string: "a text"
        case .message: "a time such as 2026-01-31T12:00:00Z"
        case .double, .float: "a number"
        default: "a whole number"
        }
    }

    // MARK: Words of enums

    private mutating func word(_ node: DocumentNode, _ table: EnumTable, at path: String) {
        let names = table.values.map(\.name)
        let prefix = Self.commonPrefix(names)
        let text: String
        switch node.value {
        case .text(let word): text = word
        // YAML reads some words as truth values.
        case .bool(let value): text = value ? "on" : "off"
        default:
            fault(node.place, path, "one of \(Self.short(names, prefix)) should stand here, not \(node.kind)")
            json += "0"
            return
        }
        let long = prefix + Self.upper(text)
        if let name = names.first(where: { $0 == text || $0 == long }) {
            json += Self.quoted(name)
        } else {
            fault(node.place, path, "'\(text)' is none of \(Self.short(names, prefix))")
            json += "0"
        }
    }

    /// The beginning that all have, up to an underscore: `MODE_`.
    static func commonPrefix(_ names: [String]) -> String {
        guard var prefix = names.first else { return "" }
        for name in names { prefix = String(zip(prefix, name).prefix { $0 == $1 }.map(\.0)) }
        guard let end = prefix.lastIndex(of: "_") else { return "" }
        return String(prefix[...end])
    }

    private static func upper(_ text: String) -> String {
        String(text.uppercased().map { $0 == "-" ? "_" : $0 })
    }

    /// As people write them, without the one that says nothing.
    private static func short(_ names: [String], _ prefix: String) -> String {
        names.dropFirst().map { name in
            String(name.dropFirst(prefix.count).lowercased().map { $0 == "_" ? "-" : $0 })
        }.joined(separator: ", ")
    }

    // MARK: JSON

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
