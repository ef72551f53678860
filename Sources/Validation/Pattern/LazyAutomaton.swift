import Synchronization

/// The states of an expression whose whole table would be too large, made when a text leads to them.
///
/// States are kept up to a bound and then forgotten all at once, so memory is bounded and each code point costs at most a
/// walk over the instructions. One text at a time uses the kept states; a text that comes meanwhile makes its own.
final class LazyAutomaton: Sendable {
    /// The most transitions that are kept, 256 KiB: what a text revisits is nearly always far less.
    static let transitionLimit = 65_536
    /// The most instructions in all kept states together, 1 MiB.
    static let memberLimit = 262_144

    private let program: PatternProgram
    private let shared: Mutex<Cache>

    init(_ program: PatternProgram) {
        self.program = program
        shared = Mutex(Cache(program))
    }

    func matches(_ bytes: TextBytes) -> Bool {
        if let matched = shared.withLockIfAvailable({ $0.matches(bytes) }) { return matched }
        var own = Cache(program)
        return own.matches(bytes)
    }

    /// States that were met, and where they lead.
    struct Cache {
        private static let unknown: Int32 = -1
        private static let matched: Int32 = -2

        private let columns: Int
        private var builder: StateBuilder
        private var states: [StateBuilder.State] = []
        private var numbers: [StateBuilder.State: Int32] = [:]
        private var transitions: [Int32] = []
        private var ends: [Bool?] = []
        private var members = 0
        /// How often everything was forgotten: for tests.
        private(set) var resets = 0

        init(_ program: PatternProgram) {
            builder = StateBuilder(program)
            columns = program.classes.count
        }

        mutating func matches(_ bytes: TextBytes) -> Bool {
            guard let first = builder.start() else { return true }
            var state = number(first)
            var next = 0
            while next < bytes.count {
                let member: UInt16
                if bytes[next] < 0x80 {
                    member = builder.program.classes.ascii[Int(bytes[next])]
                    next += 1
                } else {
                    member = builder.program.classes.classOf(ScalarReader.wide(bytes, &next))
                }
                var following = transitions[Int(state) * columns + Int(member)]
                if following == Self.unknown { following = follow(state, member) }
                if following == Self.matched { return true }
                state = following
            }
            if let end = ends[Int(state)] { return end }
            if case .matched = builder.step(states[Int(state)], nil) {
                ends[Int(state)] = true
                return true
            }
            ends[Int(state)] = false
            return false
        }

        private mutating func follow(_ state: Int32, _ member: UInt16) -> Int32 {
            let entry = Int(state) * columns + Int(member)
            switch builder.step(states[Int(state)], member) {
            case .matched:
                transitions[entry] = Self.matched
                return Self.matched
            case .state(let following):
                let before = resets
                let number = number(following)
                // The row is gone if the states were forgotten meanwhile.
                if resets == before { transitions[entry] = number }
                return number
            }
        }

        private mutating func number(_ state: StateBuilder.State) -> Int32 {
            if let number = numbers[state] { return number }
            let isFull =
                transitions.count + columns > LazyAutomaton.transitionLimit
                || members + state.waiting.count > LazyAutomaton.memberLimit
            if isFull, !states.isEmpty { forget() }
            let number = Int32(states.count)
            numbers[state] = number
            states.append(state)
            ends.append(nil)
            members += state.waiting.count
            transitions.append(contentsOf: repeatElement(Self.unknown, count: columns))
            return number
        }

        private mutating func forget() {
            states.removeAll(keepingCapacity: true)
            numbers.removeAll(keepingCapacity: true)
            transitions.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
            members = 0
            resets += 1
        }
    }
}
