import Bytes
import CNghttp2

/// The state behind an `NGHTTP2Engine`, which the library's callbacks reach through its pointer.
///
/// A struct behind a pointer and not the class itself: the callbacks run some ten times per call, and neither count
/// references nor check exclusivity. Methods here may submit things to the library, which calls nothing back; only
/// `NGHTTP2Engine` calls what does (`mem_recv`, `mem_send`), and never from inside one of these methods.
struct NGHTTP2Core: ~Copyable {
    let limits: HTTP2Limits
    let isClient: Bool
    /// Set right after `init`, since the library wants this struct's address to make a session.
    var session: OpaquePointer?

    var streams = StreamTable<NGHTTP2Stream>()
    var events = EventQueue()

    /// Bytes of chunks that nobody consumed, on all streams, and how many of them the connection's window waits for.
    var held = 0
    var owed = 0

    /// Where output goes while `takeOutput` runs.
    var sink: ((UnsafeRawBufferPointer) -> Void)?
    var sinkLimit = 0
    var sunk = 0
    /// `sendData` stopped the library because the limit was reached.
    var isPaused = false

    /// Why the connection is lost, once it is.
    var failure: HTTP2ConnectionError?
    /// The failure was thrown: nothing is done any more but to hand out what is in `early`.
    var isOver = false
    /// The peer got a GOAWAY with the failure's code.
    var didTellPeer = false
    /// Frames that were taken from the library before anybody asked for output: they go out first.
    var early: [UInt8] = []
    /// Only frames that are no DATA are taken now.
    var isCollecting = false
    /// Acknowledgements that the library queued during this `receive`.
    var acks = 0

    var didSendGoAway = false
    /// The last stream of our own GOAWAY, which counts from when it was submitted: a later request must not be begun,
    /// because the peer will be told that it was not.
    var ownLastStream = Int32.max
    /// The last stream of the peer's GOAWAY.
    var peerLastStream: Int32?
    /// GOAWAYs that we submitted ourselves and that have not been sent; another one is the library's judgement.
    var goAwaysUnderWay = 0

    var emptyFrames = 0
    var didSeePayload = false
    var faults = 0

    /// Chunks of at least this many bytes are sent from where they are; less is copied into the library's frame buffer,
    /// which saves a callback and lets small chunks share a frame.
    static let borrowable = 4096

    init(limits: HTTP2Limits, isClient: Bool) {
        self.limits = limits
        self.isClient = isClient
    }

    // MARK: Events and failures

    /// Queues an event; false if nobody takes them.
    mutating func emit(_ event: consuming HTTP2Event) -> Bool {
        guard events.count < limits.maxEvents else {
            fail(ErrorCode.enhanceYourCalm, "too many events were left untaken")
            return false
        }
        events.append(event)
        return true
    }

    /// Notes the first thing that lost the connection.
    mutating func fail(_ code: UInt32, _ reason: String) {
        if failure == nil {
            failure = HTTP2ConnectionError(code: code, reason: reason)
        }
    }

    // MARK: Windows

    /// Notes that `count` bytes were handed out on a stream.
    mutating func hold(_ count: Int) {
        held += count
        owed += count
        settleConnectionWindow()
    }

    /// Notes that `count` held bytes are no longer.
    mutating func unhold(_ count: Int) {
        held -= count
        settleConnectionWindow()
    }

    /// Gives the connection's window back for all but what is held above the limit (`HTTP2Limits.maxHeldBytes`).
    private mutating func settleConnectionWindow() {
        let due = owed - max(0, held - limits.maxHeldBytes)
        guard due > 0 else { return }
        owed -= due
        nghttp2_session_consume_connection(session, due)
    }

    // MARK: Ends of streams

    /// Forgets a stream; its id is stale from here on.
    mutating func forget(_ stream: UnsafeMutablePointer<NGHTTP2Stream>) {
        if stream.pointee.unconsumed > 0 {
            unhold(stream.pointee.unconsumed)
        }
        streams.remove(stream)
    }

    /// Resets a stream from our side and says so at once.
    mutating func abandon(_ stream: UnsafeMutablePointer<NGHTTP2Stream>, code: UInt32) {
        let id = stream.pointee.id
        let isAnnounced = stream.pointee.isAnnounced
        nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, code)
        forget(stream)
        if isAnnounced {
            _ = emit(.reset(id, code: code, byPeer: false))
        }
    }
}
