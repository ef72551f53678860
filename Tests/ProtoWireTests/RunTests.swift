import Bytes
import ProtoWire
import Testing

/// Runs, lengths and sizes at which reader and writer change their way: each must give what the slow way gives.
struct RunTests {
    /// A varint, byte by byte.
    private static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    @Test("a varint of every length is written and read")
    func everyVarint() throws {
        for bits in 0..<64 {
            for value in [1 << bits, (1 << bits) - 1, UInt64.max >> bits] as [UInt64] {
                var writer = WireWriter()
                writer.varint(value)
                #expect(writer.array() == Self.varint(value))
                var field = WireWriter()
                field.uint64(value, tag: 8)
                #expect(field.array() == [8] + Self.varint(value))
                // With and without bytes behind it that could be read by mistake.
                for tail in [[], [UInt8](repeating: 0xFF, count: 16)] {
                    let bytes = Self.varint(value) + tail
                    let read = try bytes.withUnsafeBytes { memory in
                        var reader = WireReader(memory)
                        return try reader.varint()
                    }
                    #expect(read == value)
                }
            }
        }
    }

    /// Values of all lengths in an order that a seed decides.
    private static func values(_ count: Int, longest: UInt64) -> [UInt64] {
        var state: UInt64 = 7
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> (state >> 58) & longest
        }
    }

    @Test("packed varints of any count and length survive", arguments: [0, 1, 2, 8, 9, 63, 64, 65, 200, 1000])
    func packed(_ count: Int) throws {
        for longest in [0x7F, 0x3FFF, 0xFFFF_FFFF, UInt64.max] as [UInt64] {
            let values = Self.values(count, longest: longest)
            var writer = WireWriter()
            writer.packed(values, tag: 10, ProtoUInt64.self)
            let content = values.flatMap(Self.varint)
            let bytes = count == 0 ? [] : [10] + Self.varint(UInt64(content.count)) + content
            #expect(writer.array() == bytes)
            guard count > 0 else { continue }
            for before in [[], [5]] as [[UInt64]] {
                var read = before
                try bytes.withUnsafeBytes { memory in
                    var reader = WireReader(memory)
                    #expect(try reader.nextTag() == 10)
                    try reader.packed(&read, ProtoUInt64.self)
                    #expect(reader.isAtEnd)
                }
                #expect(read == before + values)
            }
        }
    }

    @Test("packed varints that end too late or are too long are refused", arguments: [1, 70, 200])
    func badPacked(_ count: Int) {
        let good = [UInt8](repeating: 1, count: count)
        for bad in [[0x80], [UInt8](repeating: 0x80, count: 10) + [1], [UInt8](repeating: 0x80, count: 64)] {
            for content in [good + bad, bad + good] where content.last != 1 || bad.count > 9 {
                let bytes = Self.varint(UInt64(content.count)) + content + [UInt8](repeating: 1, count: 80)
                #expect(throws: DecodeError.self) {
                    try bytes.withUnsafeBytes { memory in
                        var reader = WireReader(memory)
                        var values: [UInt64] = []
                        try reader.packed(&values, ProtoUInt64.self)
                    }
                }
            }
        }
    }

    @Test("texts of every short length survive, with and without bytes behind them")
    func texts() throws {
        for letter in ["a", "\u{e4}", "\u{20ac}", "\u{1f600}"] {
            for count in 0...40 {
                let text = String(repeating: letter, count: count) + (count % 2 == 0 ? "z" : "")
                var writer = WireWriter()
                writer.string(text)
                #expect(writer.array() == Self.varint(UInt64(text.utf8.count)) + Array(text.utf8))
                for tail in [[], [UInt8](repeating: 0xC3, count: 20)] {
                    let bytes = writer.array() + tail
                    let read = try bytes.withUnsafeBytes { memory in
                        var reader = WireReader(memory)
                        return try reader.string()
                    }
                    #expect(read == text)
                    #expect(Array(read.utf8) == Array(text.utf8))
                    #expect((read + "x").utf8.count == text.utf8.count + 1)
                }
            }
        }
    }

    @Test("a short text that is not UTF-8 is refused", arguments: 1...20)
    func badText(_ count: Int) {
        for place in 0..<count {
            var content = [UInt8](repeating: 0x61, count: count)
            content[place] = 0xFF
            let bytes = [UInt8(count)] + content + [UInt8](repeating: 0x61, count: 20)
            #expect(throws: DecodeError(.invalidUTF8, at: 1)) {
                try bytes.withUnsafeBytes { memory in
                    var reader = WireReader(memory)
                    return try reader.string()
                }
            }
        }
    }

    @Test("large values keep their places among small ones", arguments: [100, 4095, 4096, 5000, 70_000])
    func largeValues(_ size: Int) throws {
        var inner = Sample()
        inner.text = String(repeating: "x", count: size)
        inner.doubles = (0..<size / 8).map(Double.init)
        inner.number = 5
        var sample = Sample.full
        sample.inner = Box(inner)
        sample.text = String(repeating: "\u{e4}", count: size / 2)
        sample.labels["large"] = String(repeating: "y", count: size)
        let bytes = sample.encoded()
        // The writer with memory of its own copies everything, so it shows what the bytes must be.
        #expect(bytes == sample.encodedChunk().withUnsafeBytes { Array($0) })
        #expect(try Sample(decoding: bytes) == sample)
    }

    @Test("a writer touches nothing outside of the memory that it was lent", arguments: 1...48)
    func lentMemory(_ size: Int) {
        let guarded = UnsafeMutableRawBufferPointer.allocate(byteCount: size + 128, alignment: 8)
        defer { guarded.deallocate() }
        let lent = UnsafeMutableRawBufferPointer(rebasing: guarded[64..<(64 + size)])
        let writes: [(inout WireWriter) -> Void] = [
            { $0.int64(-1, tag: 0xFFFF_FFF8) }, { $0.uint64(1 << 56, tag: 8) }, { $0.uint64(300, tag: 0x4000) },
            { $0.double(1, tag: 0xFFFF_FFF9) }, { $0.fixed32(1, tag: 0x1FFD) }, { $0.bool(true, tag: 8) },
            { $0.string("seven..", tag: 0xFFFF_FFFA) }, { $0.tag(0xFFFF_FFFB) }, { $0.varint(1 << 55) },
            { $0.packed([1, -1, 300], tag: 0xFFFF_FFFA, ProtoInt64.self) },
        ]
        for write in writes {
            for before in 0...size {
                guarded.copyBytes(from: [UInt8](repeating: 0xAB, count: size + 128))
                var writer = WireWriter(borrowing: lent)
                for _ in 0..<before { writer.varint(1) }
                write(&writer)
                let outside = Array(guarded[..<64]) + Array(guarded[(64 + size)...])
                #expect(outside.allSatisfy { $0 == 0xAB })
            }
        }
    }
}
