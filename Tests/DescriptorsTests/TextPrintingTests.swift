import ProtoWire
import Testing

@testable import Descriptors

@Suite struct TextPrintingTests {
    @Test func `fields stand on lines of their own`() throws {
        let text = """
            i32: 5
            text: "a"
            point {
              x: 1.5
            }
            ints: 1
            ints: 2
            labels {
              key: "k"
              value: "v"
            }
            parent {
              parent {
              }
            }

            """
        let table = try Contracts.table("Everything")
        let bytes = try TextFormat().textToBinary(table, text)
        #expect(try TextFormat().binaryToText(table, bytes) == text)
    }

    @Test func `maps are sorted by key and fields by number`() throws {
        let table = try Contracts.table("Everything")
        let text = """
            flags { key: true } flags { key: false } counts { key: 10 } counts { key: -1 } counts { key: 9 }
            labels { key: "é" } labels { key: "z" } labels { key: "" } labels { key: "Z" } i64: 2 i32: 1
            """
        var options = TextFormat.PrintOptions()
        options.isSingleLine = true
        let bytes = try TextFormat().textToBinary(table, text)
        #expect(
            try TextFormat().binaryToText(table, bytes, options) == """
                i32: 1 i64: 2 labels { key: "" value: "" } labels { key: "Z" value: "" } labels { key: "z" value: "" } \
                labels { key: "é" value: "" } counts { key: -1 value: 0 } counts { key: 9 value: 0 } \
                counts { key: 10 value: 0 } flags { key: false value: "" } flags { key: true value: "" }
                """)
    }

    @Test func `unknown fields are left out, or shown by number`() throws {
        let table = try Contracts.table("Point")
        // Numbers of each wire type, bytes that are a message and bytes that are none, a group, nothing at all.
        let bytes: [UInt8] =
            [0xF8, 0x06, 0x05, 0xF9, 0x06, 1, 0, 0, 0, 0, 0, 0, 0, 0xFD, 0x06, 0xFF, 0, 0, 0]
            + [0xFA, 0x06, 2, 0x08, 0x07, 0xFA, 0x06, 1, 0xFF, 0xFB, 0x06, 0x08, 0x01, 0xFC, 0x06, 0xFA, 0x06, 0]
        var options = TextFormat.PrintOptions()
        options.isSingleLine = true
        #expect(try TextFormat().binaryToText(table, bytes, options) == "")
        options.printsUnknown = true
        #expect(
            try TextFormat().binaryToText(table, bytes, options) == """
                111: 5 111: 0x0000000000000001 111: 0x000000ff 111 { 1: 7 } 111: "\\377" 111 { 1: 1 } 111: ""
                """)
    }

    @Test func `a number that a closed enum does not name is an unknown field`() throws {
        let table = try Contracts.table("Legacy")
        // color 9, colors 1 and 9, by_name {a: 9}
        let bytes: [UInt8] = [8, 1, 24, 9, 32, 1, 32, 9, 74, 5, 10, 1, 97, 16, 9]
        var options = TextFormat.PrintOptions()
        options.isSingleLine = true
        #expect(try TextFormat().binaryToText(table, bytes, options) == "id: 1 colors: RED")
    }

    @Test func `an Any is spread out only if that is true to it`() throws {
        let table = try Contracts.table("Known")
        var options = TextFormat.PrintOptions()
        options.isSingleLine = true
        func printed(_ text: String, _ pool: DescriptorPool? = Contracts.pool) throws -> String {
            let bytes = try TextFormat().textToBinary(table, text)
            return try TextFormat(pool: pool).binaryToText(table, bytes, options)
        }
        #expect(try printed("any { type_url: 'x/test.v1.Point' }") == "any { [x/test.v1.Point] { } }")
        #expect(try printed("any { type_url: 'x/test.v1.Point' }", nil) == #"any { type_url: "x/test.v1.Point" }"#)
        #expect(try printed("any { type_url: 'x/test.v1.Nope' }") == #"any { type_url: "x/test.v1.Nope" }"#)
        // A value that is no Point, and a prefix that brackets cannot hold.
        #expect(
            try printed(#"any { type_url: 'x/test.v1.Point' value: "\t" }"#)
                == #"any { type_url: "x/test.v1.Point" value: "\t" }"#)
        #expect(try printed("any { type_url: ']/test.v1.Point' }") == #"any { type_url: "]/test.v1.Point" }"#)
        options.expandsAny = false
        #expect(try printed("any { type_url: 'x/test.v1.Point' }") == #"any { type_url: "x/test.v1.Point" }"#)
    }

    @Test func `parts of a message merge and the last member of a oneof counts`() throws {
        let table = try Contracts.table("Everything")
        var options = TextFormat.PrintOptions()
        options.isSingleLine = true
        let first = try TextFormat().textToBinary(table, "parent { i32: 1 ints: 1 } video_url: 'v' i32: 1")
        let second = try TextFormat().textToBinary(table, "parent { i64: 2 ints: 2 } spot { x: 1 } i32: 2")
        #expect(
            try TextFormat().binaryToText(table, first + second, options)
                == "i32: 2 spot { x: 1 } parent { i32: 1 i64: 2 ints: 1 ints: 2 }")
    }

    @Test func `bytes that are no message are refused`() throws {
        let table = try Contracts.table("Everything")
        for bytes: [UInt8] in [[8], [0x0F], [114, 1, 0xFF], [0xA2, 1, 5, 1], [0x0C]] {
            #expect(throws: TextFormatError.self) { try TextFormat().binaryToText(table, bytes) }
        }
    }

    @Test func `a generated message speaks text through its own descriptor`() throws {
        let message = try FileDescriptorProto(text: #"name: "a.proto" message_type { name: "A" }"#)
        #expect(message.messageType.map(\.name) == ["A"])
        #expect(try message.textString() == "name: \"a.proto\"\nmessage_type {\n  name: \"A\"\n}\n")
    }
}
