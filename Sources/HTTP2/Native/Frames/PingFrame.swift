/// PING (RFC 9113 §6.7): eight octets that come back in the acknowledgement.
struct PingFrame {
    let isAcknowledgement: Bool
    let opaque: UInt64

    static let size = 8

    init(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) {
        isAcknowledgement = header.has(FrameFlag.acknowledgement)
        opaque = UInt64(bigEndian: payload.loadUnaligned(as: UInt64.self))
    }

    static func write(_ opaque: UInt64, isAcknowledgement: Bool, to output: inout ByteRun) {
        output.append(
            FrameHeader(
                length: size, type: FrameType.ping, flags: isAcknowledgement ? FrameFlag.acknowledgement : 0))
        output.append(opaque)
    }
}
