/// Finds the states of the deterministic automaton (subset construction), one step at a time.
///
/// A state is the set of instructions that a text may have come to, and what stood before: `^` and `\b` ask. Conditions
/// wait in the set until the next code point, or the end, tells whether they hold.
struct StateBuilder {
    /// A state: instructions that wait, in order, and what stands before the place.
    struct State: Hashable {
        var waiting: [Int32]
        var before: Before
    }

    /// What conditions may ask of the code point before the place.
    struct Before: Hashable {
        var isStart = false
        var isNewline = false
        var isWord = false
    }

    /// What one more code point, or the end, leads to.
    enum Step {
        case matched
        case state(State)
    }

    let program: PatternProgram
    /// Instructions that were looked at, a measure of work.
    private(set) var steps = 0
    /// When an instruction was last reached; a stamp instead of clearing the list each time.
    private var reachedAt: [UInt32]
    private var stamp: UInt32 = 0
    private var stack: [Int32] = []

    init(_ program: PatternProgram) {
        self.program = program
        reachedAt = [UInt32](repeating: 0, count: program.instructions.count)
    }

    /// Before the first code point. Nil if nothing at all is needed for a match.
    mutating func start() -> State? {
        let before = Before(isStart: true)
        begin()
        var waiting: [Int32] = []
        guard !reach(program.start, before, into: &waiting) else { return nil }
        return finished(waiting, before)
    }

    /// After a code point of the class, or at the end of the text.
    mutating func step(_ state: State, _ member: UInt16?) -> Step {
        let surroundings = Surroundings(
            before: state.before, isEnd: member == nil, isNewline: member.map { program.isNewline[Int($0)] } ?? false,
            isWord: member.map { program.isWord[Int($0)] } ?? false)
        let resolved = resolve(state.waiting, surroundings)
        guard let resolved else { return .matched }
        guard let member else { return .state(State(waiting: [], before: Before())) }
        let before = Before(isNewline: surroundings.isNewline, isWord: surroundings.isWord)
        var waiting: [Int32] = []
        begin()
        for place in resolved {
            guard case .scalar(let set, let next) = program.instructions[Int(place)], program.set(set, has: member)
            else {
                continue
            }
            if reach(next, before, into: &waiting) { return .matched }
        }
        // A match may begin anywhere.
        if reach(program.start, before, into: &waiting) { return .matched }
        return .state(finished(waiting, before))
    }

    /// The code points that are awaited once each condition is decided; nil if a match is reached.
    private mutating func resolve(_ waiting: [Int32], _ surroundings: Surroundings) -> [Int32]? {
        var ready: [Int32] = []
        var pending: [Int32] = []
        for place in waiting {
            if case .assertion = program.instructions[Int(place)] { pending.append(place) } else { ready.append(place) }
        }
        guard !pending.isEmpty else { return ready }
        begin()
        for place in ready { reachedAt[Int(place)] = stamp }
        while let place = pending.popLast() {
            guard case .assertion(let assertion, let next) = program.instructions[Int(place)] else { continue }
            guard surroundings.satisfies(assertion) else { continue }
            var found: [Int32] = []
            if reach(next, surroundings.before, into: &found) { return nil }
            for place in found {
                if case .assertion = program.instructions[Int(place)] {
                    pending.append(place)
                } else {
                    ready.append(place)
                }
            }
        }
        return ready
    }

    private mutating func begin() {
        if stamp == .max {
            for index in reachedAt.indices { reachedAt[index] = 0 }
            stamp = 0
        }
        stamp += 1
    }

    /// Follows what takes no code point and asks nothing. True if it leads to a match.
    private mutating func reach(_ first: Int32, _ before: Before, into waiting: inout [Int32]) -> Bool {
        stack.removeAll(keepingCapacity: true)
        stack.append(first)
        while let place = stack.popLast() {
            guard reachedAt[Int(place)] != stamp else { continue }
            reachedAt[Int(place)] = stamp
            steps += 1
            switch program.instructions[Int(place)] {
            case .match: return true
            case .either(let left, let right):
                stack.append(right)
                stack.append(left)
            case .scalar: waiting.append(place)
            case .assertion(let assertion, let next):
                switch assertion {
                // What stands before is known at once; only what follows must be waited for.
                case .textStart: if before.isStart { stack.append(next) }
                case .lineStart: if before.isStart || before.isNewline { stack.append(next) }
                default: waiting.append(place)
                }
            }
        }
        return false
    }

    private func finished(_ waiting: [Int32], _ before: Before) -> State {
        // Only word boundaries that wait still ask what stood before; states that differ in nothing else are one.
        let asks = waiting.contains { place in
            switch program.instructions[Int(place)] {
            case .assertion(.wordBoundary, _), .assertion(.noWordBoundary, _): true
            // Behind it the start of a text or line may be asked for.
            case .assertion: true
            default: false
            }
        }
        return State(waiting: waiting.sorted(), before: asks ? before : Before())
    }
}

/// What stands around a place in a text.
private struct Surroundings {
    let before: StateBuilder.Before
    let isEnd: Bool
    let isNewline: Bool
    let isWord: Bool

    func satisfies(_ assertion: PatternTree.Assertion) -> Bool {
        switch assertion {
        case .textStart: before.isStart
        case .textEnd: isEnd
        case .lineStart: before.isStart || before.isNewline
        case .lineEnd: isEnd || isNewline
        case .wordBoundary: before.isWord != isWord
        case .noWordBoundary: before.isWord == isWord
        }
    }
}
