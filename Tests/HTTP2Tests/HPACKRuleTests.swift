import Bytes
@testable import HTTP2
import Testing

/// Every rule of RFC 7541 that a peer may break, and those that hold memory and work down.
@Suite("HPACK's rules")
struct HPACKRuleTests {
    /// Blocks for one decoder; the last one is judged.
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What we allow, in force before the blocks.
        var limits: [Int]
        var blocks: [[UInt8]]
        var error: HPACKError?

        init(_ rule: String, limits: [Int] = [], _ blocks: [UInt8]..., error: HPACKError? = nil) {
            testDescription = rule
            self.limits = limits
            self.blocks = blocks
            self.error = error
        }
    }

    /// `a: b`, kept in the table, where it weighs 34.
    static let kept: [UInt8] = [0x40, 1, 0x61, 1, 0x62]

    static let rows: [Row] = [
        Row("an empty block has no fields", []),
        // Indices, §2.3.3 and §6.1.
        Row("index 0 is none", [0x80], error: .noSuchIndex),
        Row("the last field of the static table is one", [0xbd]),
        Row("the next index is none while nothing was kept", [0xbe], error: .noSuchIndex),
        Row("a kept field has the next index", kept, [0xbe]),
        Row("and the one behind it is none", kept, [0xbf], error: .noSuchIndex),
        Row("a name may come from the table", kept, [0x7e, 1, 0x63]),
        Row("but not from behind it", kept, [0x7f, 0, 1, 0x63], error: .noSuchIndex),
        Row("a name of a literal that is not kept may come from the table", kept, [0x0f, 0x2f, 0]),
        Row("but not from behind it either", kept, [0x0f, 0x30, 0], error: .noSuchIndex),
        // Integers, §5.1.
        Row("an index may be long", kept, [0xff, 0x80], error: .truncated),
        Row(
            "an integer may have zeros in front, within five bytes", [0xff, 0x80, 0x80, 0x80, 0x80, 0x01],
            error: .noSuchIndex),
        Row("a sixth byte is too much", [0xff, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], error: .integerTooLarge),
        Row("33 bits are too many", [0xff, 0xff, 0xff, 0xff, 0xff, 0x1f], error: .integerTooLarge),
        Row("32 bits are an integer", [0xff, 0x80, 0xff, 0xff, 0xff, 0x0f], error: .noSuchIndex),
        Row("an integer ends within its block", [0xff], error: .truncated),
        // Strings, §5.2.
        Row("a field without a name", [0x40], error: .truncated),
        Row("a name that is longer than the block", [0x40, 2, 0x61], error: .truncated),
        Row("a field without a value", [0x40, 1, 0x61], error: .truncated),
        Row("a value that is longer than the block", [0x40, 1, 0x61, 3, 0x62, 0x62], error: .truncated),
        Row("a length of 32 bits", [0x40, 0x7f, 0x80, 0xff, 0xff, 0xff, 0x0f], error: .truncated),
        Row("an empty string may say that it is in Huffman's code", [0x40, 0x80, 0x80]),
        Row("padding of seven ones", [0x40, 0x80, 0x83, 0x1a, 0x8a, 0x7f]),
        Row("padding of three ones behind a letter", [0x40, 0x80, 0x81, 0x1f]),
        Row("padding of fifteen ones", [0x40, 0x80, 0x84, 0x1a, 0x8a, 0x7f, 0xff], error: .badHuffmanString),
        Row("padding of eight ones", [0x40, 0x80, 0x82, 0x1f, 0xff], error: .badHuffmanString),
        Row("padding alone", [0x40, 0x80, 0x81, 0xff], error: .badHuffmanString),
        Row("padding with a zero", [0x40, 0x80, 0x81, 0x1e], error: .badHuffmanString),
        Row("EOS is no letter", [0x40, 0x80, 0x84, 0xff, 0xff, 0xff, 0xff], error: .badHuffmanString),
        Row("EOS behind a letter", [0x40, 0x80, 0x85, 0x1f, 0xff, 0xff, 0xff, 0xff], error: .badHuffmanString),
        // Table sizes, §4.2 and §6.3.
        Row("a size at the start of a block", [0x20, 0x82]),
        Row("two sizes at the start of a block", [0x20, 0x3f, 0xe1, 0x1f, 0x82]),
        Row("a block of a size alone", [0x20]),
        Row("a size behind a field", [0x82, 0x20], error: .sizeUpdateInside),
        Row("a size up to the limit", [0x3f, 0xe1, 0x1f]),
        Row("a size above the limit", [0x3f, 0xe2, 0x1f], error: .sizeAboveLimit),
        Row("a larger limit allows a larger size", limits: [8192], [0x3f, 0xe2, 0x1f]),
        Row("and binds the peer to nothing", limits: [8192], [0x82]),
        Row("a smaller limit must be obeyed", limits: [100], [0x82], error: .sizeUpdateMissing),
        Row("by an empty block too", limits: [100], [], error: .sizeUpdateMissing),
        Row("a smaller limit that is obeyed", limits: [100], [0x3f, 0x45, 0x82], [0x82]),
        Row("a size below a smaller limit", limits: [100], [0x21]),
        Row("a size above a smaller limit", limits: [100], [0x3f, 0x46], error: .sizeAboveLimit),
        Row("a limit that went down and up", limits: [0, 4096], [0x20, 0x3f, 0xe1, 0x1f]),
        Row("must be obeyed going down", limits: [0, 4096], [0x3f, 0xe1, 0x1f], error: .sizeAboveLimit),
        Row("and need not be used going up", limits: [0, 4096], [0x20], kept, [0xbe], error: .noSuchIndex),
        Row("the lowest of three limits counts", limits: [100, 0, 200], [0x21], error: .sizeAboveLimit),
        Row("a table that was emptied keeps nothing", kept, [0x20], [0x3f, 0xe1, 0x1f, 0xbe], error: .noSuchIndex),
        Row("a field that fills the table is kept", kept, [0x3f, 0x03], [0xbe]),
        Row("a field that is larger by one is not", kept, [0x3f, 0x02], [0xbe], error: .noSuchIndex),
        Row(
            "a field that is larger than the table empties it", kept, [0x3f, 0x03, 0x40, 1, 0x61, 2, 0x62, 0x62],
            [0xbe],
            error: .noSuchIndex),
        Row("a name may come from the very entry that has to leave", kept, [0x3f, 0x03, 0x7e, 1, 0x63], [0xbe]),
    ]

    @Test("the last block is read, or refused with the reason", arguments: rows)
    func rule(_ row: Row) {
        var decoder = HPACKDecoder(listLimit: 1 << 14)
        let oracle = InflateOracle()
        for limit in row.limits {
            decoder.setTableLimit(limit)
            oracle.setTableLimit(limit)
        }
        for block in row.blocks.dropLast() { #expect(decoder.lines(block).error == nil) }
        for block in row.blocks.dropLast() { _ = oracle.decode(block) }
        let last = row.blocks.last ?? []
        #expect(decoder.lines(last).error == row.error)
        #expect((oracle.decode(last) == nil) == (row.error != nil), "libnghttp2 sees it otherwise")
    }

    @Test("every byte survives Huffman's code, with each other and alone")
    func huffman() throws {
        let everything = (0...255).map { UInt8($0) }
        let runs = everything.map { [$0] } + [everything, everything.reversed(), everything + everything, []]
        for run in runs {
            var coded: [UInt8] = []
            run.withUnsafeBufferPointer { run in
                HuffmanCode.standard.encode(run) { coded.append($0) }
                #expect(coded.count == HuffmanCode.standard.encodedLength(run))
            }
            let room = HuffmanCode.maxDecodedLength(coded.count)
            let back = try [UInt8](unsafeUninitializedCapacity: room) { target, count in
                let target = UnsafeMutableBufferPointer(rebasing: target[..<room])
                count = try HuffmanCode.standard.decode(coded.span, into: target)
            }
            #expect(back == run)
        }
    }

    @Test("a list that is too large is read to its end, so that the next one is right")
    func listLimit() {
        var decoder = HPACKDecoder(listLimit: 2 * 34)
        var fields = Fields()
        // Two fields fit, the third does not, the fourth is kept in the table all the same.
        let block = Self.kept + [0xbe, 0xbe, 0x40, 1, 0x63, 1, 0x64]
        #expect(Self.decode(&decoder, block, into: &fields) == .tooLarge)
        #expect(FieldLine.all(fields).map(\.description) == ["a: b", "a: b"] && fields.listSize == 68)
        var next = Fields()
        #expect(Self.decode(&decoder, [0xbe, 0xbf], into: &next) == .whole)
        #expect(FieldLine.all(next).map(\.description) == ["c: d", "a: b"])
    }

    @Test("a small block that names a large field often is not unpacked")
    func bomb() {
        var decoder = HPACKDecoder(listLimit: 16_384)
        var fields = Fields()
        let large: [UInt8] = [0x40, 1, 0x61, 0x7f, 0x81, 0x1e] + [UInt8](repeating: 0x62, count: 3968)
        let block = large + [UInt8](repeating: 0xbe, count: 10_000)
        #expect(Self.decode(&decoder, block, into: &fields) == .tooLarge)
        #expect(fields.count == 4 && fields.listSize <= 16_384)
    }

    static func decode(
        _ decoder: inout HPACKDecoder, _ block: [UInt8], into fields: inout Fields
    ) -> HPACKDecoder.Extent? {
        block.withUnsafeBytes { try? decoder.decode($0, into: &fields) }
    }
}

extension Result where Failure == HPACKError {
    var error: HPACKError? {
        if case .failure(let error) = self { return error }
        return nil
    }
}
