import CEL
import Testing

@Suite struct ParserTests {
    @Test(arguments: [
        "1 + 2 * 3 == 7 && true || !false", "a.b.c(1, 'x')[2].d", "has(this.a) ? [1, 2u, 3.5e-1] : {}",
        "-9223372036854775808",
        "r'\\d' + \"\\u00e9\" + '''a\n''' + b'\\xff'", "this.all(x, x in [1])", "a.b.C{d: 1, e: {'k': null}}",
        ".root.name",
        "0xFFu % 3u", "// a comment\n1", "a.`b-c`",
    ])
    func anExpressionIsRead(_ text: String) throws {
        _ = try Parser.parse(text)
    }

    @Test(arguments: [
        ("", "expected an expression, found the end", 0), ("1 +", "expected an expression, found the end", 3),
        ("a b", "expected the end of the expression, found `b`", 2), ("'abc", "the string has no end", 0),
        ("9223372036854775808", "the number does not fit an `int`", 0),
        ("18446744073709551616u", "the number does not fit a `uint`", 0),
        ("'\\q'", "there is no such escape", 1), ("if", "`if` is a reserved word", 0),
        ("a ? b", "expected `:`, found the end", 5),
        ("1 # 2", "`#` is not part of the language", 2), ("f(1", "expected `)`, found the end", 3),
        ("1e", "the exponent has no digits", 0),
    ])
    func aFaultHasAPlace(_ text: String, _ message: String, _ offset: Int) {
        #expect(throws: CELError(message, at: offset)) { try Parser.parse(text) }
    }

    @Test func nestingIsBounded() {
        let deep = String(repeating: "(", count: 200) + "1" + String(repeating: ")", count: 200)
        #expect(throws: CELError.self) { try Parser.parse(deep) }
        #expect(throws: CELError.self) { try Parser.parse(String(repeating: "!", count: 50_000) + "a") }
        #expect(throws: CELError.self) { try Parser.parse("1" + String(repeating: "+1", count: 200)) }
        #expect(throws: CELError.self) { try Parser.parse("a" + String(repeating: ".a", count: 200)) }
    }
}
