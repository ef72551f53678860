/// An expression as instructions: a nondeterministic automaton (Thompson, 1968) over classes of code points.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        /// One code point of a set.
        case scalar(set: Int32, next: Int32)
        /// A condition on the place, which takes no code point.
        case assertion(PatternTree.Assertion, next: Int32)
        case either(Int32, Int32)
        case match
    }

    let instructions: [Instruction]
    let start: Int32
    let classes: ScalarClasses
    /// For each set a bit for each class.
    private let members: [UInt64]
    private let wordsPerSet: Int
    /// What the assertions of the expression need to know of a class: see `Surroundings`.
    let isNewline: [Bool]
    let isWord: [Bool]

    init(_ text: String) throws(PatternError) {
        let tree = try PatternParser.parse(text)
        var compiler = PatternCompiler(tree: tree)
        guard let start = compiler.compile() else { throw Self.tooLarge(text) }
        var sets = tree.sets
        if compiler.usesLines { sets.append(.newline) }
        if compiler.usesWords { sets.append(.word) }
        guard let classes = ScalarClasses(splitting: sets) else { throw Self.tooLarge(text) }
        let words = (classes.count + 63) / 64
        guard words * tree.sets.count <= PatternLimits.members else { throw Self.tooLarge(text) }
        var members = [UInt64](repeating: 0, count: words * tree.sets.count)
        for (index, set) in tree.sets.enumerated() {
            for member in classes.classes(in: set) { members[index * words + Int(member) / 64] |= 1 << (member % 64) }
        }
        self.members = members
        wordsPerSet = words
        instructions = compiler.instructions
        self.start = start
        self.classes = classes
        var isNewline = [Bool](repeating: false, count: classes.count)
        var isWord = isNewline
        if compiler.usesLines { for member in classes.classes(in: .newline) { isNewline[Int(member)] = true } }
        if compiler.usesWords { for member in classes.classes(in: .word) { isWord[Int(member)] = true } }
        self.isNewline = isNewline
        self.isWord = isWord
    }

    private static func tooLarge(_ text: String) -> PatternError {
        PatternError(.tooLarge, String(text.unicodeScalars.prefix(40)), at: 0)
    }

    @inline(__always)
    func set(_ set: Int32, has member: UInt16) -> Bool {
        members[Int(set) * wordsPerSet + Int(member) / 64] & (1 << UInt64(member % 64)) != 0
    }
}

/// Writes a tree out as instructions, from the end to the beginning: each part knows what comes behind it.
struct PatternCompiler {
    let tree: PatternTree
    private(set) var instructions: [PatternProgram.Instruction] = []
    private(set) var usesLines = false
    private(set) var usesWords = false
    /// A repetition of nothing writes nothing, but takes time.
    private var stepsLeft = 4 * PatternLimits.instructions

    init(tree: PatternTree) {
        self.tree = tree
    }

    /// The first instruction; nil if there would be too many.
    mutating func compile() -> Int32? {
        instructions = [.match]
        return emit(tree.root, before: 0)
    }

    /// Descends as deep as groups lie in each other, which the parser bounds.
    private mutating func emit(_ node: PatternTree.Node, before next: Int32) -> Int32? {
        stepsLeft -= 1
        guard stepsLeft > 0 else { return nil }
        switch tree.kinds[node] {
        case .empty: return next
        case .set(let set): return add(.scalar(set: Int32(set), next: next))
        case .assertion(let assertion): return add(assertion, before: next)
        case .sequence(let parts):
            var first = next
            for part in parts.reversed() {
                guard let start = emit(part, before: first) else { return nil }
                first = start
            }
            return first
        case .choice(let parts):
            var first: Int32?
            for part in parts.reversed() {
                guard let start = emit(part, before: next) else { return nil }
                first = first == nil ? start : add(.either(start, first ?? start))
                guard first != nil else { return nil }
            }
            return first
        case .repetition(let part, let least, let most):
            return emit(part, least, most, before: next)
        }
    }

    private mutating func emit(
        _ part: PatternTree.Node, _ least: Int, _ most: Int?, before next: Int32
    ) -> Int32? {
        var first = next
        if let most {
            // x{0,2} is (x(x)?)?: each one may be the last.
            for _ in least..<max(most, least) {
                guard let start = emit(part, before: first), let fork = add(.either(start, next)) else { return nil }
                first = fork
            }
        } else {
            guard let fork = add(.either(next, next)), let start = emit(part, before: fork) else { return nil }
            instructions[Int(fork)] = .either(start, next)
            first = fork
        }
        for _ in 0..<least {
            guard let start = emit(part, before: first) else { return nil }
            first = start
        }
        return first
    }

    private mutating func add(_ assertion: PatternTree.Assertion, before next: Int32) -> Int32? {
        switch assertion {
        case .lineStart, .lineEnd: usesLines = true
        case .wordBoundary, .noWordBoundary: usesWords = true
        case .textStart, .textEnd: break
        }
        return add(.assertion(assertion, next: next))
    }

    private mutating func add(_ instruction: PatternProgram.Instruction) -> Int32? {
        guard instructions.count < PatternLimits.instructions else { return nil }
        instructions.append(instruction)
        return Int32(instructions.count - 1)
    }
}
