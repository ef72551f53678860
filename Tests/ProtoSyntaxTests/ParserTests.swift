import ProtoSyntax
import Testing

struct ParserTests {
    private func parse(_ text: String) -> (file: FileSyntax, report: Report) {
        var report = Report()
        let id = report.add(Source(path: "a.proto", text: text))
        let file = Parser.parse(id, &report)
        return (file, report)
    }

    private func messages(_ file: FileSyntax) -> [MessageSyntax] {
        file.items.compactMap { item in
            if case .message(let message) = item { return message }
            return nil
        }
    }

    private func fields(_ text: String) -> [FieldSyntax] {
        let message = messages(parse("syntax = \"proto3\"; message M { \(text) }").file).first
        return (message?.items ?? []).compactMap { item in
            if case .field(let field) = item { return field }
            return nil
        }
    }

    @Test("keywords are names where a name is wanted")
    func keywordsAreNames() {
        let words = [
            "message", "enum", "oneof", "option", "reserved", "extensions", "extend", "stream", "returns", "to", "max",
            "syntax", "import", "package", "service", "rpc", "map", "group", "optional", "repeated", "int32", "true",
            "inf",
        ]
        let text = words.enumerated().map { "int32 \($1) = \($0 + 1);" }.joined(separator: " ")
        #expect(fields(text).map(\.name.text) == words)
        #expect(fields("group group = 1; map map = 2; stream.of.M x = 3;").count == 3)
    }

    @Test(
        "a statement that is not understood costs no other",
        arguments: [
            "int32 = 1;", "int32 a 1;", "int32 a = ;", "a..b c = 1;", "int32 a = 1 [x];", "int32 a = 1 [x = {];", "%",
            "oneof {}",
            "message { int32 a = 1; }", "reserved ;", "map<string> a = 1;", "enum E { = 1; }", "option = 1;",
            "rpc A(B);",
        ])
    func recoveryIsLocal(broken: String) {
        let (file, report) = parse(
            "syntax = \"proto3\"; message A { \(broken)\n int32 after = 9; }\nmessage B { int32 b = 1; }")
        #expect(report.hasErrors)
        #expect(file.isDamaged)
        #expect(messages(file).map(\.name.text).contains("A"), "\(ReportRenderer().render(report))")
        #expect(messages(file).last?.name.text == "B")
        let names = (messages(file).first?.items ?? []).compactMap { item -> String? in
            if case .field(let field) = item { return field.name.text }
            return nil
        }
        #expect(names.contains("after"), "\(ReportRenderer().render(report))")
    }

    @Test("a missing semicolon at the end of a line is put there")
    func missingSemicolonIsForgiven() {
        let (file, report) = parse("syntax = \"proto3\"\npackage a\nmessage M {\n  int32 a = 1\n  int32 b = 2\n}\n")
        #expect(report.diagnostics.map(\.code) == Array(repeating: .expectedToken, count: 4))
        #expect(file.package?.name == "a")
        #expect(messages(file).first?.items.count == 2)
    }

    @Test("empty statements stand where protoc lets them stand")
    func emptyStatements() {
        let good = "; ; message M { ; } enum E { ; A = 0; ; } service S { ; rpc R(M) returns (M) { ; } ; } ;"
        #expect(parse("syntax = \"proto3\";" + good).report.isEmpty)
        #expect(parse("syntax = \"proto3\"; message M { oneof o { ; int32 a = 1; } }").report.hasErrors)
        #expect(parse("syntax = \"proto2\"; extend M { ; optional int32 a = 1; }").report.hasErrors)
    }

    @Test("a byte order mark is passed over")
    func byteOrderMark() {
        #expect(parse("\u{FEFF}syntax = \"proto3\"; message M {}").report.isEmpty)
    }

    @Test("31 messages lie in each other, 32 do not", arguments: [(31, false), (32, true)])
    func nesting(depth: Int, isRefused: Bool) {
        let opening = (0..<depth).map { "message M\($0) { " }.joined()
        let report = parse("syntax = \"proto3\"; " + opening + String(repeating: "}", count: depth)).report
        #expect(report.diagnostics.contains { $0.code == .nestedTooDeep } == isRefused)
    }

    struct Literal: Sendable {
        let text: String
        let bytes: [UInt8]

        init(_ text: String, _ bytes: [UInt8]) {
            (self.text, self.bytes) = (text, bytes)
        }
    }

    @Test(
        "escapes",
        arguments: [
            Literal(#""a" 'b' "c""#, Array("abc".utf8)),
            Literal(#""\a\b\f\n\r\t\v\\\'\"\?""#, [7, 8, 12, 10, 13, 9, 11, 92, 39, 34, 63]),
            Literal(#""\x41\xff\X0g""#, [0x41, 0xFF, 0, UInt8(ascii: "g")]),
            Literal(#""\101\7\1234""#, [65, 7, 83, UInt8(ascii: "4")]),
            Literal(#""\u00e9\U0001F600""#, Array("é😀".utf8)),
            Literal(#""\ud83d\ude00""#, Array("😀".utf8)),
            Literal(#"'"' "'""#, Array("\"'".utf8)),
        ])
    func escapes(literal: Literal) {
        let (file, report) = parse("syntax = \"proto3\"; option a = \(literal.text);")
        #expect(report.isEmpty, "\(ReportRenderer().render(report))")
        guard case .option(let option)? = file.items.last, case .string(let bytes) = option.value else {
            Issue.record("no option")
            return
        }
        #expect(bytes == literal.bytes)
    }

    @Test(
        "values of options",
        arguments: [
            ("-5", "a whole number"), ("18446744073709551615", "a whole number"), ("0x1F", "a whole number"),
            ("017", "a whole number"), ("1.5e3", "a number"), (".5", "a number"), ("-inf", "a name"),
            ("SPEED", "a name"),
            ("18446744073709551616", "a number"), ("{ a: 1, b { c: [1, 2] }; [x.y] < > [t.c/x.Y] { } }", "a message"),
        ])
    func values(text: String, kind: String) {
        let (file, report) = parse("syntax = \"proto3\"; option a = \(text);")
        #expect(report.isEmpty, "\(ReportRenderer().render(report))")
        guard case .option(let option)? = file.items.last else {
            Issue.record("no option")
            return
        }
        #expect(option.value.kind == kind)
    }
}
