/// The order of a file: syntax, package, imports by path, options by name, and then the declarations as they stand.
///
/// Options that are no extensions come first. Equals keep their order: a repeated option is a list.
enum FileOrder {
    static func sorted(_ file: Body) -> Body {
        var file = file
        let keyed = file.statements.enumerated().map { (key: key(of: $0.element), offset: $0.offset) }
        let order = keyed.sorted { left, right in
            left.key == right.key ? left.offset < right.offset : left.key < right.key
        }
        file.statements = order.map { file.statements[$0.offset] }
        spaceSections(&file.statements)
        return file
    }

    /// Imports are a paragraph, so are options; between the others the author's blank lines stay.
    private static func spaceSections(_ statements: inout [Statement]) {
        for index in statements.indices {
            let role = statements[index].role
            guard index > 0 else { continue }
            let earlier = statements[index - 1]
            switch role {
            case .importFile, .option:
                statements[index].isApart = earlier.role != role || statements[index].startsDetached
            case .declaration where earlier.role == .syntax:
                statements[index].isApart = true
            case .declaration where earlier.role != .declaration:
                // It may stand below another statement than its author put it.
                statements[index].isApart = statements[index].isApart || statements[index].startsDetached
            default:
                break
            }
            if earlier.needsGapBelow { statements[index].isApart = true }
        }
    }

    private struct Key: Comparable {
        let role: Statement.Role
        let group: Int
        let name: String

        static func < (left: Key, right: Key) -> Bool {
            if left.role != right.role { return left.role < right.role }
            if left.group != right.group { return left.group < right.group }
            // By bytes: the order must not depend on a locale or on Unicode's.
            return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
        }
    }

    private static func key(of statement: Statement) -> Key {
        switch statement.role {
        case .importFile: importKey(statement)
        case .option: optionKey(statement)
        default: Key(role: statement.role, group: 0, name: "")
        }
    }

    /// `import option` (edition 2024) comes behind the imports that generated code follows.
    private static func importKey(_ statement: Statement) -> Key {
        let words = statement.words
        let path = words.last.map { String($0.dropFirst().dropLast()) } ?? ""
        return Key(role: .importFile, group: words.dropFirst().first == "option" ? 1 : 0, name: path)
    }

    private static func optionKey(_ statement: Statement) -> Key {
        let name = statement.words.dropFirst().prefix { $0 != "=" }.joined()
        return Key(role: .option, group: name.hasPrefix("(") ? 1 : 0, name: name)
    }
}

extension Statement {
    /// The words and strings of the statement, as written, without its groups.
    fileprivate var words: [String] {
        parts.flatMap { (part: Part) -> [String] in
            switch part {
            case .word(let word): [word.text]
            case .strings(let strings): strings.map(\.text)
            case .group: []
            }
        }
    }
}
