/// The connection is lost: the peer broke the protocol, or a limit that guards against floods.
public struct HTTP2ConnectionError: Error, Sendable, Equatable {
    /// The error code of the GOAWAY (RFC 9113 §7).
    public var code: UInt32
    /// What was wrong, for logs: lower case, without secrets.
    public var reason: String

    public init(code: UInt32, reason: String) {
        self.code = code
        self.reason = reason
    }
}

/// Why no stream was opened. Nothing was sent in any case, so the request may go elsewhere.
public enum HTTP2StreamError: Error, Sendable, Equatable {
    /// A GOAWAY came or went, or the connection failed.
    case goingAway
    /// As many streams are open as the peer allows.
    case streamLimit
    /// All 2^30 ids are used up: open another connection.
    case idsExhausted
    /// The header list is larger than the peer, or this session, takes.
    case headTooLarge(limit: Int)
}

/// Error codes that the session itself uses (RFC 9113 §7).
enum ErrorCode {
    static let noError: UInt32 = 0x0
    static let protocolError: UInt32 = 0x1
    static let internalError: UInt32 = 0x2
    static let flowControlError: UInt32 = 0x3
    static let streamClosed: UInt32 = 0x5
    static let frameSizeError: UInt32 = 0x6
    static let refusedStream: UInt32 = 0x7
    static let compressionError: UInt32 = 0x9
    static let enhanceYourCalm: UInt32 = 0xb
}
