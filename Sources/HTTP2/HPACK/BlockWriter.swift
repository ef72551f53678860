/// Puts a header block into memory that is large enough for it; running out of it would be our own bug, and stops.
struct BlockWriter {
    private let target: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ target: UnsafeMutableRawBufferPointer) {
        self.target = target
    }

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        precondition(count < target.count, "a header block needs more room")
        target[count] = byte
        count += 1
    }

    /// An integer whose first bits share a byte with `flags` (RFC 7541 §5.1).
    @inline(__always)
    mutating func put(_ value: Int, bits: Int, flags: UInt8) {
        let mask = (1 << bits) - 1
        guard value >= mask else { return put(flags | UInt8(truncatingIfNeeded: value)) }
        put(flags | UInt8(truncatingIfNeeded: mask))
        var rest = value - mask
        while rest >= 0x80 {
            put(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        put(UInt8(truncatingIfNeeded: rest))
    }

    /// A string as it is.
    @inline(__always)
    mutating func put(_ bytes: UnsafeBufferPointer<UInt8>) {
        put(bytes.count, bits: 7, flags: 0)
        precondition(bytes.count <= target.count - count, "a header block needs more room")
        guard let base = bytes.baseAddress, let start = target.baseAddress else { return }
        (start + count).copyMemory(from: base, byteCount: bytes.count)
        count += bytes.count
    }

    /// A string in Huffman's code if that is shorter.
    mutating func put(_ bytes: UnsafeBufferPointer<UInt8>, packedBy huffman: HuffmanCode) {
        let length = huffman.encodedLength(bytes)
        guard length < bytes.count else { return put(bytes) }
        put(length, bits: 7, flags: 0x80)
        huffman.encode(bytes) { put($0) }
    }
}
