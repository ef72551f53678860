/// Reads RE2's syntax into a tree, with a stack of its own: an expression's nesting does not reach the process's stack.
struct PatternParser {
    let scalars: [Unicode.Scalar]
    var next = 0
    var tree = PatternTree()
    var flags = Flags()
    private var groups: [Group] = []
    private var open = Group(flags: Flags(), start: 0)
    private var names: Set<TextKey> = []
    /// The last part was repeated, and may not be again: `a**` means something else in Perl.
    private var repeatedAt: Int?

    /// What `(?ims)` switch. `U` exchanges greed, which has no meaning where only the fact of a match is asked.
    struct Flags {
        var ignoresCase = false
        var matchesLines = false
        var dotMatchesNewline = false
    }

    /// A group that is being read: alternatives that are complete, and the parts of the current one.
    private struct Group {
        /// What holds again after the group.
        var flags: Flags
        var start: Int
        var choices: [PatternTree.Node] = []
        var parts: [PatternTree.Node] = []
    }

    static func parse(_ text: String) throws(PatternError) -> PatternTree {
        guard text.utf8.count <= PatternLimits.text else {
            throw PatternError(.tooLarge, String(text.unicodeScalars.prefix(20)) + "...", at: 0)
        }
        var parser = PatternParser(scalars: Array(text.unicodeScalars))
        try parser.expression()
        return parser.tree
    }

    private init(scalars: [Unicode.Scalar]) {
        self.scalars = scalars
    }

    private mutating func expression() throws(PatternError) {
        while let scalar = peek {
            let start = next
            let repeated = repeatedAt
            repeatedAt = nil
            switch scalar {
            case "(": try openGroup()
            case ")": try closeGroup()
            case "|":
                next += 1
                endChoice()
            case "*": try repetition(0, nil, from: start, after: repeated)
            case "+": try repetition(1, nil, from: start, after: repeated)
            case "?": try repetition(0, 1, from: start, after: repeated)
            case "{":
                if let (least, most) = try counts() {
                    try repetition(least, most, from: start, after: repeated)
                } else {
                    next = start + 1
                    append(literal(scalar))
                }
            default: try atom(scalar)
            }
        }
        guard groups.isEmpty else { throw fault(.missingParenthesis, from: open.start) }
        tree.root = finish(open)
    }

    private mutating func atom(_ scalar: Unicode.Scalar) throws(PatternError) {
        switch scalar {
        case "[": append(tree.add(try bracketClass()))
        case ".":
            next += 1
            append(tree.add(flags.dotMatchesNewline ? ScalarSet.all : .notNewline))
        case "^":
            next += 1
            append(tree.add(.assertion(flags.matchesLines ? .lineStart : .textStart)))
        case "$":
            next += 1
            append(tree.add(.assertion(flags.matchesLines ? .lineEnd : .textEnd)))
        case "\\": try escape()
        default:
            next += 1
            append(literal(scalar))
        }
    }

    // MARK: Parts

    var peek: Unicode.Scalar? { next < scalars.count ? scalars[next] : nil }

    func peek(_ distance: Int) -> Unicode.Scalar? {
        next + distance < scalars.count ? scalars[next + distance] : nil
    }

    mutating func append(_ node: PatternTree.Node) {
        open.parts.append(node)
    }

    mutating func literal(_ scalar: Unicode.Scalar) -> PatternTree.Node { literal(scalar.value) }

    mutating func literal(_ value: UInt32) -> PatternTree.Node {
        let set = ScalarSet([(value, value)])
        return tree.add(flags.ignoresCase ? CaseFolding.table.folded(set) : set)
    }

    func fault(_ kind: PatternError.Kind, from start: Int) -> PatternError {
        fault(kind, from: start, to: next)
    }

    /// Parts that are shown are bounded, since they may travel in answers.
    func fault(_ kind: PatternError.Kind, from start: Int, to end: Int) -> PatternError {
        var part = String(String.UnicodeScalarView(scalars[start..<min(max(end, start), start + 40)]))
        if end - start > 40 { part += "..." }
        return PatternError(kind, part, at: start)
    }

    private mutating func endChoice() {
        open.choices.append(sequence(open.parts))
        open.parts = []
    }

    private mutating func sequence(_ parts: [PatternTree.Node]) -> PatternTree.Node {
        switch parts.count {
        case 0: tree.add(.empty)
        case 1: parts[0]
        default: tree.add(.sequence(parts))
        }
    }

    private mutating func finish(_ group: Group) -> PatternTree.Node {
        let last = sequence(group.parts)
        return group.choices.isEmpty ? last : tree.add(.choice(group.choices + [last]))
    }

    // MARK: Repetition

    private mutating func repetition(
        _ least: Int, _ most: Int?, from start: Int, after repeated: Int?
    ) throws(PatternError) {
        if next == start { next += 1 }
        if peek == "?" { next += 1 }
        if let repeated { throw fault(.stackedRepetition, from: repeated) }
        guard let part = open.parts.popLast() else { throw fault(.missingArgument, from: start) }
        let node = tree.add(.repetition(part, least: least, most: most))
        guard tree.repetitions(of: node) <= PatternLimits.repetition else { throw fault(.badRepetition, from: start) }
        append(node)
        repeatedAt = start
    }

    /// `{n}`, `{n,}` or `{n,m}`; nil if the brace is a character like any other.
    private mutating func counts() throws(PatternError) -> (Int, Int?)? {
        let start = next
        next += 1
        guard let least = number() else { return nil }
        var most: Int? = least
        if peek == "," {
            next += 1
            if peek == "}" {
                most = nil
            } else {
                guard let number = number() else { return nil }
                most = number
            }
        }
        guard peek == "}" else { return nil }
        next += 1
        let limit = PatternLimits.repetition
        guard least <= limit, most ?? 0 <= limit, least <= most ?? least else {
            throw fault(.badRepetition, from: start)
        }
        return (least, most)
    }

    /// A decimal number without leading zeros. RE2 takes nine digits and more for text.
    private mutating func number() -> Int? {
        let start = next
        var value = 0
        while let digit = peek, "0"..."9" ~= digit {
            value = min(value * 10 + Int(digit.value - 0x30), 100_000_000)
            next += 1
        }
        guard next > start, next - start == 1 || scalars[start] != "0", value < 100_000_000 else { return nil }
        return value
    }

    // MARK: Groups

    private mutating func openGroup() throws(PatternError) {
        let start = next
        next += 1
        guard peek == "?" else { return try push(flags, from: start) }
        next += 1
        if peek == "P" || (peek == "<" && peek(1) != "=" && peek(1) != "!") {
            try groupName(from: start)
            return try push(flags, from: start)
        }
        let before = flags
        switch try flagLetters(from: start) {
        case .here: break
        case .group: try push(before, from: start)
        }
    }

    private mutating func push(_ outer: Flags, from start: Int) throws(PatternError) {
        guard groups.count < PatternLimits.depth else { throw fault(.nestedTooDeep, from: start) }
        groups.append(open)
        open = Group(flags: outer, start: start)
    }

    private mutating func closeGroup() throws(PatternError) {
        next += 1
        guard var outer = groups.popLast() else { throw fault(.unexpectedParenthesis, from: next - 1) }
        flags = open.flags
        outer.parts.append(finish(open))
        open = outer
    }

    /// `P<name>` or `<name>`, letters, digits and underscores of any script.
    private mutating func groupName(from start: Int) throws(PatternError) {
        if peek == "P" { next += 1 }
        guard peek == "<" else {
            next += 1
            throw fault(.badGroup, from: start, to: min(next, scalars.count))
        }
        next += 1
        let first = next
        while let scalar = peek, scalar != ">" { next += 1 }
        guard peek == ">" else { throw fault(.badName, from: start) }
        let name = String(String.UnicodeScalarView(scalars[first..<next]))
        next += 1
        guard first < next - 1, name.unicodeScalars.allSatisfy(Self.isNameScalar) else {
            throw fault(.badName, from: start)
        }
        guard names.insert(TextKey(name)).inserted else { throw fault(.duplicateName, from: start) }
    }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber, .letterNumber, .connectorPunctuation:
            true
        default: false
        }
    }

    private enum FlagsEnd {
        /// `(?i)`: for what follows in this group.
        case here
        /// `(?i:`: for a group that begins.
        case group
    }

    private mutating func flagLetters(from start: Int) throws(PatternError) -> FlagsEnd {
        var isOn = true
        var isPending = false
        while let letter = peek {
            next += 1
            switch letter {
            case "i": flags.ignoresCase = isOn
            case "m": flags.matchesLines = isOn
            case "s": flags.dotMatchesNewline = isOn
            case "U": break
            case "-":
                guard isOn else { throw fault(.badGroup, from: start) }
                isOn = false
                isPending = true
                continue
            case ":", ")":
                guard !isPending else { throw fault(.badGroup, from: start) }
                return letter == ":" ? .group : .here
            default: throw fault(.badGroup, from: start)
            }
            isPending = false
        }
        throw fault(.badGroup, from: start)
    }
}
