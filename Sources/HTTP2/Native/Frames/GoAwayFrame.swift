/// GOAWAY (RFC 9113 §6.8): the last stream that its sender took, why it goes, and text for logs.
struct GoAwayFrame {
    let lastStream: Int32
    let code: UInt32
    let debug: UnsafeRawBufferPointer

    static let leastSize = 8

    init(_ payload: UnsafeRawBufferPointer) {
        let word = UInt32(bigEndian: payload.loadUnaligned(as: UInt32.self))
        lastStream = Int32(bitPattern: word & 0x7FFF_FFFF)
        code = UInt32(bigEndian: payload.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        debug = UnsafeRawBufferPointer(rebasing: payload[Self.leastSize...])
    }

    static func write(
        lastStream: Int32, code: UInt32, debug: UnsafeRawBufferPointer, to output: inout ByteRun
    ) {
        output.append(FrameHeader(length: leastSize + debug.count, type: FrameType.goAway))
        output.append(UInt32(bitPattern: lastStream))
        output.append(code)
        output.append(debug)
    }
}
