/// WINDOW_UPDATE (RFC 9113 §6.9): how many octets more the peer may take from us.
enum WindowUpdateFrame {
    static let size = 4

    static func increment(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) throws(Violation) -> Int32 {
        let word = UInt32(bigEndian: payload.loadUnaligned(as: UInt32.self)) & 0x7FFF_FFFF
        guard word > 0 else {
            guard header.stream != 0 else {
                throw .connection(ErrorCode.protocolError, "WINDOW_UPDATE by nothing")
            }
            throw .stream(ErrorCode.protocolError, "WINDOW_UPDATE by nothing")
        }
        return Int32(bitPattern: word)
    }

    static func write(_ stream: Int32, increment: Int32, to output: inout ByteRun) {
        output.append(FrameHeader(length: size, type: FrameType.windowUpdate, stream: stream))
        output.append(UInt32(bitPattern: increment))
    }
}
