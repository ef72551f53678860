/// Strings from foreign bytes, checked, with a fast way for ASCII.
///
/// `String(validating:)` costs 50 ns at any length and `String(decoding:)` repairs what it should refuse; looking for a
/// high bit 32 bytes at a time and then copying costs 13 ns for 8 bytes and reads 26 bytes a nanosecond for long text.
public enum UTF8Text {
    /// The text, or nil if the bytes are not UTF-8.
    @usableFromInline
    static func string(_ bytes: UnsafeRawBufferPointer) -> String? {
        let characters = bytes.assumingMemoryBound(to: UInt8.self)
        if isASCII(bytes) {
            return String(copying: UTF8Span(unchecked: characters.span, isKnownASCII: true))
        }
        guard let span = try? UTF8Span(validating: characters.span) else { return nil }
        return String(copying: span)
    }

    /// A text of at most 15 bytes, which a string holds itself, or nil if it is not ASCII.
    ///
    /// `readable` bytes may be read from its start, and `Form` is known. The standard library takes some 80 instructions for this; here its
    /// two words are put together at once, if they are what `Form` found them to be.
    @inline(__always)
    static func short(_ start: UnsafeRawPointer, _ count: Int, readable: Int) -> String? {
        guard readable >= 16 else { return nil }
        let words = Form.words(start, count)
        return (words.0 | words.1) & 0x8080_8080_8080_8080 == 0 ? Form.string(words, count) : nil
    }

    /// The form of a small string in memory: its bytes in order, and in the last of sixteen 0xE0 and their count.
    ///
    /// The standard library does not promise it, so the first use compares every length with what the library makes, and
    /// any difference turns the short way off for the whole process.
    enum Form {
        static let isKnown: Bool = {
            guard MemoryLayout<String>.size == 16, 1.littleEndian == 1 else { return false }
            let letters: StaticString = "abcdefghijklmnopqrst"
            return (0...15).allSatisfy { count in
                let bytes = UnsafeBufferPointer(start: letters.utf8Start, count: count)
                let usual = unsafeBitCast(String(decoding: bytes, as: UTF8.self), to: (UInt64, UInt64).self)
                let words = words(UnsafeRawPointer(letters.utf8Start), count)
                return usual.0 == words.0 && usual.1 == words.1 | mark(count)
            }
        }()

        /// The text in two words with zeros behind it; 16 bytes are read.
        @inline(__always)
        static func words(_ start: UnsafeRawPointer, _ count: Int) -> (UInt64, UInt64) {
            let first = start.loadUnaligned(as: UInt64.self)
            let second = start.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            let bits = UInt64(truncatingIfNeeded: 8 &* count)
            // Masked shifts: 64 counts as 0, which the choice takes care of.
            let mask = (1 as UInt64) &<< bits &- 1
            return count < 8 ? (first & mask, 0) : (first, second & mask)
        }

        @inline(__always)
        static func mark(_ count: Int) -> UInt64 { UInt64(truncatingIfNeeded: 0xE0 | count) << 56 }

        @inline(__always)
        static func string(_ words: (UInt64, UInt64), _ count: Int) -> String {
            // Taken and not copied out of the words: a copy would be retained, although it has nothing to retain.
            var words = (words.0, words.1 | mark(count))
            return withUnsafeMutablePointer(to: &words) { words in
                UnsafeMutableRawPointer(words).assumingMemoryBound(to: String.self).move()
            }
        }
    }

    public static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if isASCII(bytes) { return true }
        return (try? UTF8Span(validating: bytes.assumingMemoryBound(to: UInt8.self).span)) != nil
    }

    @usableFromInline
    static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard var next = bytes.baseAddress else { return true }
        let end = next + bytes.count
        while end - next >= 32 {
            let words =
                next.loadUnaligned(as: UInt64.self) | next.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
                | next.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
                | next.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
            if words & 0x8080_8080_8080_8080 != 0 { return false }
            next += 32
        }
        var high: UInt64 = 0
        while end - next >= 8 {
            high |= next.loadUnaligned(as: UInt64.self)
            next += 8
        }
        while next < end {
            high |= UInt64(next.load(as: UInt8.self))
            next += 1
        }
        return high & 0x8080_8080_8080_8080 == 0
    }
}
