import Testing

@testable import Validation

/// No pattern and no text makes the engine fail, hang or grow without bound.
struct PatternFuzzTests {
    @Test("rubbish is refused or compiled, and what is compiled answers the same both ways", arguments: [11, 12])
    func rubbish(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        let alphabet = Array("ab(((|))**+?{}[[]]^$\\\\.-,0123479:PpQEdwsbBAzxniUm<>é日\n\u{0}".unicodeScalars)
        var compiled = 0
        for _ in 0..<4000 {
            let pattern = String(String.UnicodeScalarView((0..<dice.below(24)).map { _ in dice.pick(alphabet) }))
            guard let program = try? PatternProgram(pattern) else {
                #expect(Pattern.check(pattern) != nil)
                continue
            }
            compiled += 1
            let dense = Pattern(pattern, program)
            let lazy = Pattern(pattern, program, eager: false)
            for _ in 0..<4 {
                let text = String(String.UnicodeScalarView((0..<dice.below(12)).map { _ in dice.pick(alphabet) }))
                #expect(
                    dense.matches(text) == lazy.matches(text), "\(pattern.debugDescription) \(text.debugDescription)")
            }
        }
        #expect(compiled > 250)
    }

    /// Each would take a back-tracking engine longer than the universe has been there.
    static let evil = [
        "(a*)*b", "(a+)+$", "(a|a)*b", "(a|aa)+$", "(.*a){20}b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a?){50}a{50}",
        "(x+x+)+y", "(.*)*(.*)*(.*)*b", "(?:a{0,30}){30}c",
        "[ab]*a[ab]{60}c", "(\\b|a)*\\Bb", "(?i)(k|K)*S", "(?m)(^a*$)*b", "\\pL*\\d{3}",
    ]

    @Test("patterns that are poison to others are linear here", arguments: evil)
    func poison(_ pattern: String) throws {
        let compiled = try Pattern(pattern)
        let text = String(repeating: "a", count: 20_000)
        _ = compiled.matches(text)
        _ = compiled.matches(text + "!")
        _ = try Pattern(pattern, PatternProgram(pattern), eager: false).matches(text)
    }

    @Test("states are forgotten when they are too many, and the answer stays the same")
    func forgetting() throws {
        // Whether an `a` stood 17 places before the end: 2^17 states.
        let pattern = "a[ab]{16}$"
        let program = try PatternProgram(pattern)
        #expect(DenseAutomaton(program) == nil, "this is meant to be too large for a table")
        var cache = LazyAutomaton.Cache(program)
        var dice = Dice(seed: 5)
        for _ in 0..<20 {
            let text = (0..<4000).map { _ in dice.pick(["a", "b"]) }.joined()
            let expected = Array(text.utf8)[text.utf8.count - 17] == UInt8(ascii: "a")
            #expect(text.withBytes { cache.matches($0) } == expected)
        }
        #expect(cache.resets > 0)
    }

    @Test("what is too large or too deep is refused, and quickly")
    func limits() {
        let deep = String(repeating: "(", count: 300) + String(repeating: ")", count: 300)
        #expect(Pattern.check(deep)?.kind == .nestedTooDeep)
        #expect(Pattern.check(String(repeating: "(", count: 60_000))?.kind == .nestedTooDeep)
        #expect(Pattern.check(String(repeating: "a", count: 70_000))?.kind == .tooLarge)
        #expect(Pattern.check("((abcdefghij){100}){10}") == nil)
        #expect(Pattern.check("(" + String(repeating: "abcdefghij", count: 10) + "){1000}")?.kind == .tooLarge)
        #expect(Pattern.check("((((a{10}){10}){10}){10})")?.kind == .badRepetition)
        #expect(Pattern.check("(?:" + String(repeating: "()", count: 1000) + "){1000}")?.kind == .tooLarge)
        let classes = (0..<3000).map { "[^\(Unicode.Scalar(UInt32(0x4E00 + $0))!)]" }.joined()
        #expect(Pattern.check(classes)?.kind == .tooLarge)
        #expect(Pattern.check(String(repeating: "\\pL", count: 2000)) == nil)
    }

    @Test("errors say what and where")
    func errors() {
        #expect(Pattern.check("ab[c")?.description == "a class in brackets has no end at 2: `[c`")
        #expect(Pattern.check("(?=a)")?.description == "no such group in RE2 (there are no look-arounds) at 0: `(?=`")
        #expect(Pattern.check("\\C")?.kind == .badEscape)
        #expect(Pattern.check("a**")?.kind == .stackedRepetition)
        #expect(Pattern.check("(?P<n>a)(?P<n>b)")?.kind == .duplicateName)
        #expect(Pattern.check("a{1001}")?.kind == .badRepetition)
    }

    @Test("names and codes as contracts have them need no lock")
    func dense() throws {
        let usual = [
            "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", "^\\d{4}-\\d{2}-\\d{2}$", "^[A-Z]{2}\\d{6,8}$",
            "(?i)^(draft|live|gone)$", "^\\pL[\\pL\\d _-]{0,99}$", "^#[0-9a-fA-F]{6}$",
            "\\bfoo\\b", "^[^\\x00-\\x1F]*$",
        ]
        for pattern in usual { #expect(try Pattern(pattern).isDense, "\(pattern)") }
    }
}
