/// A statement with its comments: `int32 id = 1 [deprecated = true]; // Why.`, or one with a body, such as a message.
struct Statement {
    /// What the order of a file asks about a statement.
    enum Role: Int, Comparable {
        case syntax
        case package
        case importFile
        case option
        case declaration

        static func < (left: Role, right: Role) -> Bool { left.rawValue < right.rawValue }
    }

    var role = Role.declaration
    /// The author left a blank line above the statement, or above its first comment.
    var isApart: Bool
    /// The comments above it, each on a line of its own.
    var above: [Comment]
    /// A blank line parts the last comment above from the statement.
    var partsComments: Bool
    var parts: [Part] = []
    var body: Body?
    /// Comments within the statement, in front of its `;`.
    var beforeEnd: [Comment] = []
    /// Comments on the line on which it ends.
    var behind: [Comment] = []
    /// Comments on the lines below that protoc gives to this statement; read apart only where statements may move.
    var below: [Comment] = []

    /// What follows must not stand directly below, or a comment would change its owner.
    var needsGapBelow: Bool { !below.isEmpty }

    /// Whether its first comments would become those of whatever stands directly above.
    var startsDetached: Bool {
        above.dropFirst().contains(where: \.isApart) || !above.isEmpty && partsComments
    }
}

/// One element of a statement or of an entry.
indirect enum Part {
    case word(Lexeme)
    /// Two or more strings in a row, which are one value.
    case strings([Lexeme])
    case group(Group)
}

/// The declarations between two braces.
struct Body {
    /// Comments behind the opening brace, on its line.
    var behindOpening: [Comment]
    var statements: [Statement]
    /// Comments above the closing brace.
    var aboveClosing: [Comment]
}

/// A value in brackets: options behind a field, a list, a message in text format.
struct Group {
    enum Kind {
        case options
        case list
        case message
    }

    let kind: Kind
    /// Comments in front of the opening bracket.
    var beforeOpening: [Comment]
    var behindOpening: [Comment] = []
    var entries: [Entry] = []
    var aboveClosing: [Comment] = []

    /// Whether it holds a comment anywhere directly within.
    var hasComments: Bool {
        !behindOpening.isEmpty || !aboveClosing.isEmpty
            || entries.contains { !$0.above.isEmpty || !$0.behind.isEmpty || !$0.beforeSeparator.isEmpty }
    }
}

/// One option, one element of a list, one field of a message.
struct Entry {
    var isApart: Bool
    var above: [Comment]
    var partsComments: Bool
    var parts: [Part] = []
    /// Comments between the value and its comma.
    var beforeSeparator: [Comment] = []
    /// Comments behind it on its line.
    var behind: [Comment] = []
}
