/// All states of an expression's deterministic automaton, made beforehand: a table that is only read.
struct DenseAutomaton: Sendable {
    /// The most entries, 128 KiB: enough for names, codes and identifiers with their lengths, and bounded for the rest.
    static let entryLimit = 65_536
    /// The most work that making the table may take, in instructions looked at: a few milliseconds.
    static let workLimit = 250_000

    /// No text that begins so holds a match.
    private static let dead: UInt16 = 0
    /// A match was found.
    private static let matched: UInt16 = 1

    private let classes: ScalarClasses
    /// A row for each state, a column for each class.
    private let table: [UInt16]
    /// The state leads to a match if the text ends here.
    private let matchesAtEnd: [Bool]
    private let start: UInt16

    /// Nil if the table would be too large.
    init?(_ program: PatternProgram) {
        classes = program.classes
        var builder = StateBuilder(program)
        let columns = program.classes.count
        var states: [StateBuilder.State] = []
        var numbers: [StateBuilder.State: UInt16] = [:]
        var table = [UInt16](repeating: Self.dead, count: columns) + [UInt16](repeating: Self.matched, count: columns)
        var ends = [false, true]

        func number(_ state: StateBuilder.State) -> UInt16? {
            if state.waiting.isEmpty, !Self.mayStartLater(program) { return Self.dead }
            if let number = numbers[state] { return number }
            guard let number = UInt16(exactly: states.count + 2) else { return nil }
            numbers[state] = number
            states.append(state)
            return number
        }

        guard let first = builder.start() else {
            start = Self.matched
            self.table = table
            matchesAtEnd = ends
            return
        }
        guard let firstNumber = number(first) else { return nil }
        start = firstNumber
        var next = 0
        while next < states.count {
            for member in 0..<columns {
                guard builder.steps < Self.workLimit, table.count < Self.entryLimit else { return nil }
                switch builder.step(states[next], UInt16(member)) {
                case .matched: table.append(Self.matched)
                case .state(let state):
                    guard let number = number(state) else { return nil }
                    table.append(number)
                }
            }
            if case .matched = builder.step(states[next], nil) { ends.append(true) } else { ends.append(false) }
            next += 1
        }
        self.table = table
        matchesAtEnd = ends
    }

    /// A state without instructions may still find the beginning of a match, unless matches begin where texts do. A
    /// beginning waits in each state otherwise, but for lines: `(?m)^a` waits for nothing inside of a line.
    private static func mayStartLater(_ program: PatternProgram) -> Bool {
        program.isNewline.contains(true)
    }

    func matches(_ bytes: TextBytes) -> Bool {
        table.withUnsafeBufferPointer { table in
            classes.ascii.withUnsafeBufferPointer { ascii in
                var state = start
                if state <= Self.matched { return state == Self.matched }
                let columns = classes.count
                var next = 0
                while next < bytes.count {
                    let byte = bytes[next]
                    let member: UInt16
                    if byte < 0x80 {
                        member = ascii[Int(byte)]
                        next += 1
                    } else {
                        member = classes.classOf(ScalarReader.wide(bytes, &next))
                    }
                    state = table[Int(state) * columns + Int(member)]
                    if state <= Self.matched { return state == Self.matched }
                }
                return matchesAtEnd[Int(state)]
            }
        }
    }

    var stateCount: Int { matchesAtEnd.count }
}
