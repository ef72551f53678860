/// A value of a document that a person wrote, with its place in it. YAML and JSON are read into it by those who have a
/// parser for them.
public struct DocumentNode: Sendable {
    public enum Value: Sendable {
        case null
        case bool(Bool)
        /// As it is written.
        case number(String)
        case text(String)
        case list([DocumentNode])
        /// In the order of the text.
        case object([Member])
    }

    public struct Member: Sendable {
        /// Its text, with the place of the key.
        public var name: String
        public var place: Place
        public var value: DocumentNode

        public init(name: String, place: Place, value: DocumentNode) {
            self.name = name
            self.place = place
            self.value = value
        }
    }

    /// A line and a column, counted from 1; 0 where nobody knows.
    public struct Place: Sendable, Equatable {
        public var line: Int
        public var column: Int

        public init(line: Int = 0, column: Int = 0) {
            self.line = line
            self.column = column
        }
    }

    public var value: Value
    public var place: Place

    public init(_ value: Value, at place: Place = Place()) {
        self.value = value
        self.place = place
    }

    /// What it is, for messages.
    var kind: String {
        switch value {
        case .null: "nothing"
        case .bool: "true or false"
        case .number: "a number"
        case .text: "a text"
        case .list: "a list"
        case .object: "an object"
        }
    }

    // MARK: Finding what a path names

    /// The place of what a path such as `services[course].retry.retries` leads to, or of the last that is there on the way.
    public func place(of path: String) -> Place {
        var node = self
        var place = self.place
        for step in Self.steps(path) {
            guard let (next, nextPlace) = node.child(step) else { break }
            node = next
            place = nextPlace
        }
        return place
    }

    enum Step: Equatable {
        case name(String)
        /// An item of a list: by its position, or by what it is called.
        case item(String)
    }

    static func steps(_ path: String) -> [Step] {
        var steps: [Step] = []
        var word = ""
        var depth = 0
        func end() {
            if !word.isEmpty { steps.append(depth > 0 ? .item(word) : .name(word)) }
            word = ""
        }
        for character in path {
            switch character {
            case "[" where depth == 0:
                end()
                depth = 1
            case "]" where depth == 1:
                end()
                depth = 0
            case "." where depth == 0: end()
            default: word.append(character)
            }
        }
        end()
        return steps
    }

    /// What items of lists are called by.
    private static let titles = ["service", "method", "name"]

    private func child(_ step: Step) -> (DocumentNode, Place)? {
        switch (step, value) {
        case (.name(let name), .object(let members)):
            guard let member = members.first(where: { $0.name == name || $0.name == Self.camelCase(name) }) else {
                return nil
            }
            return (member.value, member.place)
        case (.item(let key), .list(let items)):
            if let item = items.first(where: { $0.isCalled(key) }) { return (item, item.place) }
            guard let index = Int(key), items.indices.contains(index) else { return nil }
            return (items[index], items[index].place)
        default:
            return nil
        }
    }

    private func isCalled(_ key: String) -> Bool {
        guard case .object(let members) = value else { return false }
        return members.contains { member in
            guard Self.titles.contains(member.name), case .text(key) = member.value.value else { return false }
            return true
        }
    }

    static func camelCase(_ name: String) -> String {
        var result = ""
        var isUpper = false
        for character in name {
            if character == "_" {
                isUpper = true
            } else {
                result += isUpper ? character.uppercased() : String(character)
                isUpper = false
            }
        }
        return result
    }
}
