import Bytes
import Testing

@testable import ProtoWire

@Suite struct WireWriterTests {
    @Test func `varints of every length come back`() throws {
        for shift in 0..<64 {
            let one = UInt64(1) << UInt64(shift)
            for value in [one, one - 1, UInt64.max >> UInt64(shift)] {
                var writer = WireWriter()
                writer.varint(value)
                let bytes = writer.array()
                #expect(bytes.count == max(1, (70 - (value | 1).leadingZeroBitCount) / 7), "\(value)")
                // Alone, and with bytes after it, which is another way of reading.
                for tail in [[], [UInt8](repeating: 0xFF, count: 16)] {
                    let read = try (bytes + tail).withUnsafeBytes { buffer in
                        var reader = WireReader(buffer)
                        return (try reader.varint(), reader.offset)
                    }
                    #expect(read == (value, bytes.count))
                }
            }
        }
    }

    @Test(arguments: [Int32.min, -1, 0, 1, .max]) func `zigzag puts small numbers first`(value: Int32) throws {
        var writer = WireWriter()
        writer.sint64(Int64(value))
        writer.sint32(value)
        let read = try writer.array().withUnsafeBytes { buffer in
            var reader = WireReader(buffer)
            return (try reader.sint32(), try reader.sint64())
        }
        #expect(read == (value, Int64(value)))
    }

    @Test(arguments: [1, 15, 16, 127, 128, 2047, 2048, 262_143, 262_144, 0x1FFF_FFFF])
    func `tags of every number`(number: UInt32) throws {
        var writer = WireWriter()
        writer.tag(number << 3 | 5)
        let tag = try writer.array().withUnsafeBytes { buffer in
            var reader = WireReader(buffer)
            return try reader.nextTag()
        }
        #expect(tag == number << 3 | 5)
    }

    @Test(arguments: [0, 1, 500, 511, 512, 513, 1024, 5000, 100_000])
    func `memory grows and keeps its headroom`(size: Int) throws {
        var sample = Sample()
        sample.text = String(repeating: "x", count: size)
        sample.numbers = [1, 2, 3]
        sample.inner = Box(Sample.full)
        let array = sample.encoded()
        #expect(try Sample(decoding: array) == sample)
        for headroom in [0, 5, 14] {
            var chunk = sample.encodedChunk(headroom: headroom)
            #expect(chunk.array == array)
            #expect(chunk.headroom >= headroom)
            #expect(chunk.claimPrefix(headroom) { prefix in for index in prefix.indices { prefix[index] = 7 } })
            #expect(chunk.array == [UInt8](repeating: 7, count: headroom) + array)
            #expect(try Sample(decoding: sample.encodedChunk(headroom: headroom)) == sample)
        }
    }

    @Test func `fields stand in the order of their numbers`() {
        var sample = Sample()
        sample.labels = ["b": "1", "a": "2"]
        sample.number = 1
        sample.text = "t"
        #expect(sample.encoded() == bytes("0801 120174 42 06 0a0162 120131 42 06 0a0161 120132"))
    }

    @Test func `deterministic output sorts maps at every depth`() throws {
        // By bytes, U+10000 comes after U+FFFD; by UTF-16 units it would come before.
        let keys = ["", "a", "b", "ba", "é", "\u{FFFD}", "\u{10000}"]
        var first = Sample()
        for key in keys.shuffled() { first.labels[key] = key }
        var second = Sample()
        for key in keys.reversed() { second.labels[key] = key }
        (first.inner, second.inner) = (Box(first), Box(second))
        #expect(first.encoded(deterministic: true) == second.encoded(deterministic: true))
        #expect(first.encodedChunk(deterministic: true).array == first.encoded(deterministic: true))
        #expect(try Sample(decoding: first.encoded(deterministic: true)).labels.entries.map(\.key) == keys)
        #expect(try Sample(decoding: first.encoded(deterministic: true)).inner?.value.labels.entries.map(\.key) == keys)
        #expect(second.encoded() != second.encoded(deterministic: true), "without it, the order is the map's")
    }

    @Test func `keys have an order`() {
        #expect([Int32.min, -1, 0, 1, .max].sorted(by: Int32.precedes) == [.min, -1, 0, 1, .max])
        #expect([UInt64.max, 0].sorted(by: UInt64.precedes) == [0, .max])
        #expect([true, false].sorted(by: Bool.precedes) == [false, true])
    }

    @Test func `a box is a value`() {
        var first = Sample()
        first.inner = Box(Sample())
        var second = first
        second.inner?.value.number = 5
        #expect(first.inner?.value.number == 0)
        #expect(second.inner?.value.number == 5)
        second.inner?.update { $0.number += 1 }
        #expect(second.inner?.value.number == 6)
        #expect(first != second)
    }
}
