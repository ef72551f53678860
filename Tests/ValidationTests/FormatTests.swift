import Testing
import Validation

/// Each format says of thousands of texts what protovalidate says.
struct FormatTests {
    struct Format: CustomTestStringConvertible, Sendable {
        let name: String
        let holds: @Sendable (String) -> Bool
        let seeds: [String]
        /// What mutations put in: the characters that mean something to the format, and some that mean nothing.
        let alphabet: String

        var testDescription: String { name }
    }

    static let perFormat = 3000

    @Test("a format is protovalidate's, for edge cases and thousands of mutations of them", arguments: FormatTable.all)
    func agrees(with format: Format) throws {
        var dice = Dice(seed: 0x5EED)
        var texts = format.seeds
        while texts.count < Self.perFormat { texts.append(Self.mutated(format, &dice)) }
        let answers = try Oracle.ask("formats", texts.map { "\(format.name) \(Oracle.hex($0))" })
        var valid = 0
        var wrong: [String] = []
        for (text, answer) in zip(texts, answers) {
            if answer == "1" { valid += 1 }
            if format.holds(text) != (answer == "1") { wrong.append("\(text.debugDescription): oracle \(answer)") }
        }
        #expect(wrong.isEmpty, "\(format.name): \(wrong.count) of \(texts.count): \(wrong.prefix(12))")
        // A table that is all valid or all invalid would prove nothing.
        #expect(
            valid > texts.count / 100 && valid < texts.count, "\(format.name): \(valid) of \(texts.count) are valid")
    }

    /// A seed, or two spliced, with up to four small changes.
    private static func mutated(_ format: Format, _ dice: inout Dice) -> String {
        var scalars = Array(dice.pick(format.seeds).unicodeScalars)
        if dice.below(8) == 0 {
            let other = Array(dice.pick(format.seeds).unicodeScalars)
            scalars = Array(scalars.prefix(dice.below(scalars.count + 1))) + other.suffix(dice.below(other.count + 1))
        }
        let alphabet = Array(format.alphabet.unicodeScalars)
        for _ in 0...dice.below(4) {
            let place = dice.below(scalars.count + 1)
            switch dice.below(5) {
            case 0: scalars.insert(dice.pick(alphabet), at: place)
            case 1 where place < scalars.count: scalars.remove(at: place)
            case 2 where place < scalars.count: scalars[place] = dice.pick(alphabet)
            case 3 where place < scalars.count:
                let end = min(scalars.count, place + 1 + dice.below(6))
                scalars.insert(contentsOf: Array(scalars[place..<end]), at: end)
            case 4 where place < scalars.count: scalars.swapAt(place, dice.below(scalars.count))
            default: break
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
