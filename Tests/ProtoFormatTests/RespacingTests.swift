import Foundation
import ProtoSyntax
import Testing

@testable import ProtoFormat

/// Contracts with their tokens spaced by chance, and comments by chance between them: all comments come out again, all tokens
/// too, and what comes out is laid out already.
@Suite struct RespacingTests {
    private static let rounds = 3

    @Test func noCommentIsLostWhereverItStands() throws {
        var random = Chance(state: 0x5EED_F0A7)
        var formatted = 0
        for file in Files.all {
            let source = try Files.text(file)
            for round in 0..<RespacingTests.rounds {
                // Few comments and many: where there are many, one hides the other's faults.
                let text = RespacingTests.respaced(source, oneIn: [2, 5, 20][round % 3], &random)
                guard let once = Files.formatted(text).text else { continue }
                formatted += 1
                let place = "\(file.path), round \(round)"
                #expect(RespacingTests.comments(of: text) == RespacingTests.comments(of: once), "\(place)")
                #expect(RespacingTests.words(of: text) == RespacingTests.words(of: once), "\(place)")
                let twice = Files.formatted(once)
                #expect(twice.text == once, "\(place) \(twice.complaints)")
                if twice.text != once { return keep(text, once, twice.text ?? "") }
            }
        }
        print("\(formatted) spacings of \(Files.all.count) contracts")
        #expect(formatted >= Files.own.count * RespacingTests.rounds / 2)
    }

    /// For whoever mends it.
    private func keep(_ texts: String...) {
        for (index, text) in texts.enumerated() {
            let file = FileManager.default.temporaryDirectory.appending(path: "weft-respacing-\(index).proto")
            try? Data(text.utf8).write(to: file)
        }
    }

    private static func respaced(_ source: String, oneIn rarity: Int, _ random: inout Chance) -> String {
        var report = Report()
        let id = report.add(Source(path: "a.proto", text: source))
        let bytes = Array(source.utf8)
        var (text, number, isFirst) = ("", 0, true)
        for token in Lexer.tokens(of: id, &report) {
            if !isFirst { text += [" ", "\n", "\n\n", "\t", "\r\n", " \n \n \n"][random.below(6)] }
            isFirst = false
            while random.below(rarity) == 0 {
                number += 1
                text +=
                    [
                        "// c\(number)\n", "//c\(number)\n\n", "/* c\(number) */", "/* c\(number)\n * x */\n",
                        "/*c\(number)*/ ", "\n\n// c\(number)\n\n", "/*\n c\(number)\n*/",
                    ][random.below(7)]
            }
            text += String(decoding: bytes[token.start..<token.end], as: UTF8.self)
        }
        return text
    }

    /// The words of all comments; how they are laid out and in which order statements come may differ.
    private static func comments(of text: String) -> [String] {
        lexemes(of: text).flatMap(\.comments).map { comment in
            comment.text.split { "/* \n\t".contains($0) }.joined(separator: " ")
        }.sorted()
    }

    /// The tokens but for those that say nothing: empty statements and what separates the fields of a message.
    private static func words(of text: String) -> [String] {
        lexemes(of: text).map(\.text).filter { ![";", ",", ":", "<", ">", "{", "}"].contains($0) }.sorted()
    }

    private static func lexemes(of text: String) -> [Lexeme] {
        var report = Report()
        let id = report.add(Source(path: "a.proto", text: text))
        return Lexeme.all(in: report.source(id), Lexer.tokens(of: id, &report))
    }
}

/// SplitMix64: the same numbers on every machine.
struct Chance {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }
}
