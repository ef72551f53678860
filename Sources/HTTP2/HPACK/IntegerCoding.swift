/// Integers whose first bits share a byte with something else (RFC 7541 §5.1).
enum IntegerCoding {
    /// The integer that begins in the last `bits` bits of the byte at `position`, which moves behind it.
    ///
    /// Five more bytes are enough for 32 bits; a sixth is refused even if it adds nothing, so that nobody can make us read
    /// zeros for long.
    @inline(__always)
    static func read(_ bits: Int, _ block: Span<UInt8>, _ position: inout Int) throws(HPACKError) -> Int {
        let mask = UInt8(truncatingIfNeeded: (1 << bits) - 1)
        let first = block[position] & mask
        position += 1
        return first < mask ? Int(first) : try readRest(Int(mask), block, &position)
    }

    private static func readRest(
        _ first: Int, _ block: Span<UInt8>, _ position: inout Int
    ) throws(HPACKError) -> Int {
        var value = first
        var shift = 0
        while position < block.count {
            guard shift < 32 else { throw .integerTooLarge }
            let byte = block[position]
            position += 1
            value += Int(byte & 0x7f) << shift
            guard value <= Int(UInt32.max) else { throw .integerTooLarge }
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw .truncated
    }

    /// What the largest integer takes: the first byte and five more.
    static let maxLength = 6
}
