import ProtoSyntax
import Testing

struct ReportTests {
    @Test(
        "the nearest word",
        arguments: [
            ("Usr", "User"), ("user", "User"), ("mesage", "message"), ("strng", "string"), ("Colour", "Color"),
            ("abc", nil), ("x", nil), ("teh", "the"), ("LEVEL_LOW", "Level_Low"),
        ])
    func nearestWord(word: String, expected: String?) {
        let known = ["User", "message", "string", "Color", "zzz", "the", "Level_Low"]
        #expect(nearest(to: word, among: known) == expected)
    }

    @Test("lines and columns, as descriptors count and as people do")
    func positions() {
        let source = Source(path: "a", text: "ab\n\tü x\r\n\nend")
        #expect(source.position(at: 0) == Position(line: 0, column: 0))
        #expect(source.position(at: 4) == Position(line: 1, column: 8))
        #expect(source.position(at: 7) == Position(line: 1, column: 11))
        #expect(source.editorPosition(at: 7) == Position(line: 2, column: 4))
        #expect(source.line(at: 10) == 2)
        #expect(String(decoding: source.lineBytes(1), as: UTF8.self) == "\tü x")
        #expect(source.lineCount == 4)
    }

    @Test("one fault is told once, and in the order of places")
    func reportsAreOrdered() {
        var report = Report()
        let id = report.add(Source(path: "a", text: "one two three"))
        let late = Span(source: id, start: 8, end: 13)
        let early = Span(source: id, start: 0, end: 3)
        report.error(.unknownType, "late", at: late)
        report.warning(.unusedImport, "early", at: early)
        report.error(.unknownType, "late", at: late)
        #expect(report.ordered.map(\.message) == ["early", "late"])
        #expect(report.errorCount == 1)
    }

    @Test("codes are unique and well formed")
    func codesAreStable() {
        let codes = DiagnosticCode.allCases.map(\.rawValue)
        #expect(Set(codes).count == codes.count)
        #expect(codes.allSatisfy { $0.count == 5 && $0.hasPrefix("P0") })
    }

    @Test("a long line is cut around the caret, and control characters do not reach the terminal")
    func snippetsAreSafe() {
        var report = Report()
        let text = String(repeating: "x", count: 5_000) + "\u{1B}[2J" + String(repeating: "y", count: 5_000)
        let id = report.add(Source(path: "a", text: text))
        report.error(.strayCharacter, "control", at: Span(source: id, start: 5_000, end: 5_001))
        let rendered = ReportRenderer().render(report)
        #expect(!rendered.contains("\u{1B}"))
        #expect(rendered.split(separator: "\n").allSatisfy { $0.count < 250 })
        #expect(ReportRenderer(colored: true).render(report).contains("\u{1B}[1;31m"))
    }
}
