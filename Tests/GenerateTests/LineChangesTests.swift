import Foundation
import Testing

@testable import Generate

@Suite struct LineChangesTests {
    private func changes(_ old: String, _ new: String) -> LineChanges {
        LineChanges(from: Array(old.utf8), to: Array(new.utf8))
    }

    @Test(arguments: [
        ("", "", 0, 0), ("a\n", "a\n", 0, 0), ("", "a\n", 1, 0), ("a\nb\n", "", 0, 2), ("a\nb\nc\n", "a\nx\nc\n", 1, 1),
        ("a\nb\nc\nd\n", "b\nc\nd\ne\n", 1, 1), ("a", "a\n", 0, 0),
    ])
    func countsAreThoseOfTheShortestScript(old: String, new: String, added: Int, removed: Int) {
        let found = changes(old, new)
        #expect(found.added == added && found.removed == removed)
    }

    @Test func theStepsLeadFromOneTextToTheOther() {
        var state: UInt64 = 1
        func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 60)
        }
        for _ in 0..<200 {
            let old = (0..<(next() + 1)).map { _ in "\(next() % 4)" }
            let new = (0..<(next() + 1)).map { _ in "\(next() % 4)" }
            let steps = changes(old.joined(separator: "\n"), new.joined(separator: "\n")).steps
            let before = steps.compactMap { step in
                switch step {
                case .keep(let line), .remove(let line): line
                case .add: nil
                }
            }
            let after = steps.compactMap { step in
                switch step {
                case .keep(let line), .add(let line): line
                case .remove: nil
                }
            }
            #expect(before == old && after == new)
        }
    }

    @Test func theUnifiedFormIsThatOfDiff() {
        let old = (1...20).map { "\($0)\n" }.joined()
        let new = old.replacing("\n3\n", with: "\nthree\n").replacing("\n17\n", with: "\n17\nmore\n")
        #expect(
            changes(old, new).unified(old: "a", new: "b") == """
                --- a
                +++ b
                @@ -1,6 +1,6 @@
                 1
                 2
                -3
                +three
                 4
                 5
                 6
                @@ -15,6 +15,7 @@
                 15
                 16
                 17
                +more
                 18
                 19
                 20

                """)
        #expect(changes(old, old).unified(old: "a", new: "b").isEmpty)
        #expect(changes("", "a\n").unified(old: "a", new: "b") == "--- a\n+++ b\n@@ -0,0 +1,1 @@\n+a\n")
    }
}
