/// What the peer's SETTINGS say, or the protocol where they are silent (RFC 9113 §6.5.2).
struct PeerSettings {
    var maxConcurrentStreams: Int
    var initialWindow = SendWindow.initial
    var maxFrameSize = Self.leastFrameSize
    /// The header list that it is willing to take; nil if it does not say.
    var maxHeaderListSize: Int?
    /// Its SETTINGS came.
    var isKnown = false

    static let leastFrameSize = 16_384
    static let mostFrameSize = 16_777_215

    init(presumedStreams: Int) {
        maxConcurrentStreams = presumedStreams
    }

    var snapshot: HTTP2PeerSettings {
        HTTP2PeerSettings(
            maxConcurrentStreams: maxConcurrentStreams, initialWindow: Int(initialWindow), maxFrameSize: maxFrameSize,
            maxHeaderListSize: maxHeaderListSize)
    }
}
