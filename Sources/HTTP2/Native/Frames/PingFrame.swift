/// PING (RFC 9113 §6.7): eight octets that come back in the acknowledgement.
struct PingFrame {
    let isAcknowledgement: Bool
    let opaque: UInt64

    static let size = 8

    init(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) throws(Violation) {
        guard header.stream == 0 else {
            throw .connection(ErrorCode.protocolError, "PING on a stream")
        }
        guard payload.count == Self.size else {
            throw .connection(ErrorCode.frameSizeError, "PING of a wrong size")
        }
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
