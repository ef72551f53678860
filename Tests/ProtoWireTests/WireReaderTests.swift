import Testing

@testable import ProtoWire

/// What foreign bytes may be, and what is said about them if they may not.
@Suite struct WireReaderTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let rule: String
        let hex: String
        let outcome: Outcome
        var testDescription: String { rule }

        init(_ rule: String, _ hex: String, _ outcome: Outcome) {
            self.rule = rule
            self.hex = hex
            self.outcome = outcome
        }
    }

    enum Outcome: Sendable {
        /// Decodes, and is written again as these bytes.
        case becomes(String)
        case fails(DecodeError.Kind, at: Int)

        static let stays = Outcome.becomes("")
    }

    static let rows = [
        Row("nothing", "", .stays),
        Row("a number", "0801", .stays),
        Row("the greatest varint", "08 ffffffffffffffffff01", .becomes("08 ffffffffffffffffff01")),
        Row("a long varint keeps its low 32 bits for an int32", "08 8180808010", .becomes("0801")),
        Row("a varint longer than it must be", "08 8100", .becomes("0801")),
        Row(
            "a varint of ten bytes whose last has more bits", "08 ffffffffffffffffff7f",
            .becomes("08 ffffffffffffffffff01")),
        Row("a varint of eleven bytes", "08 8080808080808080808001", .fails(.malformedVarint, at: 1)),
        Row("a varint that does not end", "08 80", .fails(.truncated, at: 1)),
        Row("a long varint that does not end", "08 80808080808080", .fails(.truncated, at: 1)),
        Row("a tag without a value", "08", .fails(.truncated, at: 1)),
        Row("a tag longer than it must be", "8800 01", .becomes("0801")),
        Row("a tag of six bytes", "888080808000 01", .fails(.invalidTag, at: 0)),
        Row("a tag with more than 32 bits", "8880808010 01", .fails(.invalidTag, at: 0)),
        Row("a tag that does not end", "88", .fails(.truncated, at: 0)),
        Row("field number 0", "00 01", .fails(.invalidTag, at: 1)),
        Row("wire type 6", "0e", .fails(.invalidTag, at: 1)),
        Row("wire type 7", "7f", .fails(.invalidTag, at: 1)),
        Row("a length past the end", "12 02 61", .fails(.truncated, at: 2)),
        Row("a length of 64 bits", "12 ffffffffffffffffff01 61", .fails(.truncated, at: 11)),
        Row("a length that would wrap around", "12 ffffffffffffffff7f 61", .fails(.truncated, at: 10)),
        Row("UTF-8", "12 06 c3a9 f09f9880", .stays),
        Row("a lone continuation byte", "12 01 80", .fails(.invalidUTF8, at: 2)),
        Row("an overlong NUL", "12 02 c080", .fails(.invalidUTF8, at: 2)),
        Row("a surrogate in UTF-8", "12 03 eda080", .fails(.invalidUTF8, at: 2)),
        Row(
            "a bad byte after 40 good ones", "12 29 \(String(repeating: "61", count: 40)) ff",
            .fails(.invalidUTF8, at: 2)),
        Row("a message in a message", "1a 02 0801", .stays),
        Row("messages merge", "1a 02 0801 1a 03 120161", .becomes("1a 05 0801 120161")),
        Row("a field that crosses its message's end", "1a 02 0880 01", .fails(.truncated, at: 3)),
        Row("a double cut short", "29 00000000000000", .fails(.truncated, at: 1)),
        Row("packed numbers", "22 03 01ac02", .stays),
        Row("numbers one by one are packed again", "2001 20ac02", .becomes("22 03 01ac02")),
        Row("packed numbers cut short", "22 02 0180", .fails(.truncated, at: 3)),
        Row("no packed numbers", "22 00", .becomes("")),
        Row("packed doubles of an odd size", "32 09 000000000000000000", .fails(.truncated, at: 2)),
        Row("an unknown varint", "5001", .stays),
        Row(
            "unknown fields in their order", "980601 9106 0000000000000000 9a06 0161 9d06 00000000 970600",
            .fails(.invalidTag, at: 25)),
        Row("every kind of unknown field", "980601 9106 0000000000000000 9a06 0161 9d06 00000000", .stays),
        Row("an unknown group", "9b06 0801 9b06 9c06 9c06", .stays),
        Row("a group without its end", "9b06 0801", .fails(.unmatchedGroup, at: 4)),
        Row("a group with another's end", "9b06 a406", .fails(.unmatchedGroup, at: 4)),
        Row("an end without a group", "9c06", .fails(.unmatchedGroup, at: 2)),
        Row("a known group", "3b 0801 3c", .stays),
        Row("groups merge", "3b 0801 3c 3b 120161 3c", .becomes("3b 0801 120161 3c")),
        Row("a known group without its end", "3b 0801", .fails(.unmatchedGroup, at: 3)),
        Row("a known group with another's end", "3b 44", .fails(.unmatchedGroup, at: 2)),
        Row("the end of a group inside a message in it", "3b 1a 01 3c 3c", .fails(.unmatchedGroup, at: 4)),
        Row("a known field of another wire type is unknown", "0d 01000000 0801", .becomes("0801 0d 01000000")),
        Row("a map", "42 06 0a0161 120162", .stays),
        Row("a map's entry without key and value", "42 00", .becomes("42 04 0a00 1200")),
        Row("a map's value before its key", "42 06 120162 0a0161", .becomes("42 06 0a0161 120162")),
        Row(
            "a key twice keeps its place", "42 06 0a0161 120131 42 06 0a0162 120132 42 06 0a0161 120133",
            .becomes("42 06 0a0161 120133 42 06 0a0162 120132")),
        Row("a map's entry with more in it", "42 08 0a0161 1801 120162", .becomes("42 06 0a0161 120162")),
        Row("a map's entry cut short", "42 05 0a0161 1201", .fails(.truncated, at: 7)),
    ]

    @Test(arguments: rows)
    func `are read`(_ row: Row) throws {
        let given = bytes(row.hex)
        switch row.outcome {
        case .becomes(let hex):
            let expected = hex.isEmpty && row.rule != "no packed numbers" ? given : bytes(hex)
            #expect(try Sample(decoding: given).encoded() == expected)
        case .fails(let kind, let offset):
            let error = #expect(throws: DecodeError.self) { try Sample(decoding: given) }
            #expect(error == DecodeError(kind, at: offset))
        }
    }

    @Test func `every prefix of a message decodes or is refused`() throws {
        var sample = Sample.full
        sample.inner = Box(Sample.full)
        let whole = sample.encoded()
        for count in 0..<whole.count {
            // Whatever the outcome, nothing outside of the bytes may be read; what decodes must survive a round trip.
            if let part = try? Sample(decoding: Array(whole[..<count])) {
                #expect(try Sample(decoding: part.encoded()) == part)
            }
        }
        #expect(try Sample(decoding: whole) == sample)
    }

    @Test func `every single wrong byte is survived`() throws {
        let whole = Sample.full.encoded()
        for index in whole.indices {
            for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
                var wrong = whole
                wrong[index] = value
                guard let sample = try? Sample(decoding: wrong) else { continue }
                // Not compared as values: NaN is not itself.
                #expect(try Sample(decoding: sample.encoded()).encoded() == sample.encoded())
            }
        }
    }

    @Test func `nesting ends at the limit`() throws {
        func nested(_ levels: Int) -> [UInt8] {
            (0..<levels).reduce(into: [UInt8]()) { inner, _ in inner = [0x1A] + varint(UInt64(inner.count)) + inner }
        }
        #expect(throws: Never.self) { try Sample(decoding: nested(WireReader.maximumDepth)) }
        let error = #expect(throws: DecodeError.self) { try Sample(decoding: nested(WireReader.maximumDepth + 1)) }
        #expect(error?.kind == .tooDeep)
        let groups = (0..<5000).flatMap { _ in [0x9B, 0x06] as [UInt8] }
        #expect(throws: DecodeError.self) { try Sample(decoding: groups) }
    }

    @Test func `a caller may allow less, or more`() throws {
        let three = bytes("1a04 1a02 1a00")
        #expect(throws: Never.self) { try Sample(decoding: three, options: DecodeOptions(maximumDepth: 3)) }
        #expect(throws: DecodeError(.tooDeep, at: 6)) {
            try Sample(decoding: three, options: DecodeOptions(maximumDepth: 2))
        }
        #expect(throws: DecodeError(.tooLarge, at: 5)) {
            try Sample(decoding: three, options: DecodeOptions(maximumSize: 5))
        }
        #expect(throws: Never.self) { try Sample(decoding: three, options: DecodeOptions(maximumSize: 6)) }
    }

    private func varint(_ value: UInt64) -> [UInt8] {
        var writer = WireWriter()
        writer.varint(value)
        return writer.array()
    }
}

/// Bytes from pairs of hexadecimal digits; spaces are for the reader.
func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.filter { $0 != " " }.map { UInt8($0.hexDigitValue ?? 0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
