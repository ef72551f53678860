import ProtoWire
import Testing

@testable import Descriptors

/// What the text format may look like: each row is a text and the printer's form of what it says.
@Suite struct TextReadingTests {
    struct Accepted: Sendable, CustomTestStringConvertible {
        let rule: String
        let type: String
        let text: String
        let printed: String
        var testDescription: String { rule }

        init(in type: String = "Everything", _ rule: String, _ text: String, _ printed: String) {
            self.rule = rule
            self.type = type
            self.text = text
            self.printed = printed
        }
    }

    static let accepted = [
        Accepted("nothing", " \n\t # only a comment", ""),
        Accepted("comments and any white space", "i32 : # five\n\u{0B}\u{0C} 5 # end", "i32: 5"),
        Accepted(
            "separators may follow a field", "i32: 1, i64: 2; point { x: 1; y: 2, };",
            "i32: 1 i64: 2 point { x: 1 y: 2 }"),
        Accepted("a message needs no colon", "point: { x: 1 } parent < i32: 1 >", "point { x: 1 } parent { i32: 1 }"),
        Accepted(
            "decimal, octal and hexadecimal", "i32: 10 i64: 010 u32: 0x1F u64: 0XfF", "i32: 10 i64: 8 u32: 31 u64: 255"),
        Accepted("a minus may stand apart", "i32: - 5 s64: -0x10 sf32: -010", "i32: -5 s64: -16 sf32: -8"),
        Accepted(
            "the least and the greatest", "i32: -2147483648 i64: 0x7fffffffffffffff u64: 01777777777777777777777",
            "i32: -2147483648 i64: 9223372036854775807 u64: 18446744073709551615"),
        Accepted("minus zero of an integer", "s32: -0 minutes: -0", "minutes: 0"),
        Accepted("floats", "ratio: 1.5f exact: .5", "ratio: 1.5 exact: 0.5"),
        Accepted("floats of whole numbers", "ratio: 3F exact: 4.", "ratio: 3 exact: 4"),
        Accepted("exponents", "ratio: 1e2 exact: 1.5E-3f", "ratio: 100 exact: 0.0015"),
        Accepted(
            "infinity in any case", "ratio: INF exact: -Infinity floats: [iNf, -inf, nan, -NaN]",
            "ratio: inf exact: -inf floats: inf floats: -inf floats: nan floats: nan"),
        Accepted(
            "too large is infinite, too small is zero", "doubles: [1e999, -1e999, 1e-999] floats: 1e39",
            "doubles: inf doubles: -inf doubles: 0 floats: inf"),
        Accepted("more digits than a word holds", "exact: 100000000000000000000000", "exact: 1e+23"),
        Accepted("minus zero", "exact: -0", "exact: -0.0"),
        Accepted(
            "every spelling of a bool", "bools: [true, True, t, 1, 0x1, 01, false, False, f, 0, 00]",
            "bools: true bools: true bools: true bools: true bools: true bools: true "
                + "bools: false bools: false bools: false bools: false bools: false"),
        Accepted("either quote", #"text: 'it"s' note: "it's""#, #"text: "it\"s" note: "it\'s""#),
        Accepted("strings one after the other", "text: 'a' \"b\"\n # comment\n 'c'", #"text: "abc""#),
        Accepted("simple escapes", #"text: "\a\b\f\n\r\t\v\?\\\'\"""#, #"text: "\007\010\014\n\r\t\013?\\\'\"""#),
        Accepted(
            "octal and hexadecimal escapes", #"data: "\0\78\377\x41\xff\X0g""#, #"data: "\000\0078\377A\377\000g""#),
        Accepted("characters by number", #"text: "\u00e9\U0001F600" data: "\u00e9""#, #"text: "é😀" data: "\303\251""#),
        Accepted(
            "enums by name and number", "level: LEVEL_NOVICE levels: [3, -7, 99]",
            "level: LEVEL_BEGINNER levels: LEVEL_ADVANCED levels: LEVEL_NEGATIVE levels: 99"),
        Accepted(
            "lists and single values add up", "ints: 1 ints: [2, 3] ints: [] ints: 4",
            "ints: 1 ints: 2 ints: 3 ints: 4"),
        Accepted(
            "lists of messages", "points [{ x: 1 }, < y: 2 >] points { }", "points { x: 1 } points { y: 2 } points { }"),
        Accepted("a list's strings join", #"names: ["a" "b", "c"]"#, #"names: "ab" names: "c""#),
        Accepted(
            "maps, whose last equal key counts",
            #"labels { key: "b" value: "1" } labels: [{ key: "a" }, { value: "2" key: "b" }]"#,
            #"labels { key: "a" value: "" } labels { key: "b" value: "2" }"#),
        Accepted("an entry without its message", "places { key: 5 }", "places { key: 5 value { } }"),
        Accepted("defaults without presence are absent", "i32: 0 text: '' level: 0 minutes: 0", "minutes: 0"),
        Accepted("a oneof's default is there", "text_content: ''", #"text_content: """#),
        Accepted(
            in: "Legacy", "a group by its type and by its field",
            "id: 1 Details { text: 'a' } row { cell: 1 } Row { cell: 2 }",
            #"id: 1 Details { text: "a" } Row { cell: 1 } Row { cell: 2 }"#),
        Accepted(
            in: "Legacy", "extensions, with space and comments in the brackets",
            "id: 1 [test.v1.extra]: 5 [ test . # why\n v1 .extras ]: 'a' [test.v1.extra_message] { id: 2 }",
            #"id: 1 [test.v1.extra]: 5 [test.v1.extras]: "a" [test.v1.extra_message] { id: 2 }"#),
        Accepted(
            in: "Known", "an Any that is spread out",
            "any { [type.googleapis.com/test.v1.Point] { x: 1 } }",
            "any { [type.googleapis.com/test.v1.Point] { x: 1 } }"),
        Accepted(
            in: "Known", "an Any with any prefix, space and escapes",
            "any { [ my.host/a-b~!$&()*+,;=%2F/ test.v1. # here\n Point ] < x: 1 > }",
            "any { [my.host/a-b~!$&()*+,;=%2F/test.v1.Point] { x: 1 } }"),
        Accepted(
            in: "Known", "an Any by its fields",
            #"any { type_url: "x/test.v1.Point" value: "\t\0\0\0\0\0\0\xf0\x3f" }"#,
            "any { [x/test.v1.Point] { x: 1 } }"),
        Accepted(
            in: "Known", "well-known types are plain messages",
            "time { seconds: 5 } int64_value { value: 1 } value { null_value: NULL_VALUE }",
            "time { seconds: 5 } value { null_value: NULL_VALUE } int64_value { value: 1 }"),
    ]

    @Test(arguments: accepted)
    func `is accepted`(_ row: Accepted) throws {
        let format = TextFormat(pool: Contracts.pool)
        let table = try Contracts.table(row.type)
        let bytes = try format.textToBinary(table, row.text)
        var options = TextFormat.PrintOptions()
        options.isSingleLine = true
        #expect(try format.binaryToText(table, bytes, options) == row.printed)
        // What is printed on lines says the same.
        let again = try format.textToBinary(table, format.binaryToText(table, bytes))
        #expect(try format.binaryToText(table, again, options) == row.printed)
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        let type: String
        let text: String
        let error: String
        var testDescription: String { error }

        init(in type: String = "Everything", _ text: String, _ error: String) {
            self.type = type
            self.text = text
            self.error = error
        }
    }

    static let refused = [
        Refused("nope: 1", #"test.v1.Everything has no field "nope" (line 1, column 1)"#),
        Refused("i32: 1\n  videoUrl: 'v'", #"test.v1.Everything has no field "videoUrl" (line 2, column 3)"#),
        Refused("5: 1", #"expected a field, found "5" (line 1, column 1)"#),
        Refused("i32 5", #"i32: expected ":", found "5" (line 1, column 5)"#),
        Refused("i32: ", "i32: expected an int32, found the end of the text (line 1, column 6)"),
        Refused("i32: 'a'", #"i32: expected an int32, found "'" (line 1, column 6)"#),
        Refused("i32: 1.0", "i32: expected an int32, found 1.0 (line 1, column 6)"),
        Refused("i32: 2147483648", "i32: expected an int32, found 2147483648 (line 1, column 6)"),
        Refused("u32: -1", "u32: expected a uint32, found -1 (line 1, column 6)"),
        Refused("u64: 18446744073709551616", "u64: expected a uint64, found 18446744073709551616 (line 1, column 6)"),
        Refused("i32: 5x", #"i32: a number ends in "x" (line 1, column 6)"#),
        Refused("i32: 08", "i32: 08 is no octal number, which is what a leading zero means (line 1, column 6)"),
        Refused("i32: 0x", #"i32: "0x" needs hexadecimal digits (line 1, column 6)"#),
        Refused("exact: 012", "exact: a double is neither octal nor hexadecimal (line 1, column 8)"),
        Refused("ratio: 0x1", "ratio: a float is neither octal nor hexadecimal (line 1, column 8)"),
        Refused("exact: 1e", "exact: an exponent needs digits (line 1, column 8)"),
        Refused("exact: .", #"exact: expected a double, found "." (line 1, column 8)"#),
        Refused("exact: infinit", #"exact: expected a number, inf or nan, found "infinit" (line 1, column 8)"#),
        Refused("flag: 2", #"flag: expected true or false, found "2" (line 1, column 7)"#),
        Refused("flag: TRUE", #"flag: expected true or false, found "TRUE" (line 1, column 7)"#),
        Refused("level: NOPE", #"level: test.v1.Level has no value "NOPE" (line 1, column 8)"#),
        Refused("level: 2147483648", "level: expected a value of test.v1.Level, found 2147483648 (line 1, column 8)"),
        Refused(in: "Legacy", "color: 4", "color: test.v1.Color has no value 4 (line 1, column 8)"),
        Refused("text: 'a\nb'", "text: the string does not end on its line (line 1, column 7)"),
        Refused("text: 'a", "text: the string does not end (line 1, column 7)"),
        Refused("text: a", #"text: expected a string, found "a" (line 1, column 7)"#),
        Refused(#"text: "\q""#, #"text: \q is no escape (line 1, column 8)"#),
        Refused(#"text: "\400""#, #"text: an octal escape is at most \377 (line 1, column 8)"#),
        Refused(#"text: "\xg""#, #"text: "\x" needs hexadecimal digits (line 1, column 8)"#),
        Refused(#"text: "\u12g4""#, #"text: \u needs 4 hexadecimal digits (line 1, column 8)"#),
        Refused(#"text: "\U00110000""#, "text: there is no character U+110000 (line 1, column 8)"),
        Refused(#"text: "\ud83d\ude00""#, "text: half of a surrogate pair (line 1, column 8)"),
        Refused(#"text: "\xff""#, "text: the string is not UTF-8 (line 1, column 7)"),
        Refused("i32: 1 i32: 1", #"the field "i32" is given twice (line 1, column 8)"#),
        Refused("point { } point { }", #"the field "point" is given twice (line 1, column 11)"#),
        Refused("video_url: 'v' spot { }", #"the oneof "content" is given twice, here as "spot" (line 1, column 16)"#),
        Refused("i32: [1]", #"i32: expected an int32, found "[" (line 1, column 6)"#),
        Refused("ints: [1 2]", #"ints: expected "," or "]", found "2" (line 1, column 10)"#),
        Refused("ints: [1,]", #"ints[1]: expected an int32, found "]" (line 1, column 10)"#),
        Refused("ints: [,1]", #"ints[0]: expected an int32, found "," (line 1, column 8)"#),
        Refused("ints: [1;2]", #"ints: expected "," or "]", found ";" (line 1, column 9)"#),
        Refused("i32: 1,, i64: 1", #"expected a field, found "," (line 1, column 8)"#),
        Refused("point { x: 1", #"point: expected a field or "}", found the end of the text (line 1, column 13)"#),
        Refused("point { x: 1 >", #"point: expected a field or "}", found ">" (line 1, column 14)"#),
        Refused("i32: 1 }", #"expected a field, found "}" (line 1, column 8)"#),
        Refused("point: 5", #"point: expected "{", found "5" (line 1, column 8)"#),
        Refused("points { } points { x: 'é' z: 1 }", #"points[1].x: expected a double, found "'" (line 1, column 24)"#),
        Refused(
            "parent {\n children { }\n children { i32: x }\n}",
            #"parent.children[1].i32: expected an int32, found "x" (line 3, column 18)"#),
        Refused(
            in: "Legacy", "id: 1 [test.v1.nope]: 1",
            #"test.v1.Legacy has no extension "test.v1.nope" (line 1, column 7)"#),
        Refused(
            in: "Legacy", "id: 1 [test.v1.extra: 1",
            #"expected the name of an extension or a type, found ":" (line 1, column 21)"#),
        Refused(in: "Legacy", "id: 1 []: 1", "the brackets are empty (line 1, column 7)"),
        Refused(in: "Legacy", "id: 1 DETAILS { }", #"test.v1.Legacy has no field "DETAILS" (line 1, column 7)"#),
        Refused(in: "Legacy", "name: 'a'", "id: the field is required and is not there"),
        Refused(
            in: "Legacy", "id: 1 Row { } Details { inner { } }",
            "details.inner.id: the field is required and is not there"),
        Refused(
            in: "Known", "any { [x/test.v1.Nope] { } }",
            #"any: the type "x/test.v1.Nope" is not known (line 1, column 7)"#),
        Refused(
            in: "Known", "any { [x%2/test.v1.Point] { } }", #"any: "%" needs two hexadecimal digits (line 1, column 9)"#
        ),
        Refused(
            in: "Known", "any { [x/test.v1.Point] { } value: '' }",
            #"any: the field "value" is given twice (line 1, column 29)"#),
        Refused(
            in: "Known", "[x/test.v1.Point] { }",
            #"only a google.protobuf.Any holds "[x/test.v1.Point]" (line 1, column 1)"#),
    ]

    @Test(arguments: refused)
    func `is refused`(_ row: Refused) throws {
        let table = try Contracts.table(row.type)
        let error = #expect(throws: TextFormatError.self) {
            try TextFormat(pool: Contracts.pool).textToBinary(table, row.text)
        }
        #expect(error?.description == row.error)
    }

    @Test func `nesting has a limit`() throws {
        let table = try Contracts.table("Everything")
        func nested(_ levels: Int) -> String {
            String(repeating: "parent { ", count: levels) + String(repeating: "} ", count: levels)
        }
        let bytes = try TextFormat().textToBinary(table, nested(100))
        #expect(try TextFormat().textToBinary(table, TextFormat().binaryToText(table, bytes)) == bytes)
        #expect(throws: TextFormatError.self) { try TextFormat().textToBinary(table, nested(101)) }
        #expect(throws: TextFormatError.self) { try TextFormat().textToBinary(table, nested(50_000)) }
        var options = TextFormat.ParseOptions()
        options.ignoresUnknown = true
        let unknown = "nope { " + nested(50_000) + "}"
        #expect(throws: TextFormatError.self) { try TextFormat().textToBinary(table, unknown, options) }
    }

    @Test func `unknown fields are passed over if that is asked`() throws {
        let table = try Contracts.table("Everything")
        var options = TextFormat.ParseOptions()
        options.ignoresUnknown = true
        let text = """
            a: 1 b: -1.5f c: 'x' "y" d: [1, 'a', { e: [] }] f { g < h: true > [x.y]: INF }
            [no.extension] { [type.googleapis.com/x] { } } i: [] i32: 5
            """
        #expect(try TextFormat().textToBinary(table, text, options) == [8, 5])
        for broken in ["a 1", "a: [1", "a { b: }", "a: [1,]", "a { b: 1 >"] {
            #expect(throws: TextFormatError.self) { try TextFormat().textToBinary(table, broken, options) }
        }
    }

    @Test func `a partial message is taken if that is asked`() throws {
        var options = TextFormat.ParseOptions()
        options.allowsPartial = true
        #expect(try TextFormat().textToBinary(Contracts.table("Legacy"), "Details { }", options) == [59, 60])
    }
}
