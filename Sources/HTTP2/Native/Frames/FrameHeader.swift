/// The nine octets in front of every frame (RFC 9113 §4.1).
///
///     length (24) │ type (8) │ flags (8) │ reserved (1) + stream (31) │ payload (length × 8)
struct FrameHeader {
    var length: Int
    var type: UInt8
    var flags: UInt8
    var stream: Int32

    static let size = 9

    init(length: Int, type: UInt8, flags: UInt8 = 0, stream: Int32 = 0) {
        self.length = length
        self.type = type
        self.flags = flags
        self.stream = stream
    }

    /// Reads `size` octets. The reserved bit is ignored, as it must be.
    @inline(__always)
    init(_ bytes: UnsafeRawPointer) {
        let first = UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))
        length = Int(first >> 8)
        type = UInt8(truncatingIfNeeded: first)
        flags = bytes.load(fromByteOffset: 4, as: UInt8.self)
        let word = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 5, as: UInt32.self))
        stream = Int32(bitPattern: word & 0x7FFF_FFFF)
    }

    /// Writes `size` octets.
    @inline(__always)
    func write(to bytes: UnsafeMutableRawPointer) {
        let first = UInt32(truncatingIfNeeded: length) << 8 | UInt32(type)
        bytes.storeBytes(of: first.bigEndian, as: UInt32.self)
        bytes.storeBytes(of: flags, toByteOffset: 4, as: UInt8.self)
        bytes.storeBytes(of: UInt32(bitPattern: stream).bigEndian, toByteOffset: 5, as: UInt32.self)
    }

    func has(_ flag: UInt8) -> Bool { flags & flag != 0 }

    /// Judges what the header alone tells, before anything of the payload is kept: its size, and whether the frame is the
    /// connection's or a stream's (RFC 9113 §6).
    func check() throws(Violation) {
        switch type {
        case FrameType.data, FrameType.headers: try checkPlace(onStream: true)
        case FrameType.priority:
            guard length == PriorityFrame.size else {
                throw .stream(ErrorCode.frameSizeError, "PRIORITY of a wrong size")
            }
            try checkPlace(onStream: true)
        case FrameType.reset: try check(length == ResetFrame.size, onStream: true)
        case FrameType.settings:
            let isWhole = has(FrameFlag.acknowledgement) ? length == 0 : length.isMultiple(of: SettingsFrame.entrySize)
            try check(isWhole, onStream: false)
        case FrameType.ping: try check(length == PingFrame.size, onStream: false)
        case FrameType.goAway: try check(length >= GoAwayFrame.leastSize, onStream: false)
        case FrameType.windowUpdate: try check(length == WindowUpdateFrame.size, onStream: stream != 0)
        case FrameType.pushPromise:
            // We promise nobody anything (§8.4), and tell every server not to push.
            throw .connection(ErrorCode.protocolError, "PUSH_PROMISE, which is switched off")
        default: break
        }
    }

    private func check(_ isOfItsSize: Bool, onStream: Bool) throws(Violation) {
        guard isOfItsSize else { throw .connection(ErrorCode.frameSizeError, "\(name) of a wrong size") }
        try checkPlace(onStream: onStream)
    }

    private func checkPlace(onStream: Bool) throws(Violation) {
        guard onStream == (stream != 0) else {
            throw .connection(ErrorCode.protocolError, onStream ? "\(name) on stream 0" : "\(name) on a stream")
        }
    }

    private var name: StaticString {
        switch type {
        case FrameType.data: "DATA"
        case FrameType.headers: "HEADERS"
        case FrameType.priority: "PRIORITY"
        case FrameType.reset: "RST_STREAM"
        case FrameType.settings: "SETTINGS"
        case FrameType.ping: "PING"
        case FrameType.goAway: "GOAWAY"
        case FrameType.windowUpdate: "WINDOW_UPDATE"
        default: "a frame"
        }
    }
}

/// The types of frames (RFC 9113 §6). Every other one is read over (§4.1).
enum FrameType {
    static let data: UInt8 = 0x0
    static let headers: UInt8 = 0x1
    static let priority: UInt8 = 0x2
    static let reset: UInt8 = 0x3
    static let settings: UInt8 = 0x4
    static let pushPromise: UInt8 = 0x5
    static let ping: UInt8 = 0x6
    static let goAway: UInt8 = 0x7
    static let windowUpdate: UInt8 = 0x8
    static let continuation: UInt8 = 0x9
}

/// Flags of frames (RFC 9113 §6). What a type does not define is ignored.
enum FrameFlag {
    static let acknowledgement: UInt8 = 0x1
    static let endStream: UInt8 = 0x1
    static let endHeaders: UInt8 = 0x4
    static let padded: UInt8 = 0x8
    static let priority: UInt8 = 0x20
}

/// What is wrong with what the peer sent: it costs the connection, or one stream (RFC 9113 §5.4).
struct Violation: Error {
    enum Reach {
        case connection, stream
    }

    let reach: Reach
    /// The code of the GOAWAY or RST_STREAM that answers it (§7).
    let code: UInt32
    let reason: String

    static func connection(_ code: UInt32, _ reason: String) -> Violation {
        Violation(reach: .connection, code: code, reason: reason)
    }

    static func stream(_ code: UInt32, _ reason: String) -> Violation {
        Violation(reach: .stream, code: code, reason: reason)
    }
}
