import Bytes

/// One stream as the engine sees it, from its first header field or `openStream` to its end.
struct NGHTTP2Stream: TabledStream {
    let id: Int32
    var next: UnsafeMutablePointer<NGHTTP2Stream>?

    /// The header block that is coming in.
    var block = Fields()
    var outbound = OutboundQueue()
    /// Trailers that wait behind `outbound`.
    var trailers: Fields?
    /// Bytes that were handed out and not consumed.
    var unconsumed = 0

    /// Whoever uses the session knows of the stream, so it must hear of its end.
    var isAnnounced = false
    /// The peer's (final) head came: the next block is trailers.
    var hasHead = false
    /// The block is too large: drop it, the stream is being reset.
    var isRefused = false
    /// We want no more of what the peer sends: a reset with NO_ERROR waits for our end to be sent.
    var isDeaf = false
    var wasResetByPeer = false
    /// The peer's fault on this stream was counted.
    var isFaulty = false
    /// Our final head was submitted.
    var didSendHead = false
    /// Nothing may be queued any more.
    var didQueueEnd = false
    var didSendEnd = false
    /// The library stopped asking for data and must be told when there is some.
    var isDeferred = false
    /// `outbound` reached the high mark and has not been down at the low one since.
    var isFull = false

    init(id: Int32) {
        self.id = id
    }
}
