import ProtoWire
import Testing

@testable import Descriptors

/// The canonical binary form, which is also the check of a message without generated code.
@Suite struct CanonicalFormTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let rule: String
        let type: String
        let bytes: [UInt8]
        let canonical: [UInt8]
        var testDescription: String { rule }

        init(in type: String = "Everything", _ rule: String, _ bytes: [UInt8], _ canonical: [UInt8]) {
            self.rule = rule
            self.type = type
            self.bytes = bytes
            self.canonical = canonical
        }
    }

    static let rows = [
        Row("nothing", [], []),
        Row("fields go in the order of their numbers", [16, 2, 8, 1], [8, 1, 16, 2]),
        Row("the last value of a field counts", [8, 1, 8, 2], [8, 2]),
        Row("a default without presence is left out", [8, 1, 8, 0, 114, 0], []),
        Row("a default with presence stays", [0x88, 1, 0], [0x88, 1, 0]),
        Row("over-long varints are shortened", [8, 0x81, 0x80, 0], [8, 1]),
        Row(
            "a varint keeps the bits of its kind", [8, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F],
            [8] + [UInt8](repeating: 0xFF, count: 9) + [1]),
        Row("a bool is one or zero", [104, 5], [104, 1]),
        Row("loose values are packed where the contract says so", [0xB0, 1, 1, 0xB0, 1, 2], [0xB2, 1, 2, 1, 2]),
        Row("packed values are loose where the contract says so", [0xCA, 1, 2, 1, 2], [0xC8, 1, 1, 0xC8, 1, 2]),
        Row("an empty packed list is none", [0xB2, 1, 0], []),
        Row("parts of a message merge", [0xAA, 2, 2, 8, 1, 0xAA, 2, 2, 16, 2], [0xAA, 2, 4, 8, 1, 16, 2]),
        Row("the last member of a oneof counts", [0x8A, 2, 1, 97, 0x92, 2, 1, 98, 0x8A, 2, 1, 99], [0x8A, 2, 1, 99]),
        Row(
            "maps are sorted, and the last of equal keys counts",
            [0xEA, 1, 4, 8, 2, 16, 1, 0xEA, 1, 4, 8, 1, 16, 1, 0xEA, 1, 4, 8, 2, 16, 3],
            [0xEA, 1, 4, 8, 1, 16, 1, 0xEA, 1, 4, 8, 2, 16, 3]),
        Row("an entry has both its fields", [0xEA, 1, 0], [0xEA, 1, 4, 8, 0, 16, 0]),
        Row(
            "unknown fields come last, in their order", [0xF8, 0x7F, 1, 8, 1, 0xF0, 0x7F, 2],
            [8, 1, 0xF8, 0x7F, 1, 0xF0, 0x7F, 2]),
        Row("a value of another wire type is unknown", [13, 1, 0, 0, 0], [13, 1, 0, 0, 0]),
        Row(in: "Legacy", "a group stays a group", [8, 1, 59, 10, 1, 97, 60], [8, 1, 59, 10, 1, 97, 60]),
        Row(
            in: "Legacy", "what a closed enum does not name is unknown",
            [24, 9, 8, 1, 32, 1, 32, 9, 0x2A, 2, 2, 9, 74, 2, 16, 9],
            [8, 1, 32, 1, 0x2A, 1, 2, 24, 9, 32, 9, 40, 9, 74, 2, 16, 9]),
        Row(
            in: "Legacy", "a oneof's member is not taken by a number that has no name", [96, 1, 104, 9],
            [96, 1, 104, 9]),
    ]

    @Test(arguments: rows)
    func `is written`(_ row: Row) throws {
        let message = try DynamicMessage(Contracts.table(row.type), decoding: row.bytes)
        #expect(message.bytes == row.canonical)
        #expect(try message.canonicalBytes() == row.canonical)
    }

    static let malformed: [(rule: String, bytes: [UInt8], kind: DecodeError.Kind)] = [
        ("a value that ends early", [8], .truncated),
        ("a length past the end", [114, 5, 97], .truncated),
        ("the same inside a message", [0xA2, 1, 2, 9, 0], .truncated),
        ("a varint of eleven bytes", [8] + [UInt8](repeating: 0x80, count: 10) + [1], .malformedVarint),
        ("field number 0", [0], .invalidTag),
        ("wire type 6", [14], .invalidTag),
        ("a group that is not open", [12], .unmatchedGroup),
        ("a group that is not closed", [11, 8, 1], .unmatchedGroup),
        ("text that is not UTF-8", [114, 1, 0xFF], .invalidUTF8),
        ("such text even if other text takes its place", [114, 1, 0xFF, 114, 1, 97], .invalidUTF8),
        ("a packed value that ends early", [0xB2, 1, 1, 0x80], .truncated),
        ("a map's key that is not UTF-8", [0xE2, 1, 3, 10, 1, 0xFF], .invalidUTF8),
    ]

    @Test(arguments: malformed)
    func `is refused`(_ rule: String, _ bytes: [UInt8], _ kind: DecodeError.Kind) throws {
        let table = try Contracts.table("Everything")
        let error = #expect(throws: DecodeError.self) { try DynamicMessage(table, decoding: bytes) }
        #expect(error?.kind == kind)
    }

    @Test func `missing required fields are named by their path`() throws {
        let table = try Contracts.table("Legacy")
        #expect(try DynamicMessage(table).missingRequiredField() == "id")
        #expect(try DynamicMessage(table, bytes: [8, 0]).missingRequiredField() == nil)
        let message = try DynamicMessage(
            table, text: "id: 1 Details { inner { id: 2 [test.v1.extra_message] { } } }", Self.partial)
        #expect(try message.missingRequiredField() == "details.inner.[test.v1.extra_message].id")
        #expect(try DynamicMessage(Contracts.table("Everything")).missingRequiredField() == nil)
    }

    private static let partial: TextFormat.ParseOptions = {
        var options = TextFormat.ParseOptions()
        options.allowsPartial = true
        return options
    }()
}
