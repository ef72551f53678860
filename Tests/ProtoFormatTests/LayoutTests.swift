import Foundation
import Testing

@testable import ProtoFormat

/// `Contracts/layout.txt`: what a source becomes, and where that is not what `buf format` makes of it, why.
@Suite struct LayoutTests {
    struct Case {
        let title: String
        let source: String
        let wanted: String

        /// The reason for a difference stands in the title: `[not buf: …]`.
        var differsFromBuf: Bool { title.contains("[not buf: ") }
    }

    static func cases() throws -> [Case] {
        let text = try Files.text(Files.layout)
        let blocks = text.components(separatedBy: "\n## ")
        return blocks.map { block in
            let halves = block.components(separatedBy: "\n----\n")
            let head = halves[0].split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            let title = head[0].hasPrefix("## ") ? head[0].dropFirst(3) : head[0]
            return Case(
                title: String(title), source: String(head[1]) + "\n",
                wanted: halves.count > 1 ? halves[1].trimmingSuffix("\n") + "\n" : "")
        }
    }

    @Test func everySourceBecomesItsLayout() throws {
        let cases = try LayoutTests.cases()
        #expect(cases.count > 20)
        if Files.isUpdating {
            let text = cases.map { entry in
                "## \(entry.title)\n\(entry.source)----\n\(Files.formatted(entry.source).text ?? "refused\n")"
            }
            try Data(text.joined(separator: "\n").utf8).write(to: Files.layout)
            return
        }
        for entry in cases {
            let made = Files.formatted(entry.source)
            #expect(made.text == entry.wanted, "\(entry.title)\n\(made.complaints)")
            #expect(Files.formatted(entry.wanted).text == entry.wanted, "again: \(entry.title)")
        }
    }

    @Test(.enabled(if: Files.hasBuf, "no buf beside WEFT_PYTHON"))
    func layoutsAreThoseOfBufUnlessTheirTitleSaysWhy() throws {
        for entry in try LayoutTests.cases() {
            let theirs = try Buf.formatted(entry.source)
            #expect((theirs == entry.wanted) != entry.differsFromBuf, "\(entry.title)\n\(theirs)")
        }
    }

    @Test(arguments: [
        ("message A {", "P0104"), ("message A { int32 a = ; }", "P0101"), ("message A {} }", "P0103"),
        ("option a = \"x;\n", "P0002"), ("/* never closed", "P0004"),
    ])
    func aBrokenFileIsRefusedWithItsFaults(source: String, code: String) {
        let made = Files.formatted("syntax = \"proto3\";\n" + source)
        #expect(made.text == nil)
        #expect(made.complaints.contains(code), "\(made.complaints)")
    }

    @Test func aByteOrderMarkAndWindowsLineEndsGo() {
        let made = Files.formatted("\u{FEFF}syntax = \"proto3\"; // a\r\n\r\n\r\n/* b\r\n   c */\r\nmessage A {}\r\n")
            .text
        #expect(made == "syntax = \"proto3\"; // a\n\n/* b\n   c */\nmessage A {}\n")
    }

    @Test func anEmptyFileStaysEmpty() {
        #expect(Files.formatted("").text == "")
        #expect(Files.formatted("\n\n").text == "")
        #expect(Files.formatted("\n// only\n\n").text == "// only\n")
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: Character) -> String {
        var text = self
        while text.last == suffix { text.removeLast() }
        return text
    }
}
