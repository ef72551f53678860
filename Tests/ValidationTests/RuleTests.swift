import Testing
import Validation
import WellKnown

/// The predicates that are more than one operator.
struct RuleTests {
    @Test(
        "lengths count code points",
        arguments: ["", "a", "é", "e\u{301}", "👨‍👩‍👧", "日本語", String(repeating: "é", count: 1000)])
    func lengths(_ text: String) {
        let count = UInt64(text.unicodeScalars.count)
        for limit in [0, 1, 2, 3, 4, 5, 6, count, count + 1, count &- 1, .max] {
            #expect(Rules.length(text, atLeast: limit) == (count >= limit), "\(limit)")
            #expect(Rules.length(text, atMost: limit) == (count <= limit), "\(limit)")
            #expect(Rules.length(text, is: limit) == (count == limit), "\(limit)")
        }
        #expect(Rules.byteLength(text, is: UInt64(text.utf8.count)))
    }

    @Test("parts of texts are found by bytes")
    func parts() {
        #expect(Rules.hasPrefix("abc", "ab") && Rules.hasPrefix("abc", "") && !Rules.hasPrefix("ab", "abc"))
        #expect(Rules.hasSuffix("abc", "bc") && Rules.hasSuffix("", "") && !Rules.hasSuffix("bc", "abc"))
        #expect(
            !Rules.hasSuffix("e\u{301}", "é") && Rules.hasPrefix("e\u{301}", "e")
                && Rules.contains("e\u{301}", "\u{301}"))
        #expect(Rules.contains("abc", "") && Rules.contains("", "") && !Rules.contains("", "a"))
        #expect(Rules.hasPrefix([1, 2], [1]) && !Rules.hasSuffix([1, 2], [1]) && Rules.contains([1, 2, 3], [2, 3]))
        // Needles that nearly match everywhere go through the table.
        for needle in ["aab", "ab", "aaaab", "abaabab"] {
            var text = String(repeating: "a", count: 300)
            #expect(!Rules.contains(text, needle))
            text += needle
            #expect(Rules.contains(text, needle) && Rules.contains(text + "c", needle))
        }
        let hay = String(repeating: "abaab", count: 80)
        #expect(Rules.contains(hay, "baababaab") && !Rules.contains(hay, "baabb"))
    }

    @Test("long needles in long texts take linear time")
    func linear() {
        let text = String(repeating: "a", count: 1 << 20)
        let needle = String(repeating: "a", count: 1 << 18) + "b"
        #expect(!Rules.contains(text, needle))
    }

    @Test("elements are unique by their code points, and NaN equals nothing")
    func unique() {
        #expect(Rules.unique([String]()) && Rules.unique(["é", "e\u{301}"]) && !Rules.unique(["a", "b", "a"]))
        #expect(Rules.unique([1, 2, 3]) && !Rules.unique([1, 2, 1]))
        #expect(
            Rules.unique([Double.nan, .nan, 1]) && !Rules.unique([0.0, -0.0]) && !Rules.unique([Float.nan, 1, 1]))
        #expect(Rules.unique((0..<1000).map { "\($0)" }) && !Rules.unique((0..<1000).map { "\($0 % 999)" }))
        #expect(Rules.unique([[1], [2]] as [[UInt8]]) && !Rules.unique([[1], [1]] as [[UInt8]]))
        #expect(Rules.unique([Double](repeating: .nan, count: 100)) && !Rules.unique([true, false, true]))
    }

    @Test("field masks are covered by paths and their parents")
    func masks() {
        #expect(Rules.paths(["a", "a.b"], areIn: ["a"]) && !Rules.paths(["ab"], areIn: ["a"]))
        #expect(!Rules.paths(["a"], areIn: ["a.b"]) && Rules.paths([], areIn: []))
        #expect(Rules.paths(["b"], areNotIn: ["a"]) && !Rules.paths(["b", "a.c"], areNotIn: ["a"]))
        #expect(Rules.paths(["a", "b"], are: ["a", "b"]) && !Rules.paths(["b", "a"], are: ["a", "b"]))
    }

    @Test("times of any shape compare as points")
    func times() {
        #expect(
            Rules.isLess(Rules.duration(1, 0), Rules.duration(1, 1))
                && !Rules.isLess(Rules.duration(1, 0), Rules.duration(1, 0)))
        #expect(Rules.equal(Rules.duration(1, 0), Rules.duration(0, 1_000_000_000)))
        #expect(Rules.isLess(Rules.timestamp(.min, .min), Rules.timestamp(.max, .max)))
        #expect(Rules.isIn(Rules.duration(2, 0), [Rules.duration(1, 0), Rules.duration(2, 0)]))
        #expect(Rules.isWithin(Rules.timestamp(.max, 0), Rules.duration(.max, .max), of: Rules.timestamp(0, 0)))
    }

    @Test("an address's version may come from the contract")
    func versions() {
        #expect(
            Rules.isIP("1.2.3.4", version: 0) && Rules.isIP("1.2.3.4", version: 4) && !Rules.isIP("1.2.3.4", version: 6)
        )
        #expect(!Rules.isIP("1.2.3.4", version: 5) && Rules.isIPPrefix("::/0", version: 6, strict: true))
        #expect(!Rules.isIPPrefix("::/0", version: 4) && !Rules.isIPPrefix("::/0", version: 1))
    }
}
