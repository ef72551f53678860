/// PRIORITY (RFC 9113 §6.3): deprecated, and ignored once it is known to be well formed.
///
///     exclusive (1) + dependency (31) │ weight (8)
enum PriorityFrame {
    static let size = 5

    /// The stream whose dependent the frame's own shall be.
    static func dependency(_ payload: UnsafeRawPointer) -> Int32 {
        let word = UInt32(bigEndian: payload.loadUnaligned(as: UInt32.self))
        return Int32(bitPattern: word & 0x7FFF_FFFF)
    }

    /// A stream that depends on itself is wrong still (RFC 7540 §5.3.1).
    static func check(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) throws(Violation) {
        guard let base = payload.baseAddress, dependency(base) != header.stream else {
            throw .stream(ErrorCode.protocolError, "a stream that depends on itself")
        }
    }
}
