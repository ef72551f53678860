import Bytes
import Timebase

/// The state behind a `NativeEngine`: all of a connection, in plain structs.
///
/// A struct behind a pointer and not the class itself, with streams behind pointers too: what runs for each frame neither
/// counts references nor checks exclusivity. One extension a theme: receiving, header blocks, sending, settings, the
/// connection's own frames, and the ends of streams.
struct NativeCore: ~Copyable {
    let limits: HTTP2Limits
    let settings: HTTP2Settings
    let isClient: Bool

    var streams = StreamTable<NativeStream>()
    var events = EventQueue()
    var decoder: HPACKDecoder
    var encoder = HPACKEncoder()
    var floods: FloodGuard

    // What comes in.

    var reading: Reading
    /// What a read left of a frame's header, or of a payload that is judged as a whole.
    var partial = ByteRun()
    /// The first frame of the peer's preface must be SETTINGS (RFC 9113 §3.4).
    var awaitsSettings = true
    /// A header block whose CONTINUATION is awaited: nothing else may come (§6.10).
    var openBlock: OpenBlock?
    var blockBytes = ByteRun()
    /// The chunk that is being read, if it is one: large payloads are handed on as parts of it.
    var source: Chunk?

    /// Bytes of chunks that nobody consumed, on all streams, with what their memory is charged with, and how many bytes the
    /// connection's window waits for.
    var held = 0
    var owed = 0
    var receiveWindow: ReceiveWindow
    /// What a new stream's window is: ours from when the peer acknowledged it, the protocol's before.
    var streamWindow = SendWindow.initial
    /// SETTINGS of ours that the peer has not acknowledged.
    var settingsUnderWay = 0

    // What goes out.

    /// Frames of the connection, and those that give window back or reset: they go before all others.
    var control = ByteRun()
    var ready = SendList(.ready)
    var stalled = SendList(.stalled)
    var sendWindow = SendWindow()
    var peer: PeerSettings

    // Which streams there were.

    /// The highest id that the peer used.
    var highestSeen: Int32 = 0
    /// The highest one that was announced.
    var lastTaken: Int32 = 0
    /// The id of the next stream of ours; above what 31 bits hold when there is none.
    var nextStream: Int64 = 1
    /// Streams that we reset, or never took, while the peer could still send on them.
    var discarded = RecentStreams(capacity: 128)
    /// Streams that the peer ended or reset.
    var ended = RecentStreams(capacity: 16)

    /// The last stream of our own GOAWAY, from when it was queued: a later request must not be begun, because the peer is
    /// told that it was not.
    var ownLastStream = Int32.max
    var didSendGoAway = false
    /// The last stream of the peer's GOAWAY.
    var peerLastStream: Int32?

    /// Why the connection is lost, once it is.
    var failure: HTTP2ConnectionError?
    /// The failure was thrown: nothing is done any more but to hand out what is in `control`.
    var isOver = false

    init(role: HTTP2Session.Role, settings: HTTP2Settings, limits: HTTP2Limits) {
        self.limits = limits
        self.settings = settings
        isClient = role == .client
        reading = role == .client ? .header : .preface(0)
        floods = FloodGuard(limits)
        decoder = HPACKDecoder(listLimit: limits.maxHeaderList)
        peer = PeerSettings(presumedStreams: limits.presumedPeerStreams)
        let window = Int32(clamping: settings.connectionWindow)
        receiveWindow = ReceiveWindow(size: window, known: SendWindow.initial)
        sayHello()
    }

    // MARK: Events and failures

    /// Queues an event.
    @inline(__always)
    mutating func emit(_ event: consuming HTTP2Event) throws(Violation) {
        guard events.count < limits.maxEvents else {
            throw .connection(ErrorCode.enhanceYourCalm, "too many events were left untaken")
        }
        events.append(event)
    }

    /// Queues an event outside of `receive`: one too many is noted, and costs the connection with the next bytes.
    mutating func note(_ event: consuming HTTP2Event) {
        guard events.count < limits.maxEvents else {
            fail(ErrorCode.enhanceYourCalm, "too many events were left untaken")
            return
        }
        events.append(event)
    }

    /// Notes the first thing that lost the connection.
    mutating func fail(_ code: UInt32, _ reason: String) {
        if failure == nil {
            failure = HTTP2ConnectionError(code: code, reason: reason)
        }
    }

    /// Ends everything: streams are forgotten without events, and the peer gets a GOAWAY.
    mutating func giveUp(_ failure: HTTP2ConnectionError) {
        isOver = true
        ready = SendList(.ready)
        stalled = SendList(.stalled)
        streams.removeAll()
        partial.removeAll()
        blockBytes.removeAll()
        writeGoAway(lastStream: min(lastTaken, ownLastStream), code: failure.code, debug: failure.reason)
    }
}

/// Where in the peer's bytes the session is.
///
///     preface (server) ──▶ header ──DATA──▶ data ──▶ header
///                            ├──other──▶ payload ──▶ header
///                            └──unknown──▶ skipping ──▶ header
///
/// DATA is handed on as it comes and unknown frames are read over; all others are gathered in `partial` if a read cut them.
enum Reading {
    /// So many octets of the client's preface matched.
    case preface(Int)
    case header
    case data(DataFrame)
    case payload(FrameHeader)
    /// So many octets of a frame that nobody knows are left.
    case skipping(Int)
}

/// A header block that is coming in (RFC 9113 §4.3).
struct OpenBlock {
    let stream: Int32
    let isEnd: Bool
    /// The stream said that it depends on itself.
    let isSelfDependent: Bool
    var continuations = 0
}
