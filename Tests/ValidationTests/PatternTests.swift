import Testing

@testable import Validation

/// Patterns mean what RE2 means by them, and no text or pattern takes more than linear time and bounded memory.
struct PatternTests {
    @Test("each form of the syntax matches what RE2 matches, by table and by states made on the way")
    func syntax() throws {
        try compare(PatternTable.patterns.flatMap { pattern in PatternTable.texts.map { (pattern, $0) } })
    }

    @Test("random patterns match what RE2 matches in random texts", arguments: [1, 2, 3, 4])
    func random(seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var rows: [(String, String)] = []
        for _ in 0..<1500 {
            let pattern = RandomPattern.make(&dice)
            for _ in 0..<6 { rows.append((pattern, RandomPattern.text(&dice))) }
        }
        try compare(rows)
    }

    @Test("every code point is in each class that RE2 has it in", arguments: PatternTable.classes)
    func classes(_ pattern: String) throws {
        var texts: [String] = []
        for value in UInt32(0)..<0x32000 where value < 0x2200 || value % 31 == 0 {
            // RE2's tables are of Unicode 15: newer code points are not compared.
            guard let scalar = Unicode.Scalar(value), scalar.properties.age ?? (0, 0) <= (15, 1) else { continue }
            texts.append(String(scalar))
        }
        let answers = try Oracle.ask("patterns", texts.map { "\(Oracle.hex(pattern)) \(Oracle.hex($0))" })
        let compiled = try Pattern(pattern)
        let wrong = zip(texts, answers).filter { compiled.matches($0) != ($1 == "1") }
        let shown = wrong.prefix(20).map { String($0.0.unicodeScalars.first?.value ?? 0, radix: 16) }
        #expect(wrong.count <= PatternTable.newerCodePoints, "\(pattern): \(wrong.count): \(shown)")
    }

    private func compare(_ rows: [(String, String)]) throws {
        let answers = try Oracle.ask("patterns", rows.map { "\(Oracle.hex($0)) \(Oracle.hex($1))" })
        var known: [String: (dense: Pattern, lazy: Pattern)?] = [:]
        var wrong: [String: String] = [:]
        var counts: [String: Int] = [:]
        for ((pattern, text), answer) in zip(rows, answers) {
            // RE2 works on bytes, and finds a `\\B` in the middle of a code point; Go, Rust and we do not.
            if pattern.contains("\\B"), !text.utf8.allSatisfy({ $0 < 0x80 }) { continue }
            counts[answer, default: 0] += 1
            if known[pattern] == nil {
                known[pattern] = (try? PatternProgram(pattern)).map {
                    (Pattern(pattern, $0), Pattern(pattern, $0, eager: false))
                }
            }
            guard let compiled = known[pattern] ?? nil else {
                if answer != "E" {
                    wrong[pattern] = ("in \(text.debugDescription): refused (\(Pattern.check(pattern)!)), RE2 takes it")
                }
                continue
            }
            let matched = compiled.dense.matches(text)
            let lazily = compiled.lazy.matches(text)
            if matched != lazily || answer != (matched ? "1" : "0") {
                wrong[pattern] = ("in \(text.debugDescription): \(matched), lazily \(lazily), RE2 \(answer)")
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count) of \(rows.count): \(wrong.sorted { $0.key < $1.key }.prefix(15))")
        #expect((counts["1"] ?? 0) > rows.count / 20 && (counts["0"] ?? 0) > rows.count / 20, "\(counts)")
    }
}
