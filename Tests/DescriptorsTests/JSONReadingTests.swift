import Testing

@testable import Descriptors

/// What JSON may look like: each row is a text and the canonical form of what it says.
@Suite struct JSONReadingTests {
    struct Accepted: Sendable, CustomTestStringConvertible {
        let rule: String
        let type: String
        let text: String
        let canonical: String
        var testDescription: String { rule }

        init(in type: String = "Everything", _ rule: String, _ text: String, _ canonical: String) {
            self.rule = rule
            self.type = type
            self.text = text
            self.canonical = canonical
        }
    }

    static let accepted = [
        Accepted("an empty object", " {\n} ", "{}"),
        Accepted("original names", #"{"text_content": "a"}"#, #"{"textContent":"a"}"#),
        Accepted(in: "Known", "a name that the contract gives", #"{"@other name": "a"}"#, #"{"@other name":"a"}"#),
        Accepted("zeros are left out", #"{"i32": 0, "text": "", "flag": false, "level": 0}"#, "{}"),
        Accepted("zeros with presence stay", #"{"minutes": 0, "note": ""}"#, #"{"minutes":0,"note":""}"#),
        Accepted("minus zero is not the default", #"{"exact": -0.0}"#, #"{"exact":-0.0}"#),
        Accepted("null is absence", #"{"i32": null, "points": null, "labels": null, "point": null}"#, "{}"),
        Accepted("a oneof may have nulls", #"{"textContent": null, "videoUrl": "v"}"#, #"{"videoUrl":"v"}"#),
        Accepted(
            "integers in quotes", #"{"i32": "-5", "u64": "18446744073709551615"}"#,
            #"{"i32":-5,"u64":"18446744073709551615"}"#),
        Accepted(
            "whole numbers in any form", #"{"i32": 1e5, "i64": 10.0, "u32": "1E2", "s32": 1200e-2}"#,
            #"{"i32":100000,"i64":"10","u32":100,"s32":12}"#),
        Accepted("more digits than a word holds", #"{"i32": 1.00000000000000000000000}"#, #"{"i32":1}"#),
        Accepted(
            "the least and the greatest", #"{"i32": -2147483648, "i64": "-9223372036854775808"}"#,
            #"{"i32":-2147483648,"i64":"-9223372036854775808"}"#),
        Accepted(
            "special floats", #"{"ratio": "NaN", "doubles": ["Infinity", "-Infinity", "1.5", 5e-324]}"#,
            #"{"ratio":"NaN","doubles":["Infinity","-Infinity",1.5,5e-324]}"#),
        Accepted("too small is zero", #"{"exact": 1e-400}"#, "{}"),
        Accepted(
            "base64 in every dialect", #"{"blobs": ["-_8=", "+/8", "AQ==", "AQ", ""]}"#,
            #"{"blobs":["+/8=","+/8=","AQ==","AQ==",""]}"#),
        Accepted(
            "enums by name, alias and number", #"{"levels": ["LEVEL_NOVICE", 3, 99, -7]}"#,
            #"{"levels":["LEVEL_BEGINNER","LEVEL_ADVANCED",99,"LEVEL_NEGATIVE"]}"#),
        Accepted(
            "escapes", #"{"text": "\"\\\/\b\f\n\r\té漢\ud83d\ude00\u0000"}"#,
            #"{"text":"\"\\/\b\f\n\r\té漢😀\u0000"}"#),
        Accepted(
            "keys of maps", #"{"counts": {"-1": 2}, "flags": {"true": "AQ=="}, "places": {"7": {}}}"#,
            #"{"counts":{"-1":"2"},"flags":{"true":"AQ=="},"places":{"7":{}}}"#),
        Accepted("an escaped key", #"{"te\u0078t": "a"}"#, #"{"text":"a"}"#),
        Accepted(
            in: "Known", "timestamps with offsets", #"{"time": "1972-01-01T10:00:20.021-05:00"}"#,
            #"{"time":"1972-01-01T15:00:20.021Z"}"#),
        Accepted(
            in: "Known", "the first and the last moment",
            #"{"times": ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2000-02-29T00:00:00.1Z"]}"#,
            #"{"times":["0001-01-01T00:00:00Z","9999-12-31T23:59:59.999999999Z","2000-02-29T00:00:00.100Z"]}"#),
        Accepted(
            in: "Known", "durations", #"{"span": "-0.5s", "spans": {"a": "315576000000s", "b": "1.000001s"}}"#,
            #"{"span":"-0.500s","spans":{"a":"315576000000s","b":"1.000001s"}}"#),
        Accepted(in: "Known", "field masks", #"{"mask": "a,fooBar.bazQux"}"#, #"{"mask":"a,fooBar.bazQux"}"#),
        Accepted(
            in: "Known", "any JSON", #"{"structure": {"a": [1, null, {"b": "c"}]}, "value": null}"#,
            #"{"structure":{"a":[1,null,{"b":"c"}]},"value":null}"#),
        Accepted(
            in: "Known", "wrappers", #"{"int64Value": "5", "boolValue": false, "bytesValue": ""}"#,
            #"{"int64Value":"5","boolValue":false,"bytesValue":""}"#),
        Accepted(in: "Known", "null in a oneof of NullValue", #"{"none": null}"#, #"{"none":null}"#),
        Accepted(
            in: "Known", "an Any with its type last",
            #"{"any": {"x": 1, "@type": "type.googleapis.com/test.v1.Point"}}"#,
            #"{"any":{"@type":"type.googleapis.com/test.v1.Point","x":1}}"#),
        Accepted(
            in: "Known", "an Any of a type with its own form",
            #"{"any": {"value": "1s", "@type": "x.org/google.protobuf.Duration"}}"#,
            #"{"any":{"@type":"x.org/google.protobuf.Duration","value":"1s"}}"#),
        Accepted(in: "Known", "an empty Any", #"{"any": {}}"#, #"{"any":{}}"#),
        Accepted(
            in: "Legacy", "extensions", #"{"id": 1, "[test.v1.extra]": 7, "[test.v1.extras]": ["a"]}"#,
            #"{"id":1,"[test.v1.extra]":7,"[test.v1.extras]":["a"]}"#),
        Accepted(
            in: "Legacy", "groups", #"{"id": 1, "details": {"text": "a"}, "row": [{"cell": "1"}, {}]}"#,
            #"{"id":1,"details":{"text":"a"},"row":[{"cell":"1"},{}]}"#),
    ]

    @Test(arguments: accepted)
    func `is accepted`(_ row: Accepted) throws {
        let transcoder = JSONTranscoder(pool: Contracts.pool)
        let table = try Contracts.table(row.type)
        let bytes = try transcoder.jsonToBinary(table, row.text)
        #expect(try transcoder.binaryToJSON(table, bytes) == row.canonical)
    }

    struct Refused: Sendable, CustomTestStringConvertible {
        let rule: String
        let type: String
        let text: String
        let error: String
        var testDescription: String { rule }

        init(in type: String = "Everything", _ rule: String, _ text: String, _ error: String) {
            self.rule = rule
            self.type = type
            self.text = text
            self.error = error
        }
    }

    static let refused = [
        Refused("nothing", "", "expected an object, found the end of the text (line 1, column 1)"),
        Refused("a list", "[]", "expected an object, found a list (line 1, column 1)"),
        Refused("two values", "{} {}", "expected the end of the text, found an object (line 1, column 4)"),
        Refused("a trailing comma", #"{"i32": 1,}"#, "expected a key, found } (line 1, column 11)"),
        Refused("a comment", #"{/* */"i32": 1}"#, "expected a key, found /* (line 1, column 2)"),
        Refused("single quotes", "{'i32': 1}", "expected a key, found 'i32' (line 1, column 2)"),
        Refused(
            "a missing comma", #"{"i32": 1 "i64": 2}"#,
            #"i32: expected "," or "}", found the string "i64" (line 1, column 11)"#),
        Refused(
            "an unknown field, deep inside", "{\n  \"points\": [{}, {\n    \"z\": 1}]}",
            #"points[1]: test.v1.Point has no field "z" (line 3, column 5)"#),
        Refused(
            "a wrong type, with its path", #"{"children": [{}, {"family": {"a b": {"i32": "x"}}}]}"#,
            #"children[1].family["a b"].i32: expected an int32, found the string "x" (line 1, column 46)"#),
        Refused(
            "a field twice", #"{"i32": 1, "i32": 2}"#,
            #"the field "i32" is given twice (line 1, column 12)"#),
        Refused(
            "a field in both spellings", #"{"textContent": "a", "text_content": "b"}"#,
            #"the field "textContent" is given twice (line 1, column 22)"#),
        Refused(
            "two members of a oneof", #"{"textContent": "a", "videoUrl": "b"}"#,
            #"the oneof "content" is given twice, here as "videoUrl" (line 1, column 22)"#),
        Refused(
            "a key of a map twice", #"{"labels": {"a": "1", "\u0061": "2"}}"#,
            "labels: the key is given twice (line 1, column 23)"),
        Refused(
            in: "Known", "a key of a Struct twice", #"{"structure": {"a": 1, "a": 2}}"#,
            "structure: the key is given twice (line 1, column 24)"),
        Refused(
            "null in a list", #"{"ints": [1, null]}"#,
            "ints[1]: a list has no null among its values (line 1, column 14)"),
        Refused(
            "null in a map", #"{"labels": {"a": null}}"#,
            "labels.a: a map has no null among its values (line 1, column 18)"),
        Refused("a leading zero", #"{"i32": 01}"#, "i32: expected an int32, found 01 (line 1, column 9)"),
        Refused("a plus sign", #"{"i32": +1}"#, "i32: expected an int32, found +1 (line 1, column 9)"),
        Refused("a fraction", #"{"i32": 1.5}"#, "i32: expected an int32, found 1.5 (line 1, column 9)"),
        Refused("too great", #"{"i32": 2147483648}"#, "i32: expected an int32, found 2147483648 (line 1, column 9)"),
        Refused(
            "too great for 64 bits", #"{"i64": "9223372036854775808"}"#,
            "i64: expected an int64, found 9223372036854775808 (line 1, column 9)"),
        Refused(
            "too small for 64 bits", #"{"s64": -9223372036854775809}"#,
            "s64: expected a sint64, found -9223372036854775809 (line 1, column 9)"),
        Refused(
            "more than 64 bits", #"{"u64": 18446744073709551616}"#,
            "u64: expected a uint64, found 18446744073709551616 (line 1, column 9)"),
        Refused("negative", #"{"u32": -1}"#, "u32: expected a uint32, found -1 (line 1, column 9)"),
        Refused(
            "spaces in quotes", #"{"i32": " 1"}"#, #"i32: expected an int32, found the string " 1" (line 1, column 9)"#),
        Refused("an empty string", #"{"i32": ""}"#, #"i32: expected an int32, found the string "" (line 1, column 9)"#),
        Refused("a bare NaN", #"{"exact": NaN}"#, "exact: expected a double, found NaN (line 1, column 11)"),
        Refused(
            "an infinite number", #"{"exact": 1e400}"#, "exact: expected a double, found 1e400 (line 1, column 11)"),
        Refused(
            "too great a float", #"{"ratio": 3.5e38}"#, "ratio: expected a float, found 3.5e38 (line 1, column 11)"),
        Refused(
            "a string for a bool", #"{"flag": "true"}"#,
            #"flag: expected true or false, found the string "true" (line 1, column 10)"#),
        Refused(
            "a longer word", #"{"flag": truely}"#, "flag: expected true or false, found truely (line 1, column 10)"),
        Refused("a number for a string", #"{"text": 1}"#, "text: expected a string, found 1 (line 1, column 10)"),
        Refused("no base64", #"{"data": "a*"}"#, #"data: expected base64, found the string "a*" (line 1, column 10)"#),
        Refused(
            "an enum's unknown name", #"{"level": "LEVEL_X"}"#,
            #"level: test.v1.Level has no value "LEVEL_X" (line 1, column 11)"#),
        Refused(
            in: "Legacy", "a closed enum's unknown number", #"{"color": 3}"#,
            "color: test.v1.Color has no value 3 (line 1, column 11)"),
        Refused("a lone surrogate", #"{"text": "\ud83d"}"#, "text: a surrogate has no partner (line 1, column 11)"),
        Refused(
            "surrogates in the wrong order", #"{"text": "\ude00\ud83d"}"#,
            "text: a surrogate has no partner (line 1, column 11)"),
        Refused(
            "a raw control character", "{\"text\": \"a\u{1}\"}",
            "text: a string has no unescaped control characters (line 1, column 12)"),
        Refused("no such escape", #"{"text": "\x"}"#, "text: \\x is no escape (line 1, column 11)"),
        Refused("an open string", #"{"text": "abc"#, "text: the string does not end (line 1, column 10)"),
        Refused(
            in: "Known", "a lower-case timestamp", #"{"time": "1970-01-01t00:00:00z"}"#,
            #"time: expected a timestamp such as "2025-01-31T12:00:00Z", found the string "1970-01-01t00:00:00z" (line 1, column 10)"#
        ),
        Refused(
            in: "Known", "a leap second", #"{"time": "2016-12-31T23:59:60Z"}"#,
            #"time: expected a timestamp such as "2025-01-31T12:00:00Z", found the string "2016-12-31T23:59:60Z" (line 1, column 10)"#
        ),
        Refused(
            in: "Known", "a day that is not", #"{"time": "2100-02-29T00:00:00Z"}"#,
            #"time: expected a timestamp such as "2025-01-31T12:00:00Z", found the string "2100-02-29T00:00:00Z" (line 1, column 10)"#
        ),
        Refused(
            in: "Known", "a duration without s", #"{"span": "1"}"#,
            #"span: expected a duration such as "1.5s", found the string "1" (line 1, column 10)"#),
        Refused(
            in: "Known", "too long a duration", #"{"span": "315576000001s"}"#,
            #"span: expected a duration such as "1.5s", found the string "315576000001s" (line 1, column 10)"#),
        Refused(
            in: "Known", "snake case in a mask", #"{"mask": "foo_bar"}"#,
            #"mask: expected a field mask such as "title,createTime", found the string "foo_bar" (line 1, column 10)"#),
        Refused(
            in: "Known", "an Any without a type", #"{"any": {"x": 1}}"#,
            #"any: an Any needs "@type" (line 1, column 9)"#),
        Refused(
            in: "Known", "an Any of an unknown type", #"{"any": {"@type": "x.org/no.Such"}}"#,
            #"any["@type"]: the type "x.org/no.Such" is not known (line 1, column 19)"#),
    ]

    @Test(arguments: refused)
    func `is refused`(_ row: Refused) throws {
        let transcoder = JSONTranscoder(pool: Contracts.pool)
        let table = try Contracts.table(row.type)
        let error = #expect(throws: JSONError.self) { try transcoder.jsonToBinary(table, row.text) }
        #expect(error?.description == row.error)
    }

    @Test func `text that is not UTF-8 is refused`() throws {
        let text = Array(#"{"text": ""#.utf8) + [0xC0, 0x80] + Array("\"}".utf8)
        let table = try Contracts.table("Everything")
        let error = text.withUnsafeBytes { buffer in
            #expect(throws: JSONError.self) { try JSONTranscoder().jsonToBinary(table, buffer) }
        }
        #expect(error?.description == "text: the string is not UTF-8 (line 1, column 10)")
    }

    @Test func `unknown names are passed over if that is asked`() throws {
        var options = JSONTranscoder.ParseOptions()
        options.ignoresUnknown = true
        let text = """
            {"new": {"a": [1, "x", null, true]}, "i32": 1, "level": "NEW", "levels": ["NEW", 3], "ranks": {"a": "NEW"}}
            """
        let table = try Contracts.table("Everything")
        let bytes = try JSONTranscoder().jsonToBinary(table, text, options)
        #expect(try JSONTranscoder().binaryToJSON(table, bytes) == #"{"i32":1,"levels":["LEVEL_ADVANCED"]}"#)
    }

    @Test func `nesting has a limit`() throws {
        let table = try Contracts.table("Everything")
        func nested(_ levels: Int) -> String {
            String(repeating: #"{"parent":"#, count: levels) + "{}" + String(repeating: "}", count: levels)
        }
        let bytes = try JSONTranscoder().jsonToBinary(table, nested(100))
        #expect(try JSONTranscoder().binaryToJSON(table, bytes) == nested(100))
        #expect(throws: JSONError.self) { try JSONTranscoder().jsonToBinary(table, nested(101)) }
        let lists = String(repeating: "[", count: 5000)
        #expect(throws: JSONError.self) {
            try JSONTranscoder().jsonToBinary(Contracts.table("Known"), #"{"value": "# + lists)
        }
        var options = JSONTranscoder.ParseOptions()
        options.ignoresUnknown = true
        #expect(throws: JSONError.self) { try JSONTranscoder().jsonToBinary(table, #"{"new": "# + lists, options) }
    }
}
