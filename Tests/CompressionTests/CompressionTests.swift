import Bytes
import Compression
import Testing

@Suite("Compressed messages")
struct CompressionTests {
    static let encodings: [MessageEncoding] = [.deflate, .gzip]

    /// Bytes without order, the same each time.
    static func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 88_172_645_463_325_252
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state)
        }
    }

    private func inflate(
        _ bytes: [UInt8], _ encoding: MessageEncoding, limit: Int = 1 << 20
    ) throws(InflateError) -> [UInt8] {
        var inflater = Inflater(encoding)
        return try inflater.inflate(Chunk(bytes), limit: limit).array
    }

    @Test("what was deflated inflates to itself, message after message with one pair", arguments: encodings)
    func roundTrip(encoding: MessageEncoding) throws {
        var deflater = Deflater(encoding)
        var inflater = Inflater(encoding)
        for size in [0, 1, 2, 511, 512, 513, 4096, 65_537, 1_000_000] {
            for message in [[UInt8](repeating: 0, count: size), CompressionTests.noise(size)] {
                let packed = deflater.compress(Chunk(message), headroom: 5)
                #expect(packed.headroom == 5)
                #expect(try inflater.inflate(packed, limit: size).array == message)
            }
        }
    }

    @Test("messages share no history: the same one is the same bytes each time", arguments: encodings)
    func noHistory(encoding: MessageEncoding) {
        var deflater = Deflater(encoding)
        let message = Chunk(CompressionTests.noise(300))
        #expect(deflater.compress(message) == deflater.compress(message))
    }

    @Test("zeros shrink to a thousandth, and noise grows by its frame alone", arguments: encodings)
    func sizes(encoding: MessageEncoding) {
        for level in [1, 6, 9] {
            var deflater = Deflater(encoding, level: level)
            #expect(deflater.compress(Chunk([UInt8](repeating: 0, count: 1 << 20))).count < 6 << 10)
            #expect(deflater.compress(Chunk(CompressionTests.noise(1000))).count <= 1000 + 25)
        }
    }

    @Test("a message of exactly the limit is read, a larger one is not", arguments: encodings)
    func limits(encoding: MessageEncoding) throws {
        var deflater = Deflater(encoding)
        for size in [1, 511, 512, 513, 100_000, 300_000] {
            let packed = deflater.compress(Chunk([UInt8](repeating: 9, count: size))).array
            #expect(try inflate(packed, encoding, limit: size).count == size)
            #expect(throws: InflateError.tooLarge(limit: size - 1)) {
                try inflate(packed, encoding, limit: size - 1)
            }
        }
    }

    @Test("a bomb is put out at the limit, not when it has gone off", arguments: encodings)
    func bomb(encoding: MessageEncoding) {
        var deflater = Deflater(encoding, level: 9)
        // 64 MiB of zeros in 64 KiB.
        let packed = deflater.compress(Chunk([UInt8](repeating: 0, count: 64 << 20))).array
        #expect(throws: InflateError.tooLarge(limit: 4 << 20)) { try inflate(packed, encoding, limit: 4 << 20) }
    }

    @Test("every damaged byte and every cut is an error or the same message, never a crash", arguments: encodings)
    func damage(encoding: MessageEncoding) throws {
        var deflater = Deflater(encoding)
        let message = Array("what is said three times is true, true, true".utf8)
        let packed = deflater.compress(Chunk(message)).array
        for end in 1..<packed.count {
            #expect(throws: InflateError.truncated) { try inflate(Array(packed[..<end]), encoding) }
        }
        for index in packed.indices {
            for bit in 0..<8 {
                var damaged = packed
                damaged[index] ^= 1 << bit
                // Fields such as gzip's time and system mean nothing.
                if let read = try? inflate(damaged, encoding) { #expect(read == message) }
            }
        }
    }

    @Test("an inflater goes on after what it could not read", arguments: encodings)
    func recovers(encoding: MessageEncoding) throws {
        var deflater = Deflater(encoding)
        var inflater = Inflater(encoding)
        let packed = deflater.compress(Chunk("well"))
        let good = try inflater.inflate(packed, limit: 4)
        #expect(throws: InflateError.malformed) { try inflater.inflate(Chunk("no such thing"), limit: 100) }
        #expect(throws: InflateError.tooLarge(limit: 3)) { try inflater.inflate(packed, limit: 3) }
        #expect(try inflater.inflate(packed, limit: 4) == good)
    }

    @Test("gzip may have several members; a zlib stream is one, and nothing follows either")
    func members() throws {
        var gzip = Deflater(.gzip)
        let two = gzip.compress(Chunk("one ")).array + gzip.compress(Chunk("two")).array
        #expect(try inflate(two, .gzip) == Array("one two".utf8))
        #expect(throws: InflateError.tooLarge(limit: 6)) { try inflate(two, .gzip, limit: 6) }
        #expect(throws: InflateError.malformed) { try inflate(two + [1, 2, 3, 4], .gzip) }
        var deflate = Deflater(.deflate)
        let packed = deflate.compress(Chunk("one")).array
        #expect(throws: InflateError.malformed) { try inflate(packed + packed, .deflate) }
        #expect(throws: InflateError.malformed) { try inflate(packed + [0], .deflate) }
    }

    @Test("the formats are those of the RFCs, and not each other's")
    func formats() throws {
        // RFC 1952: 1f 8b; RFC 1950: 78.
        var gzip = Deflater(.gzip)
        var deflate = Deflater(.deflate)
        let (one, other) = (gzip.compress(Chunk("x")).array, deflate.compress(Chunk("x")).array)
        #expect(one.prefix(3) == [0x1F, 0x8B, 8])
        #expect(other.first == 0x78)
        #expect(throws: InflateError.malformed) { try inflate(one, .deflate) }
        #expect(throws: InflateError.malformed) { try inflate(other, .gzip) }
        // Bare deflate (RFC 1951) is what some peers wrongly call "deflate".
        #expect(throws: InflateError.malformed) { try inflate(Array(other.dropFirst(2).dropLast(4)), .deflate) }
        // What Python's zlib and gzip modules write.
        #expect(try inflate([0x78, 0x9C, 0x4B, 0x04, 0, 0, 0x62, 0, 0x62], .deflate) == [UInt8(ascii: "a")])
        let written: [UInt8] = [
            0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, 0x4B, 0x04, 0, 0x43, 0xBE, 0xB7, 0xE8, 1, 0, 0, 0,
        ]
        #expect(try inflate(written, .gzip) == [UInt8(ascii: "a")])
    }

    @Test("nothing at all stands for an empty message", arguments: encodings)
    func empty(encoding: MessageEncoding) throws {
        #expect(try inflate([], encoding, limit: 0).isEmpty)
    }
}
