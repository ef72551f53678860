import CEL
import Testing

@Suite struct CheckerTests {
    /// A contract with one message, and `this` of its type.
    private struct Environment: CELEnvironment {
        private let fields: [String: CELType] = [
            "number": .int, "text": .string, "list": .list(.int), "map": .map(.string, .double),
            "part": .message("p.Part"),
            "wrapped": .optional(.int), "at": .timestamp, "wait": .duration, "blob": .dynamic("google.protobuf.Value"),
        ]

        func type(ofVariable name: String) -> CELType? { name == "this" ? .message("p.Part") : nil }
        func type(ofField field: String, in message: String) -> CELType? { fields[field] }
        func isMessage(_ name: String) -> Bool { name == "p.Part" }
        func number(ofEnumValue name: String) -> Int64? { name == "p.Color.RED" ? 1 : nil }
    }

    @Test(arguments: [
        ("1 + 2", "int"), ("1u < 2.5", "bool"), ("this.number + p.Color.RED", "int"), ("this.part.part.text", "string"),
        ("this.list.map(x, string(x))", "list(string)"), ("this.map['a'] * 2.0", "double"), ("this.map.a", "double"),
        ("this.list.all(i, x, i < x)", "bool"), ("this.at - this.at", "google.protobuf.Duration"),
        ("this.at + this.wait", "google.protobuf.Timestamp"), ("this.wrapped == null", "bool"),
        ("this.wrapped + 1", "int"),
        ("has(this.text) ? [] : ['a']", "list(string)"), ("'%s'.format([1, 'a', this.list])", "string"),
        ("this.list.filter(x, x > 1).exists(x, x == 2)", "bool"), ("size(this.map) + this.text.size()", "int"),
        ("{'a': [1]}", "map(string, list(int))"),
    ])
    func anExpressionHasAType(_ text: String, _ type: String) throws {
        #expect(try Checker.check(Parser.parse(text), in: Environment()).type.description == type)
    }

    @Test(arguments: [
        ("1 + 'a'", "`+` is not for int and string"), ("this.none", "`p.Part` has no field `none`"),
        ("that", "there is no `that` here"), ("1 + 1u", "`+` is not for int and uint"),
        ("this.text.map(x, x)", "`map` is for lists and maps, not string"),
        ("this.list.all(x, x)", "the condition of `all` is int, not bool"),
        ("true ? 1 : 'a'", "one branch is int, the other string"),
        ("[1, 'a']", "the list has elements of int and of string"), ("f(1)", "there is no function `f`"),
        ("this.text.startsWith(1)", "there is no `string.startsWith(int)`"),
        ("this.blob.x", "what a `google.protobuf.Value` holds is known at run time only"),
        ("has(this)", "`has` takes one selection, `has(this.field)`"),
    ])
    func aMismatchIsTold(_ text: String, _ message: String) throws {
        let expression = try Parser.parse(text)
        do {
            _ = try Checker.check(expression, in: Environment())
            Issue.record("\(text) has a type")
        } catch {
            #expect(error.message == message)
        }
    }
}
