import Bytes
import ProtoWire
import Testing

@testable import Descriptors

/// What the printer does with bytes that encoders do not write but decoders must take.
@Suite struct JSONPrintingTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let rule: String
        let type: String
        let hex: String
        let json: String
        var testDescription: String { rule }

        init(in type: String = "Everything", _ rule: String, _ hex: String, _ json: String) {
            self.rule = rule
            self.type = type
            self.hex = hex
            self.json = json
        }
    }

    static let rows = [
        Row("nothing", "", "{}"),
        Row("of a scalar the last counts", "0801 1002 0803", #"{"i32":3,"i64":"2"}"#),
        Row("and a zero may be the last", "0801 1002 0800", #"{"i64":"2"}"#),
        Row("a list that goes on later", "d20101 61 0801 d20101 62", #"{"i32":1,"names":["a","b"]}"#),
        Row("packed and not", "b001 01 b201 02 02 03 b001 04", #"{"ints":[1,2,3,4]}"#),
        Row("an empty packed list", "b201 00", "{}"),
        Row(
            "sub-messages merge", "a201 09 09 000000000000f03f 0801 a201 09 11 0000000000000040",
            #"{"i32":1,"point":{"x":1,"y":2}}"#),
        Row("of a oneof the last member counts", "8a02 01 61 9202 01 62", #"{"videoUrl":"b"}"#),
        Row(
            "a member of a oneof that comes back is new",
            "9a02 09 09 000000000000f03f 9202 01 62 9a02 09 11 0000000000000040", #"{"spot":{"y":2}}"#),
        Row(
            "a key twice", "e201 06 0a0161 120131 e201 06 0a0162 120132 e201 06 0a0161 120133",
            #"{"labels":{"b":"2","a":"3"}}"#),
        Row("a value before its key", "e201 06 120131 0a0161", #"{"labels":{"a":"1"}}"#),
        Row("an entry without key and value", "e201 00 fa01 00", #"{"labels":{"":""},"places":{"0":{}}}"#),
        Row(
            "an entry whose value comes in parts",
            "fa01 18 0801 1209 09 000000000000f03f 1209 11 0000000000000040", #"{"places":{"1":{"x":1,"y":2}}}"#),
        Row("unknown fields are no part of JSON", "0801 f8ff01 05 fdff01 00000000", #"{"i32":1}"#),
        Row("a wrong wire type is an unknown field", "0d 00000000 1002", #"{"i64":"2"}"#),
        Row("an unknown group", "0801 9b06 0801 9c06", #"{"i32":1}"#),
        Row(
            in: "Legacy", "a closed enum's unknown number is an unknown field", "0801 1863 2001 2063 2005",
            #"{"id":1,"colors":["RED","BLUE"]}"#),
        Row(in: "Legacy", "a list of nothing but those", "0801 2063", #"{"id":1}"#),
        Row(
            in: "Legacy", "a group in two parts", "0801 3b 0a0161 3c 3b 1202 0807 3c",
            #"{"id":1,"details":{"text":"a","inner":{"id":7}}}"#),
        Row(in: "Known", "a Value without a kind", "2a00", #"{"value":null}"#),
        Row(in: "Known", "of a Value the last kind counts", "2a04 2001 0800", #"{"value":null}"#),
        Row(
            in: "Known", "a Struct's key twice", "2212 0a07 0a0161 12022001 0a07 0a0161 12020800",
            #"{"structure":{"a":null}}"#),
        Row(
            in: "Known", "a Timestamp that merges", "0a02 0801 b201 00 0a02 1001",
            #"{"time":"1970-01-01T00:00:01.000000001Z","numbers":[0]}"#),
    ]

    @Test(arguments: rows)
    func `is printed`(_ row: Row) throws {
        let table = try Contracts.table(row.type)
        #expect(try JSONTranscoder(pool: Contracts.pool).binaryToJSON(table, bytes(row.hex)) == row.json)
    }

    static let refused = [
        Row("a truncated value", "08", "i32: the bytes end inside a value, at byte 1"),
        Row("an inner truncated value", "aa01 02 0900", "points.x: the bytes end inside a value, at byte 1"),
        Row("a field numbered 0", "0001", "a tag is not valid, at byte 1"),
        Row("a string that is not UTF-8", "7202 c080", "text: the string is not UTF-8"),
        Row(
            in: "Known", "a Timestamp after 9999", "0a07 08 80d8bcf5f075",
            "time: the timestamp 4050400521216 s 0 ns is not in the years 1 to 9999"),
        Row(
            in: "Known", "a Timestamp with too many nanos", "0a06 10 8094ebdc03",
            "time: the timestamp 0 s 1000000000 ns is not in the years 1 to 9999"),
        Row(
            in: "Known", "a Duration of two signs", "120d 0801 10ffffffffffffffffff01",
            "span: the duration 1 s -1 ns is out of range or of two signs"),
        Row(
            in: "Known", "a path that is not snake case", "1a08 0a06 666f6f426172",
            #"mask: the path "fooBar" does not survive the way to camel case and back"#),
        Row(
            in: "Known", "NaN in a Value", "2a09 11 000000000000f87f",
            "value: a google.protobuf.Value has no NaN and no infinity"),
        Row(
            in: "Known", "an Any of an unknown type", "3a06 0a04 782f6e6f",
            #"any: the type "x/no" of an Any is not known"#),
    ]

    @Test(arguments: refused)
    func `is refused`(_ row: Row) throws {
        let table = try Contracts.table(row.type)
        let error = #expect(throws: JSONError.self) {
            try JSONTranscoder(pool: Contracts.pool).binaryToJSON(table, bytes(row.hex))
        }
        #expect(error?.description == row.json)
    }

    @Test func `defaults are of scalars, lists and maps, not of messages and oneofs`() throws {
        var options = JSONTranscoder.PrintOptions()
        options.emitsDefaults = true
        let point = try JSONTranscoder().binaryToJSON(Contracts.table("Point"), [], options)
        #expect(point == #"{"x":0,"y":0}"#)
        let everything = try JSONTranscoder().binaryToJSON(Contracts.table("Everything"), [], options)
        #expect(everything.hasPrefix(#"{"i32":0,"i64":"0","u32":0,"u64":"0""#))
        #expect(everything.contains(#""level":"LEVEL_UNSPECIFIED","points":[],"#))
        #expect(everything.contains(#""flags":{},"children":[]"#))
        #expect(!everything.contains("minutes") && !everything.contains("point\":") && !everything.contains("spot"))
    }

    @Test func `a generated message speaks JSON through its own descriptor`() throws {
        var field = FieldDescriptorProto()
        field.name = "id"
        field.number = 1
        field.type = .string
        #expect(try field.jsonString() == #"{"name":"id","number":1,"type":"TYPE_STRING"}"#)
        #expect(try FieldDescriptorProto(json: field.jsonString()) == field)
    }

    @Test func `what a writer hands out is no longer its own, and it goes on in other memory`() throws {
        let table = try Contracts.table("Everything")
        let binary = try JSONTranscoder().jsonToBinary(table, #"{"names": ["a", "b"]}"#)
        var writer = JSONWriter(headroom: 5)
        func print() throws {
            try binary.withUnsafeBytes { try JSONTranscoder().binaryToJSON(table, $0, into: &writer) }
        }
        try print()
        let first = writer.takeChunk()
        try print()
        let second = writer.takeChunk()
        #expect(first.array == Array(#"{"names":["a","b"]}"#.utf8) && second == first)
        #expect(first.headroom == 5 && writer.count == 0)
    }

    @Test func `a lone field is printed and read without its message`() throws {
        let table = try Contracts.table("Everything")
        let binary = try JSONTranscoder().jsonToBinary(table, #"{"names": ["a", "b"], "point": {"x": 1}}"#)
        func lone(_ name: String) throws -> String {
            var writer = JSONWriter()
            let field = try #require(table.field(named: name))
            try binary.withUnsafeBytes { buffer in
                try JSONTranscoder().binaryToJSON(field: field, of: table, buffer, into: &writer)
            }
            return writer.string
        }
        #expect(try lone("names") == #"["a","b"]"#)
        #expect(try lone("point") == #"{"x":1}"#)
        #expect(try lone("i64") == #""0""#)
        #expect(try lone("labels") == "{}")
        #expect(try lone("parent") == "null")
    }
}

/// Bytes from pairs of hexadecimal digits; spaces are for the reader.
func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.filter { $0 != " " }.map { UInt8($0.hexDigitValue ?? 0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
