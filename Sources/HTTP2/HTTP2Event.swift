public import Bytes

/// What happened on an HTTP/2 connection, in the order in which it happened.
public enum HTTP2Event: Sendable {
    /// A request began (server), or the final response did (client).
    case head(stream: Int32, Fields, end: Bool)
    /// An interim (1xx) response; the final one follows.
    case interim(stream: Int32, Fields)
    /// Bytes of a body. Give them back with `consume`. The chunk may be empty, if all that came was the end.
    case chunk(Int32, Chunk, end: Bool)
    /// Trailers, and with them the peer's end.
    case trailers(Int32, Fields)
    /// What was queued on the stream fell to the low mark after it had reached the high one.
    case drained(Int32)
    /// The stream broke off. `byPeer` is also true for a stream above the last id of the peer's GOAWAY; its code is then
    /// REFUSED_STREAM: the peer did not process it.
    case reset(Int32, code: UInt32, byPeer: Bool)
    /// Both halves of the stream ended.
    case closed(Int32)
    /// The peer stops taking streams. Those of ours above `lastStream` end with `reset` right after.
    case goAway(lastStream: Int32, code: UInt32, debug: [UInt8])
    /// A PING of the peer, which the session acknowledges by itself; for who counts them.
    case ping(UInt64)
    case pingAck(UInt64)
    /// The peer's settings changed; the first one completes its preface.
    case settings(HTTP2PeerSettings)
}

/// What the peer's SETTINGS say now (RFC 9113 §6.5.2).
public struct HTTP2PeerSettings: Sendable, Equatable {
    public var maxConcurrentStreams: Int
    public var initialWindow: Int
    public var maxFrameSize: Int
    /// The header list that the peer is willing to take; nil if it does not say.
    public var maxHeaderListSize: Int?

    public init(maxConcurrentStreams: Int, initialWindow: Int, maxFrameSize: Int, maxHeaderListSize: Int?) {
        self.maxConcurrentStreams = maxConcurrentStreams
        self.initialWindow = initialWindow
        self.maxFrameSize = maxFrameSize
        self.maxHeaderListSize = maxHeaderListSize
    }
}
