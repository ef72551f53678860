import ProtoWire
import Testing

@testable import Descriptors

/// JSON where it is large, deep, or in an order that makes its reader or its writer start again.
@Suite struct JSONLimitsTests {
    private let transcoder = JSONTranscoder(pool: Contracts.pool)

    @Test func `a Struct may be as deep as any JSON`() throws {
        let table = try Contracts.table("Known")
        func objects(_ levels: Int) -> String {
            #"{"structure":"# + String(repeating: #"{"a":"#, count: levels) + "1"
                + String(repeating: "}", count: levels) + "}"
        }
        func lists(_ levels: Int) -> String {
            #"{"value":"# + String(repeating: "[", count: levels) + String(repeating: "]", count: levels) + "}"
        }
        for text in [objects(33), objects(100), lists(100)] {
            #expect(try transcoder.binaryToJSON(table, transcoder.jsonToBinary(table, text)) == text)
        }
        for text in [objects(101), lists(101), objects(100_000), lists(100_000)] {
            #expect(throws: JSONError.self) { try transcoder.jsonToBinary(table, text) }
        }
    }

    /// Each level comes apart: its child, another field, and its child again. Writing every level twice would take 2¹⁰⁰
    /// steps.
    @Test func `messages in a bad order at every depth take no longer than others`() throws {
        let table = try Contracts.table("Everything")
        var bytes: [UInt8] = []
        for level in 1...90 {
            var writer = JSONWriter()
            writer.varint(37 << 3 | 2)
            writer.varint(UInt64(bytes.count))
            bytes.withUnsafeBytes { writer.append($0) }
            writer.varint(1 << 3)
            writer.varint(UInt64(level))
            writer.varint(37 << 3 | 2)
            writer.varint(0)
            bytes = writer.array
        }
        let json = try transcoder.binaryToJSON(table, bytes)
        #expect(json.hasPrefix(#"{"i32":90,"parent":{"i32":89,"#))
        #expect(try transcoder.binaryToJSON(table, transcoder.jsonToBinary(table, json)) == json)
    }

    /// The same with a key that comes twice in every object of a Struct.
    @Test func `maps with equal keys at every depth take no longer than others`() throws {
        let table = try Contracts.table("Known")
        var object: [UInt8] = []
        func field(_ number: UInt64, _ payload: [UInt8]) -> [UInt8] {
            var writer = JSONWriter()
            writer.varint(number << 3 | 2)
            writer.varint(UInt64(payload.count))
            payload.withUnsafeBytes { writer.append($0) }
            return writer.array
        }
        for _ in 1...80 {
            let inner = field(1, field(1, [97]) + field(2, field(5, object)))
            let twice = field(1, field(1, [98]) + field(2, [8, 0]))
            object = inner + twice + twice
        }
        let json = try transcoder.binaryToJSON(table, field(4, object))
        #expect(json.hasPrefix(#"{"structure":{"a":{"a":{"#))
        #expect(json.hasSuffix(#""b":null},"b":null}}"#))
    }

    @Test func `maps of many keys keep their order, and the last of equal keys`() throws {
        let table = try Contracts.table("Everything")
        let members = (0..<200).map { #""k\#($0)":"v""# }
        let text = #"{"labels":{"# + members.joined(separator: ",") + #"},"names":["x"]}"#
        let bytes = try transcoder.jsonToBinary(table, text)
        #expect(try transcoder.binaryToJSON(table, bytes) == text)
        // k150 again, with another value: only the later one is written.
        let again = try transcoder.jsonToBinary(table, #"{"labels":{"k150":"w"}}"#)
        let merged = try transcoder.binaryToJSON(table, bytes + again)
        #expect(merged.contains(#""k149":"v","k151":"v""#))
        #expect(merged.contains(#""k199":"v","k150":"w"}"#))
        #expect(throws: JSONError.self) {
            try transcoder.jsonToBinary(table, text.replacing(#""k199""#, with: #""k3""#))
        }
    }

    @Test func `many maps with many keys inside each other`() throws {
        let table = try Contracts.table("Known")
        let inner = "{" + (0..<40).map { #""i\#($0)":\#($0)"# }.joined(separator: ",") + "}"
        let outer = "{" + (0..<40).map { #""o\#($0)":\#(inner)"# }.joined(separator: ",") + "}"
        let text = #"{"structure":\#(outer)}"#
        #expect(try transcoder.binaryToJSON(table, transcoder.jsonToBinary(table, text)) == text)
    }

    @Test func `indentation puts each member on its line`() throws {
        let table = try Contracts.table("Known")
        let text = #"{"structure":{"a":[1,{},[],"x: {, \"y\\"],"b":null},"empty":{}}"#
        var options = JSONTranscoder.PrintOptions()
        options.indentation = 2
        let bytes = try transcoder.jsonToBinary(table, text)
        let lines = try transcoder.binaryToJSON(table, bytes, options)
        #expect(
            lines == #"""
                {
                  "structure": {
                    "a": [
                      1,
                      {},
                      [],
                      "x: {, \"y\\"
                    ],
                    "b": null
                  },
                  "empty": {}
                }
                """#)
        #expect(try transcoder.binaryToJSON(table, transcoder.jsonToBinary(table, lines)) == text)
    }

    @Test func `missing required fields are errors unless partial messages are allowed`() throws {
        let table = try Contracts.table("Legacy")
        let error = #expect(throws: JSONError.self) {
            try transcoder.jsonToBinary(table, #"{"id":1,"details":{"inner":{}}}"#)
        }
        #expect(error?.description == "details.inner.id: the field is required and is not there")
        var options = JSONTranscoder.ParseOptions()
        options.allowsPartial = true
        #expect(try transcoder.jsonToBinary(table, "{}", options) == [])
    }
}
