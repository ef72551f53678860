import ProtoWire
import Testing

@testable import Descriptors

@Suite struct DynamicMessageTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let rule: String
        let type: String
        let settings: [(String, String)]
        let json: String
        var testDescription: String { rule }

        init(in type: String = "Everything", _ rule: String, _ settings: [(String, String)], _ json: String) {
            self.rule = rule
            self.type = type
            self.settings = settings
            self.json = json
        }
    }

    static let rows = [
        Row("strings as they are", [("text", #"a "b" \"#)], #"{"text":"a \"b\" \\"}"#),
        Row(
            "numbers", [("i32", "-5"), ("u64", "7"), ("exact", "1.5"), ("ratio", "NaN"), ("s64", "1e3")],
            #"{"i32":-5,"u64":"7","exact":1.5,"ratio":"NaN","s64":"1000"}"#),
        Row(
            "a path into messages", [("parent.parent.point.x", "2"), ("parent.text", "a")],
            #"{"parent":{"text":"a","parent":{"point":{"x":2}}}}"#),
        Row(
            "parts of one message add up", [("point.x", "1"), ("text", "a"), ("point.y", "2")],
            #"{"text":"a","point":{"x":1,"y":2}}"#),
        Row(
            "the last value counts", [("i32", "1"), ("i32", "0"), ("minutes", "5"), ("minutes", "0")],
            #"{"minutes":0}"#),
        Row(
            "lists grow", [("names", "a"), ("ints", "1"), ("names", "b"), ("ints", "2")],
            #"{"ints":[1,2],"names":["a","b"]}"#),
        Row(
            "enums by name and number", [("level", "LEVEL_ADVANCED"), ("levels", "1"), ("levels", "-7")],
            #"{"level":"LEVEL_ADVANCED","levels":["LEVEL_BEGINNER","LEVEL_NEGATIVE"]}"#),
        Row("JSON names", [("videoUrl", "v")], #"{"videoUrl":"v"}"#),
        Row("bytes in base64", [("data", "-_8")], #"{"data":"+/8="}"#),
        Row(
            in: "Known", "times", [("time", "1970-01-01T00:00:01.5Z"), ("span", "1.5s")],
            #"{"time":"1970-01-01T00:00:01.500Z","span":"1.500s"}"#),
        Row(
            in: "Known", "a later time replaces an earlier one wholly",
            [("time", "1970-01-01T00:00:01.5Z"), ("time", "1970-01-01T00:00:00Z")],
            #"{"time":"1970-01-01T00:00:00Z"}"#),
        Row(
            in: "Known", "wrappers", [("int64_value", "5"), ("bool_value", "false"), ("string_value", "")],
            #"{"int64Value":"5","boolValue":false,"stringValue":""}"#),
        Row(in: "Known", "masks in both spellings", [("mask", "foo_bar,bazQux.a")], #"{"mask":"fooBar,bazQux.a"}"#),
        Row(in: "Legacy", "groups", [("id", "1"), ("details.text", "a")], #"{"id":1,"details":{"text":"a"}}"#),
    ]

    @Test(arguments: rows)
    func `is set`(_ row: Row) throws {
        var message = DynamicMessage(try Contracts.table(row.type))
        for (path, text) in row.settings { try message.set(path: path, text: text) }
        let printed = try JSONTranscoder(pool: Contracts.pool).binaryToJSON(message.table, message.bytes)
        let canonical = try JSONTranscoder(pool: Contracts.pool).jsonToBinary(message.table, row.json)
        let expected = try JSONTranscoder(pool: Contracts.pool).binaryToJSON(message.table, canonical)
        #expect(sorted(printed) == sorted(expected))
    }

    private func sorted(_ json: String) -> [Character] { json.sorted() }

    static let refused: [(path: String, text: String, error: String)] = [
        ("i32", "x", #"i32: expected a value of type int32, found "x""#),
        ("i32", "", #"i32: expected a value of type int32, found """#),
        ("i32", "\"1\"", #"i32: expected a value of type int32, found ""1"""#),
        ("i32", "1 ", #"i32: expected a value of type int32, found "1 ""#),
        ("i32", "2147483648", #"i32: expected a value of type int32, found "2147483648""#),
        ("flag", "yes", #"flag: expected a value of type bool, found "yes""#),
        ("level", "NO", #"level: expected a value of test.v1.Level, found "NO""#),
        ("level", "A\"", #"level: expected a value of test.v1.Level, found "A"""#),
        ("nope", "1", #"nope: test.v1.Everything has no field "nope""#),
        ("point.z", "1", #"point.z: test.v1.Point has no field "z""#),
        ("i32.x", "1", #"i32.x: "i32" is not a message, so it has no "x""#),
        ("points.x", "1", #"points.x: "points" is not a message, so it has no "x""#),
        ("point", "1", "point: test.v1.Point cannot be given as text; name one of its fields"),
        ("labels", "1", "labels: a map cannot be given as text"),
        ("", "1", #": test.v1.Everything has no field """#),
    ]

    @Test(arguments: refused)
    func `is refused`(path: String, text: String, problem: String) throws {
        var message = DynamicMessage(try Contracts.table("Everything"))
        let error = #expect(throws: BindError.self) { try message.set(path: path, text: text) }
        #expect(error?.description == problem)
        #expect(message.bytes.isEmpty)
    }

    @Test func `fields are got by path`() throws {
        let text = """
            {"i64": "-5", "u64": "7", "ratio": 0.5, "flag": true, "text": "a", "data": "AQI=", "level": "LEVEL_ADVANCED",
             "point": {"x": 1}, "names": ["a", "b"], "ints": [1, 2], "labels": {"k": "v"}, "spot": {"y": 2}}
            """
        let table = try Contracts.table("Everything")
        let message = DynamicMessage(table, bytes: try JSONTranscoder().jsonToBinary(table, text))
        #expect(message.value(at: "i64") == .integer(-5))
        #expect(message.value(at: "u64") == .unsigned(7))
        #expect(message.value(at: "ratio") == .double(0.5))
        #expect(message.value(at: "flag") == .bool(true))
        #expect(message.string(at: "text") == "a")
        #expect(message.value(at: "data") == .bytes([1, 2]))
        #expect(message.value(at: "level") == .enumeration(3, name: "LEVEL_ADVANCED"))
        #expect(message.value(at: "point.x") == .double(1))
        #expect(message.value(at: "point.y") == nil)
        #expect(message.list(at: "names") == [.string("a"), .string("b")])
        #expect(message.list(at: "ints") == [.integer(1), .integer(2)])
        #expect(message.value(at: "labels") == .map([DynamicValue.Entry(key: .string("k"), value: .string("v"))]))
        let content = try #require(table.field(named: "spot")?.oneofIndex)
        #expect(message.member(ofOneof: content)?.name == "spot")
        #expect(message.value(at: "none") == nil)
        #expect(message.value(at: "i64.x") == nil)
    }

    @Test func `a body merges into the field that it is for`() throws {
        let table = try Contracts.table("Everything")
        let transcoder = JSONTranscoder()
        var message = try DynamicMessage(table).setting(path: "parent.text", text: "from the path")
        let body = #"{"text": "from the body", "i32": 1}"#
        let field = try message.field(at: "parent")
        let encoded = try Array(body.utf8).withUnsafeBytes { try transcoder.jsonToBinary(field: field, $0) }
        var bound = DynamicMessage(table)
        try bound.mergeField(encoded, at: "parent")
        bound.merge(message.bytes)  // the path is the caller's last word
        message = bound
        #expect(try transcoder.binaryToJSON(table, message.bytes) == #"{"parent":{"i32":1,"text":"from the path"}}"#)
    }
}
