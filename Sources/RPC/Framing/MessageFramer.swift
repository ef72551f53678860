public import Bytes

/// Puts gRPC's prefix before a message: a byte that tells compression, and the length (PROTOCOL-HTTP2, "Length-Prefixed-
/// Message"). Weft sends messages uncompressed.
public enum MessageFramer {
    @inlinable public static var prefixLength: Int { 5 }

    /// The framed message, in the same memory if there is headroom and nobody else holds it.
    @inlinable
    public static func frame(_ message: consuming Chunk) -> Chunk {
        let length = message.count
        if message.claimPrefix(prefixLength, { writePrefix(length, to: $0) }) { return message }
        return copy(message)
    }

    @usableFromInline
    static func writePrefix(_ length: Int, to space: UnsafeMutableRawBufferPointer) {
        precondition(length <= Int(UInt32.max), "a message of gRPC is at most 4 GiB long")
        space[0] = 0
        space.storeBytes(of: UInt32(length).bigEndian, toByteOffset: 1, as: UInt32.self)
    }

    @usableFromInline
    static func copy(_ message: Chunk) -> Chunk {
        var copy = message.withUnsafeBytes { Chunk(copying: $0, headroom: prefixLength) }
        _ = copy.claimPrefix(prefixLength) { writePrefix(message.count, to: $0) }
        return copy
    }
}
