import ProtoWire

/// A regular expression in RE2's syntax, and whether a text holds a match for it.
///
/// It becomes an automaton: time is linear in the text whatever the expression, since nothing ever tries a way again, and
/// memory is bounded when the expression is read. Most expressions of contracts become a small table, whose use neither
/// locks nor allocates; the others build their states as texts ask for them (`LazyAutomaton`).
///
/// The language is that of <https://github.com/google/re2/wiki/Syntax>, without `\C`; a match may lie anywhere in the text,
/// as in RE2's `PartialMatch` and CEL's `matches`. What was matched is not told, so greed does not matter.
public struct Pattern: Sendable {
    /// The expression as it was written.
    public let text: String

    private let automaton: Automaton

    private enum Automaton: Sendable {
        case dense(DenseAutomaton)
        case lazy(LazyAutomaton)
    }

    /// Reads an expression; throws what is wrong with it.
    public init(_ text: String) throws(PatternError) {
        self.init(text, try PatternProgram(text))
    }

    /// An expression in generated code, which the generator has read before. A wrong one stops the process.
    public init(literal text: String) {
        do {
            try self.init(text)
        } catch {
            preconditionFailure("the pattern '\(text)' was not checked when this code was generated: \(error)")
        }
    }

    init(_ text: String, _ program: PatternProgram, eager: Bool = true) {
        self.text = text
        if eager, let dense = DenseAutomaton(program) {
            automaton = .dense(dense)
        } else {
            automaton = .lazy(LazyAutomaton(program))
        }
    }

    /// What is wrong with an expression; nil if nothing is.
    public static func check(_ text: String) -> PatternError? {
        do {
            _ = try PatternProgram(text)
            return nil
        } catch {
            return error
        }
    }

    /// The text holds a match.
    public func matches(_ text: String) -> Bool {
        text.withBytes { bytes in
            switch automaton {
            case .dense(let dense): dense.matches(bytes)
            case .lazy(let lazy): lazy.matches(bytes)
            }
        }
    }

    /// Texts are matched by a table that was made beforehand.
    var isDense: Bool {
        if case .dense = automaton { true } else { false }
    }
}

extension Pattern: Equatable {
    public static func == (left: Pattern, right: Pattern) -> Bool { String.same(left.text, right.text) }
}

/// What is wrong with a regular expression, and where.
public struct PatternError: Error, Equatable, Sendable {
    public enum Kind: Sendable {
        case missingBracket, missingParenthesis, unexpectedParenthesis, trailingBackslash, badEscape, badRange
        case badClass, badGroup, badName, duplicateName
        case missingArgument, stackedRepetition, badRepetition
        case nestedTooDeep, tooLarge
    }

    public let kind: Kind
    /// The part of the expression that is at fault.
    public let part: String
    /// Where that part begins, in code points.
    public let offset: Int

    init(_ kind: Kind, _ part: String, at offset: Int) {
        self.kind = kind
        self.part = part
        self.offset = offset
    }
}

extension PatternError: CustomStringConvertible {
    public var description: String { "\(reason) at \(offset): `\(part)`" }

    private var reason: String {
        switch kind {
        case .missingBracket: "a class in brackets has no end"
        case .missingParenthesis: "a group has no closing parenthesis"
        case .unexpectedParenthesis: "a closing parenthesis has no group"
        case .trailingBackslash: "a backslash ends the expression"
        case .badEscape: "no such escape in RE2 (there are no look-arounds and no back-references)"
        case .badRange: "no such range in a class"
        case .badClass: "no such class of characters"
        case .badGroup: "no such group in RE2 (there are no look-arounds)"
        case .badName: "no name for a group"
        case .duplicateName: "two groups have this name"
        case .missingArgument: "nothing to repeat"
        case .stackedRepetition: "a repetition of a repetition"
        case .badRepetition: "a repetition by more than \(PatternLimits.repetition), or with its bounds exchanged"
        case .nestedTooDeep: "groups lie more than \(PatternLimits.depth) deep in each other"
        case .tooLarge: "the expression is too large"
        }
    }
}

/// What bounds the reading of an expression, which may come from a stranger (CEL's `matches` takes any text).
enum PatternLimits {
    /// The longest expression, in code points: none that a person wrote comes near.
    static let text = 65_536
    /// How deep groups may lie in each other, since compiling descends into them; the limit of Rust's `regex`.
    static let depth = 250
    /// The most repetitions of one thing, repetitions in repetitions multiplied (RE2's `maximum_repeat_count`).
    static let repetition = 1000
    /// The most instructions: what RE2's default budget of 8 MiB comes to.
    static let instructions = 87_000
    /// The most steps that are spent on finding which characters an expression tells apart.
    static let partition = 4_000_000
    /// The most words, 4 MiB, of the table that says which classes are in which set.
    static let members = 524_288
}
