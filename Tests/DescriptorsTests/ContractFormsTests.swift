import ProtoWire
import Testing

@testable import Descriptors

/// What a contract says that changes the forms of its messages: each test writes its contract down.
@Suite struct ContractFormsTests {
    private func pool(_ text: String) throws -> DescriptorPool {
        try DescriptorPool([FileDescriptorProto(text: text)])
    }

    private func table(_ name: String, _ pool: DescriptorPool) throws -> MessageTable {
        try #require(pool.message(name))
    }

    /// Reads text, and prints what it became as text, JSON and bytes.
    private func forms(_ text: String, _ table: MessageTable) throws -> (text: String, json: String, bytes: [UInt8]) {
        let message = try DynamicMessage(table, text: text)
        var options = TextFormat.PrintOptions()
        options.isSingleLine = true
        let json = try message.jsonString()
        #expect(try DynamicMessage(table, json: json).canonicalBytes() == message.canonicalBytes())
        return (try message.textString(options), json, try message.canonicalBytes())
    }

    @Test func `a message set has its extensions as items`() throws {
        let pool = try pool(
            """
            name: "set.proto" package: "p"
            message_type { name: "Set" options { message_set_wire_format: true } extension_range { start: 4 end: 1000 } }
            message_type {
              name: "A" field { name: "x" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
              extension { name: "a" extendee: ".p.Set" number: 100 type: TYPE_MESSAGE label: LABEL_OPTIONAL type_name: ".p.A" }
            }
            message_type {
              name: "Holder"
              field { name: "set" number: 1 type: TYPE_MESSAGE label: LABEL_OPTIONAL type_name: ".p.Set" }
            }
            """)
        let holder = try table("p.Holder", pool)
        let item: [UInt8] = [11, 16, 100, 26, 2, 8, 5, 12]
        let forms = try forms("set { [p.A.a] { x: 5 } }", holder)
        #expect(forms.text == "set { [p.A.a] { x: 5 } }")
        #expect(forms.json == #"{"set":{"[p.A.a]":{"x":5}}}"#)
        #expect(forms.bytes == [10, UInt8(item.count)] + item)
        // The two parts of an item come in either order; items of unknown types are kept; the plain form is read too.
        let swapped: [UInt8] = [11, 26, 2, 8, 5, 16, 100, 12]
        #expect(try DynamicMessage(table("p.Set", pool), decoding: swapped).bytes == item)
        let unknown: [UInt8] = [11, 16, 99, 26, 2, 8, 5, 12]
        #expect(try DynamicMessage(table("p.Set", pool), decoding: unknown + item).bytes == item + unknown)
        #expect(try DynamicMessage(table("p.Set", pool), decoding: [0xA2, 6, 2, 8, 5]).bytes == item)
        #expect(throws: DecodeError.self) { try DynamicMessage(table("p.Set", pool), decoding: [11, 16, 100]) }
    }

    @Test func `reserved names are passed over in text`() throws {
        let pool = try pool(
            """
            name: "r.proto" package: "p"
            message_type {
              name: "M" field { name: "x" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
              reserved_name: "gone" reserved_name: "lost"
            }
            """)
        let table = try table("p.M", pool)
        #expect(table.reservedNames == ["gone", "lost"])
        #expect(try forms("gone: 'a' lost { y: [1, { }] } x: 5 gone: 6", table).text == "x: 5")
        #expect(throws: TextFormatError.self) { try forms("other: 5", table) }
        #expect(throws: TextFormatError.self) { try forms("gone: ", table) }
        #expect(throws: JSONError.self) { try DynamicMessage(table, json: #"{"gone":1}"#) }
    }

    @Test func `delimited messages are groups, but not in maps`() throws {
        let pool = try pool(
            """
            name: "d.proto" package: "p" syntax: "editions" edition: EDITION_2023
            options { features { message_encoding: DELIMITED } }
            message_type {
              name: "M"
              field { name: "inner" number: 1 type: TYPE_MESSAGE label: LABEL_OPTIONAL type_name: ".p.M.Inner" }
              field { name: "other" number: 2 type: TYPE_MESSAGE label: LABEL_OPTIONAL type_name: ".p.M.Inner" }
              field { name: "map" number: 3 type: TYPE_MESSAGE label: LABEL_REPEATED type_name: ".p.M.MapEntry" }
              nested_type { name: "Inner" field { name: "x" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL } }
              nested_type {
                name: "MapEntry" options { map_entry: true }
                field { name: "key" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL }
                field { name: "value" number: 2 type: TYPE_MESSAGE label: LABEL_OPTIONAL type_name: ".p.M.Inner" }
              }
            }
            """)
        let table = try table("p.M", pool)
        let forms = try forms("Inner { x: 1 } other { x: 2 } map { key: 3 value { x: 4 } }", table)
        #expect(forms.text == "Inner { x: 1 } other { x: 2 } map { key: 3 value { x: 4 } }")
        #expect(forms.json == #"{"inner":{"x":1},"other":{"x":2},"map":{"3":{"x":4}}}"#)
        #expect(forms.bytes == [11, 8, 1, 12, 19, 8, 2, 20, 26, 6, 8, 3, 18, 2, 8, 4])
        #expect(try self.forms("inner { }", table).text == "Inner { }")
        #expect(throws: TextFormatError.self) { try self.forms("Other { }", table) }
    }

    @Test func `enum values have the names for JSON that the contract gives`() throws {
        // options { [pb.enumvalue.json] { string: "tiny" } }
        var file = try FileDescriptorProto(
            text: """
                name: "e.proto" package: "p" syntax: "proto3"
                enum_type { name: "E" value { name: "E_NONE" number: 0 } value { name: "E_SMALL" number: 1 } }
                message_type {
                  name: "M"
                  field { name: "e" number: 1 type: TYPE_ENUM label: LABEL_OPTIONAL type_name: ".p.E" }
                }
                """)
        file.enumType[0].value[1].options = try EnumValueOptions(
            decoding: [0xB2, 0x3E, 6, 10, 4] + Array("tiny".utf8))
        let pool = try DescriptorPool([file])
        let table = try table("p.M", pool)
        let forms = try forms("e: E_SMALL", table)
        #expect(forms.json == #"{"e":"tiny"}"#)
        #expect(forms.text == "e: E_SMALL")
        #expect(try DynamicMessage(table, json: #"{"e":"E_SMALL"}"#).bytes == [8, 1])
        #expect(throws: TextFormatError.self) { try DynamicMessage(table, text: "e: tiny") }
    }

    @Test func `a JSON name may need escapes`() throws {
        let pool = try pool(
            #"""
            name: "q.proto" package: "p" syntax: "proto3"
            message_type {
              name: "M" field { name: "a" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL json_name: "\"q\\\n" }
            }
            """#)
        let forms = try forms("a: 1", table("p.M", pool))
        #expect(forms.json == #"{"\"q\\\n":1}"#)
    }

    @Test func `a JSON name of another field is no name in text`() throws {
        let pool = try pool(
            """
            name: "n.proto" package: "p" syntax: "proto3"
            message_type {
              name: "M"
              field { name: "a" number: 1 type: TYPE_INT32 label: LABEL_OPTIONAL json_name: "b" }
              field { name: "b" number: 2 type: TYPE_INT32 label: LABEL_OPTIONAL json_name: "c" }
            }
            """)
        let table = try table("p.M", pool)
        let forms = try forms("a: 1 b: 2", table)
        #expect(forms.json == #"{"b":1,"c":2}"#)
        #expect(forms.text == "a: 1 b: 2")
        #expect(throws: TextFormatError.self) { try DynamicMessage(table, text: "c: 1") }
    }

    @Test func `registered files are known to every generated type`() throws {
        let url = "type.googleapis.com/google.protobuf.compiler.Version"
        // No file that descriptor.proto imports knows plugin.proto.
        let set = try FileDescriptorSet(text: "file { }")
        #expect(try set.jsonString() == #"{"file":[{}]}"#)
        GeneratedTypes.register([GeneratedFile.pluginProto])
        let (pool, table) = GeneratedTypes.table(of: FileDescriptorSet.descriptor)
        #expect(pool.message("google.protobuf.compiler.Version") != nil)
        #expect(table == FileDescriptorSet.table)
        #expect(AnyType.find(Array(url.utf8), in: pool) != nil)
        #expect(try set.jsonString() == #"{"file":[{}]}"#)
    }
}

extension AnyType {
    fileprivate static func find(_ url: [UInt8], in pool: DescriptorPool) -> MessageTable? {
        url.withUnsafeBytes { find($0, in: pool) }
    }
}
