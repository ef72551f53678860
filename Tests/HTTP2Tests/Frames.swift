import HTTP2

/// HTTP/2 frames made by hand, right or wrong, and read back from a session's output.
struct Frame: Equatable, CustomStringConvertible {
    var type: UInt8
    var flags: UInt8
    var stream: UInt32
    var payload: [UInt8]

    init(_ type: UInt8, _ flags: UInt8 = 0, on stream: UInt32 = 0, _ payload: [UInt8] = []) {
        self.type = type
        self.flags = flags
        self.stream = stream
        self.payload = payload
    }

    var bytes: [UInt8] {
        let length = UInt32(payload.count)
        return Array(big(length).dropFirst()) + [type, flags] + big(stream) + payload
    }

    /// What matters of a frame that a session answers with.
    var description: String {
        switch type {
        case 3: "rst \(stream) \(word(payload[...]))"
        case 7: "goaway \(word(payload[...])) \(word(payload.dropFirst(4)))"
        case 6: flags == 1 ? "pong" : "ping"
        case 1: "headers \(stream)"
        case 0: "data \(stream)"
        case 4: flags == 1 ? "settings ack" : "settings"
        case 8: "window \(stream)"
        default: "frame \(type)"
        }
    }

    static let end: UInt8 = 1
    static let endHeaders: UInt8 = 4

    static func data(_ stream: UInt32, _ text: String = "", end: Bool = false) -> Frame {
        Frame(0, end ? Self.end : 0, on: stream, Array(text.utf8))
    }

    static func headers(_ stream: UInt32, _ fields: [(String, String)] = goodHead, end: Bool = true) -> Frame {
        Frame(1, endHeaders | (end ? Self.end : 0), on: stream, hpack(fields))
    }

    static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> Frame { Frame(3, on: stream, big(code)) }
    static func settings(_ entries: [(UInt16, UInt32)] = []) -> Frame {
        Frame(4, on: 0, entries.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 0xFF)] + big($0.1) })
    }
    static let settingsAck = Frame(4, 1)
    static let ping = Frame(6, on: 0, [1, 2, 3, 4, 5, 6, 7, 8])
    static func window(_ stream: UInt32, _ increment: UInt32) -> Frame { Frame(8, on: stream, big(increment)) }

    static let goodHead = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a")]
}

let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

func big(_ word: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
}

func word(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
}

/// Literals without indexing and without Huffman coding (RFC 7541 §6.2.2).
func hpack(_ fields: [(String, String)]) -> [UInt8] {
    fields.flatMap { [0x00] + string($0.0) + string($0.1) }
}

private func string(_ text: String) -> [UInt8] {
    var length = text.utf8.count
    guard length >= 127 else { return [UInt8(length)] + Array(text.utf8) }
    var bytes: [UInt8] = [127]
    length -= 127
    while length >= 128 {
        bytes.append(UInt8(length & 127) | 128)
        length >>= 7
    }
    return bytes + [UInt8(length)] + Array(text.utf8)
}

/// The frames in a run of bytes, which must be whole ones.
func frames(_ bytes: [UInt8]) -> [Frame] {
    var frames: [Frame] = []
    var rest = bytes[...]
    while rest.count >= 9 {
        let length = Int(word([0] + rest.prefix(3)))
        let header = Array(rest.prefix(9))
        frames.append(Frame(header[3], header[4], on: word(header[5...]), Array(rest.dropFirst(9).prefix(length))))
        rest = rest.dropFirst(9 + length)
    }
    precondition(rest.isEmpty, "a session wrote half a frame")
    return frames
}

/// A session whose peer is made of frames by hand.
final class Lone {
    let session: HTTP2Session
    var heard: [String] = []
    var error: HTTP2ConnectionError?

    /// Past its preface, and its SETTINGS acknowledged.
    init(_ role: HTTP2Session.Role, settings: HTTP2Settings = HTTP2Settings(), limits: HTTP2Limits = HTTP2Limits()) {
        session = makeSession(role, settings: settings, limits: limits)
        send((role == .server ? preface : []) + Frame.settings().bytes + Frame.settingsAck.bytes)
        _ = output(of: session)
        heard = []
    }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Lone {
        let thrown = receive(bytes, session)
        if error == nil { error = thrown }
        while let event = session.nextEvent() { heard.append(describe(event)) }
        return self
    }

    @discardableResult
    func send(_ frames: Frame...) -> Lone { send(frames.flatMap(\.bytes)) }

    /// What the session answers, without what it always sends.
    func answers() -> [String] {
        let bytes = output(of: session)
        while let event = session.nextEvent() { heard.append(describe(event)) }
        return frames(bytes).map(\.description)
    }
}
