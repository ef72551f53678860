/// SETTINGS (RFC 9113 §6.5): identifiers of two octets with values of four, or an acknowledgement without any.
struct SettingsFrame {
    let isAcknowledgement: Bool
    private let payload: UnsafeRawBufferPointer

    static let entrySize = 6

    /// What the identifiers mean (§6.5.2; RFC 8441 §3; RFC 9218 §2.1). Others are ignored.
    enum Identifier {
        static let headerTableSize: UInt16 = 0x1
        static let enablePush: UInt16 = 0x2
        static let maxConcurrentStreams: UInt16 = 0x3
        static let initialWindow: UInt16 = 0x4
        static let maxFrameSize: UInt16 = 0x5
        static let maxHeaderListSize: UInt16 = 0x6
        static let enableConnectProtocol: UInt16 = 0x8
        static let noPriorities: UInt16 = 0x9
    }

    init(_ header: FrameHeader, _ payload: UnsafeRawBufferPointer) {
        isAcknowledgement = header.has(FrameFlag.acknowledgement)
        self.payload = payload
    }

    var count: Int { payload.count / Self.entrySize }

    subscript(index: Int) -> (identifier: UInt16, value: UInt32) {
        let start = index * Self.entrySize
        return (
            UInt16(bigEndian: payload.loadUnaligned(fromByteOffset: start, as: UInt16.self)),
            UInt32(bigEndian: payload.loadUnaligned(fromByteOffset: start + 2, as: UInt32.self))
        )
    }

    static func write(_ entries: [(identifier: UInt16, value: UInt32)], to output: inout ByteRun) {
        output.append(FrameHeader(length: entries.count * entrySize, type: FrameType.settings))
        for (identifier, value) in entries {
            output.append(identifier)
            output.append(value)
        }
    }

    static func writeAcknowledgement(to output: inout ByteRun) {
        output.append(FrameHeader(length: 0, type: FrameType.settings, flags: FrameFlag.acknowledgement))
    }
}
