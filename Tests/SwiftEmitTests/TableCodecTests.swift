import ProtoWire
import Testing

/// One contract generated both ways: what the table reads and writes is what the code for each field does.
struct TableCodecTests {
    private typealias Everything = GoldensEverythingV1.Everything
    private typealias Compact = GoldensCompact.Everything

    private static let bytes = RoundTripTests.full(depth: 2).encoded()

    @Test("the table writes the bytes that code writes")
    func sameBytes() throws {
        #expect(try Compact(decoding: Self.bytes).encoded() == Self.bytes)
        #expect(Compact().encoded() == [])
        // Every message in it once more, so that single values are replaced and lists grow.
        let twice = Self.bytes + Self.bytes
        #expect(try Compact(decoding: twice).encoded() == Everything(decoding: twice).encoded())
    }

    @Test("both refuse the same bytes at the same place")
    func sameErrors() {
        // Prefixes end inside every kind of field; flipped bits break tags, lengths and values.
        var bad: [[UInt8]] = stride(from: 0, to: Self.bytes.count, by: 3).map { Array(Self.bytes[..<$0]) }
        for place in stride(from: 0, to: Self.bytes.count, by: 7) {
            for bit in [0x01, 0x04, 0x80] as [UInt8] {
                var flipped = Self.bytes
                flipped[place] ^= bit
                bad.append(flipped)
            }
        }
        for bytes in bad {
            let code = Result { () throws(DecodeError) in try Everything(decoding: bytes).encoded() }
            let table = Result { () throws(DecodeError) in try Compact(decoding: bytes).encoded() }
            #expect(code == table)
        }
    }

    @Test("numbers are read packed and one by one, whatever the contract says")
    func bothForms() throws {
        var writer = WireWriter()
        writer.packed([1, 300], tag: 37 << 3 | 2, ProtoInt32.self)
        writer.repeated([5, -6], tag: 31 << 3, ProtoInt32.self)
        writer.repeated([0.5, 1], tag: 34 << 3 | 1, ProtoDouble.self)
        let bytes = writer.array()
        let compact = try Compact(decoding: bytes)
        #expect(compact.loose == [1, 300])
        #expect(compact.ints == [5, -6])
        #expect(compact.doubles == [0.5, 1])
        #expect(try compact.encoded() == Everything(decoding: bytes).encoded())
    }

    @Test("fields that no row has are kept")
    func unknownFields() throws {
        var writer = WireWriter()
        writer.string("later", tag: 500 << 3 | 2)
        writer.int32(7, tag: 8)
        let bytes = writer.array()
        let compact = try Compact(decoding: bytes)
        #expect(compact.i32 == 7)
        #expect(!compact.unknownFields.isEmpty)
        #expect(compact.encoded() == bytes)
    }
}
