/// What we tell the peer in SETTINGS (RFC 9113 §6.5.2), and the window of the connection.
public struct HTTP2Settings: Sendable, Equatable {
    /// Streams that the peer may have open at once. A loop serves some thousand calls at a time well; the number is per
    /// connection, and a sidecar has few connections.
    public var maxConcurrentStreams = 1000
    /// Bytes that the peer may send on a stream before we consume: a megabyte keeps a 1 Gbit/s path of 8 ms full.
    public var initialWindow = 1 << 20
    /// Bytes that the peer may send on the connection before we give window back.
    public var connectionWindow = 16 << 20
    /// The protocol's least: bigger frames make other streams wait.
    public var maxFrameSize = 16_384
    /// Bytes of the decoder's dynamic table: the protocol's default.
    public var headerTableSize = 4096
    /// The header list that we ask the peer to stay under. What is larger is still taken, up to
    /// `HTTP2Limits.maxHeaderList`.
    public var maxHeaderListSize = 16 << 10

    public init() {}
}

/// What a peer may make this session spend, and when it answers with a reset or the end of the connection.
public struct HTTP2Limits: Sendable, Equatable {
    /// A header list above this resets its stream (ENHANCE_YOUR_CALM).
    public var maxHeaderList = 64 << 10
    /// CONTINUATION frames in one header block: a full list of the size above needs four (CVE-2024-28182).
    public var maxContinuations = 8
    /// Streams that the peer may reset at once and per second after, above what callers that run out of time do
    /// (CVE-2023-44487).
    public var resetBurst = 1000
    public var resetsPerSecond = 100
    /// Stream errors of the peer's making that are not paid off by streams that ended well (CVE-2025-8671).
    public var maxFaults = 100
    /// PING and SETTINGS acknowledgements that wait because the peer sends and does not read (CVE-2019-9512, -9515).
    public var maxQueuedAcks = 1000
    /// Entries in one SETTINGS frame.
    public var maxSettings = 32
    /// DATA frames in a row without a byte and without an end (CVE-2019-9518).
    public var maxEmptyFrames = 100
    /// Events that nobody took. One read of a socket makes far fewer, so this stops a driver that does not obey the law.
    public var maxEvents = 1 << 17
    /// Debug data of a GOAWAY that is kept.
    public var maxDebugData = 1024

    /// Bytes of chunks that were handed out and not consumed, above which the connection's window stays closed.
    ///
    /// A stream's window is given back by `consume` alone, so a slow reader stops its own sender. The connection's window
    /// is given back when bytes arrive, as grpc-go does, so that some slow streams (16 here, by the default settings) do
    /// not starve all the others, as they do where both windows are given back together (nghttpx, Envoy). This bound is
    /// what then keeps the memory in hand: above it, connection window is given back only as bytes are consumed.
    public var maxHeldBytes = 64 << 20

    /// At this many queued bytes a stream has no room left...
    public var highMark = 256 << 10
    /// ...and at this many it has room again, and `drained` says so: enough to fill the time until more is sent.
    public var lowMark = 64 << 10

    /// Streams that a client opens before the peer's SETTINGS came (RFC 9113 §6.5.2 advises at least 100).
    public var presumedPeerStreams = 100
    /// The largest header list that we send.
    public var maxSentHeaderList = 64 << 10

    public init() {}
}
