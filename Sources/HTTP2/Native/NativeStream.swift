import Bytes

/// One stream, from its HEADERS or `openStream` to its end.
struct NativeStream: ~Copyable, TabledStream {
    typealias Pointer = UnsafeMutablePointer<NativeStream>

    let id: Int32
    var next: Pointer?

    /// Its neighbours in the list that `place` names.
    var before: Pointer?
    var after: Pointer?
    var place = Place.nowhere

    var state = StreamState.open
    var marks = Marks()
    var message = IncomingMessage()
    var sendWindow = SendWindow()
    var receiveWindow = ReceiveWindow(size: SendWindow.initial, known: SendWindow.initial)

    /// Heads that were given and not sent: interim ones, of which few services have any, and the final one.
    var interims: [Fields] = []
    var head: Fields?
    var outbound = OutboundQueue()
    /// Trailers that wait behind `outbound`.
    var trailers: Fields?

    /// Bytes that were handed out and not consumed.
    var unconsumed = 0
    /// What the memory around those bytes is charged with (`HTTP2Limits.maxHeldBytes`).
    var charged = 0

    init(id: Int32) {
        self.id = id
    }

    /// Where a stream waits to be served.
    enum Place: UInt8 {
        /// It has nothing to send, or its own window holds it back.
        case nowhere
        case ready
        /// The connection's window holds it back.
        case stalled
    }

    struct Marks: OptionSet {
        let rawValue: UInt8

        /// Our final head was given.
        static let gaveHead = Marks(rawValue: 1)
        /// Our final head was sent.
        static let sentHead = Marks(rawValue: 2)
        /// The final head is all of our message.
        static let endsWithHead = Marks(rawValue: 4)
        /// Nothing may be queued any more.
        static let queuedEnd = Marks(rawValue: 8)
        /// `outbound` reached the high mark and has not been down at the low one since.
        static let isFull = Marks(rawValue: 16)
        /// We want no more of what the peer sends: a reset with NO_ERROR waits for our end to be sent.
        static let isDeaf = Marks(rawValue: 32)
        /// An interim head is sent before the final one was given.
        static let hasInterims = Marks(rawValue: 64)
    }

    /// There is something to send that the stream's own window lets out.
    var isSendable: Bool {
        guard state.isLocalOpen else { return false }
        if head != nil || marks.contains(.hasInterims) { return true }
        guard marks.contains(.sentHead) else { return false }
        return outbound.isEmpty ? marks.contains(.queuedEnd) : sendWindow.available > 0
    }
}
