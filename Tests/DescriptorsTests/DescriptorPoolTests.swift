import ProtoWire
import Testing

@testable import Descriptors

@Suite struct DescriptorPoolTests {
    @Test func `everything is found by its full name`() throws {
        let pool = Contracts.pool
        let table = try #require(pool.message("test.v1.Everything"))
        #expect(table.fullName == "test.v1.Everything")
        #expect(table.field(number: 2049)?.name == "far_numbers")
        #expect(table.field(number: 2048) == nil)
        #expect(table.field(number: 1)?.name == "i32")
        #expect(table.field(number: 63) == nil)
        #expect(table.field(named: "videoUrl") == table.field(named: "video_url"))
        #expect(pool.enumeration("test.v1.Level")?.name(of: 1) == "LEVEL_BEGINNER")
        #expect(pool.enumeration("test.v1.Level")?.number(named: "LEVEL_NEGATIVE") == -7)
        #expect(pool.enumeration("test.v1.Color")?.defaultNumber == 1)
        #expect(pool.file(containing: "test.v1.Legacy.Details")?.name == "legacy.proto")
        #expect(pool.file(containing: "test.v1.LEVEL_ADVANCED")?.name == "everything.proto")
        #expect(pool.extension("test.v1.extra")?.number == 100)
        #expect(pool.extensions(of: "test.v1.Legacy").map(\.number) == [100, 101, 102])
        #expect(pool.message("test.v1.Nope") == nil)
    }

    @Test func `presence and packing follow the file's syntax`() throws {
        let modern = try Contracts.table("Everything")
        let legacy = try Contracts.table("Legacy")
        func field(_ table: MessageTable, _ name: String) throws -> FieldTable {
            try #require(table.field(named: name))
        }
        #expect(try !field(modern, "i32").hasPresence)
        #expect(try field(modern, "minutes").hasPresence)
        #expect(try field(modern, "ints").isPacked)
        #expect(try !field(modern, "loose").isPacked)
        #expect(try !field(modern, "names").isPacked)
        #expect(try field(legacy, "name").hasPresence)
        #expect(try !field(legacy, "colors").isPacked)
        #expect(try field(legacy, "packed_colors").isPacked)
        #expect(try field(legacy, "details").kind == .group)
        #expect(try field(legacy, "id").isRequired)
    }

    @Test func `files come in any order and twice`() throws {
        let files = Contracts.pool.files
        let pool = try DescriptorPool(files.reversed() + files)
        #expect(Set(pool.files.compactMap(\.name)) == Set(files.compactMap(\.name)))
        #expect(pool.files.last?.name != "google/protobuf/any.proto")
    }

    @Test func `a missing type and a name twice are errors`() throws {
        let files = Contracts.pool.files.filter { $0.name != "google/protobuf/duration.proto" }
        let missing = #expect(throws: LinkError.self) { try DescriptorPool(files) }
        #expect(
            missing?.description
                == "test.v1.Known.span: its type .google.protobuf.Duration is not among the files")
        var copy = try #require(Contracts.pool.file(named: "everything.proto"))
        copy.name = "copy.proto"
        let files2 = Contracts.pool.files + [copy]
        let twice = #expect(throws: LinkError.self) { try DescriptorPool(files2) }
        #expect(twice?.description == "test.v1.Point: is declared in everything.proto and in copy.proto")
    }

    @Test func `custom options are dynamic values`() throws {
        var rules = DescriptorProto()
        rules.name = "Rules"
        rules.field = [field("timeout", 1, .string), field("roles", 2, .string)]
        rules.field[1].label = .repeated
        var options = FileDescriptorProto()
        options.name = "options.proto"
        options.package = "test.options"
        options.syntax = "proto3"
        options.dependency = ["google/protobuf/descriptor.proto"]
        options.messageType = [rules]
        var rule = field("rules", 50_001, .message)
        rule.typeName = ".test.options.Rules"
        rule.extendee = ".google.protobuf.MethodOptions"
        var flag = field("secret", 50_002, .bool)
        flag.extendee = ".google.protobuf.MethodOptions"
        options.extension = [rule, flag]
        let pool = try DescriptorPool([options])

        var method = MethodDescriptorProto()
        #expect(pool.option("test.options.rules", of: method) == nil)
        method.options = MethodOptions()
        method.options?.idempotencyLevel = .idempotent
        // Two parts of one option, as two `option` statements make them: they merge.
        method.options?.unknownFields = UnknownFields(
            bytes: bytes("8ab518 04 0a023173 8ab518 03 120161 90b518 01 8ab518 03 120162"))
        let reread = try MethodDescriptorProto(decoding: method.encoded())
        #expect(reread == method)
        let value = try #require(pool.option("test.options.rules", of: reread)?.message)
        #expect(value.string(at: "timeout") == "1s")
        #expect(value.list(at: "roles") == [.string("a"), .string("b")])
        #expect(pool.option("test.options.secret", of: reread) == .bool(true))
        #expect(pool.option("test.options.other", of: reread) == nil)
    }

    private func field(_ name: String, _ number: Int32, _ kind: FieldDescriptorProto.Kind) -> FieldDescriptorProto {
        var field = FieldDescriptorProto()
        field.name = name
        field.number = number
        field.type = kind
        field.label = .optional
        return field
    }
}
