/// RST_STREAM (RFC 9113 §6.4): the error code, and nothing else.
enum ResetFrame {
    static let size = 4

    static func code(_ payload: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(bigEndian: payload.loadUnaligned(as: UInt32.self))
    }

    static func write(_ stream: Int32, code: UInt32, to output: inout ByteRun) {
        output.append(FrameHeader(length: size, type: FrameType.reset, stream: stream))
        output.append(code)
    }
}
