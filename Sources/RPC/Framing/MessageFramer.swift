public import Bytes

/// Puts gRPC's prefix before a message: a byte that tells compression, and the length (PROTOCOL-HTTP2, "Length-Prefixed-
/// Message").
public enum MessageFramer {
    @inlinable public static var prefixLength: Int { 5 }

    /// The framed message, in the same memory if there is headroom and nobody else holds it.
    @inlinable
    public static func frame(_ message: consuming Chunk, isCompressed: Bool = false) -> Chunk {
        let length = message.count
        if message.claimPrefix(prefixLength, { writePrefix(length, isCompressed, to: $0) }) { return message }
        return copy(message, isCompressed)
    }

    @usableFromInline
    static func writePrefix(_ length: Int, _ isCompressed: Bool, to space: UnsafeMutableRawBufferPointer) {
        precondition(length <= Int(UInt32.max), "a message of gRPC is at most 4 GiB long")
        space[0] = isCompressed ? 1 : 0
        space.storeBytes(of: UInt32(length).bigEndian, toByteOffset: 1, as: UInt32.self)
    }

    @usableFromInline
    static func copy(_ message: Chunk, _ isCompressed: Bool) -> Chunk {
        var copy = message.withUnsafeBytes { Chunk(copying: $0, headroom: prefixLength) }
        _ = copy.claimPrefix(prefixLength) { writePrefix(message.count, isCompressed, to: $0) }
        return copy
    }
}
