public import Compression
public import Exchange
import Synchronization
import Timebase

/// How one call is made.
public struct CallOptions: Sendable {
    /// The call may take so long. An inherited deadline holds as well: the earlier one counts.
    public var timeout: Duration?
    /// Sent before the first message. What stands here is not inherited as well.
    public var metadata: Metadata
    /// Takes what the service sent beside messages.
    public var record: CallRecord?
    /// How requests are compressed. The service must know it: one that does not answers UNIMPLEMENTED and says what it knows.
    ///
    /// In a stream, `requests.write(request, compressed: false)` sends one as it is. Replies may be compressed in any way that
    /// this runtime reads, whatever stands here: that is the service's choice.
    public var compression: MessageEncoding
    /// The call waits until there is a connection, within its deadline, where it would fail at once because there is none
    /// (gRPC, "Wait for ready"). Nil leaves it to the client's configuration.
    public var waitsForReady: Bool?
    /// A larger request is not sent; nil for no limit.
    public var maxRequestBytes: Int?
    /// A larger reply is refused before it is read; nil for the channel's own limit.
    public var maxReplyBytes: Int?
    /// How bad it is if the call is not answered; nil inherits it from the call whose handler makes this one.
    public var criticality: Criticality?

    public init(
        timeout: Duration? = nil, metadata: Metadata = Metadata(), record: CallRecord? = nil,
        compression: MessageEncoding = .identity, waitsForReady: Bool? = nil, maxRequestBytes: Int? = nil,
        maxReplyBytes: Int? = nil, criticality: Criticality? = nil
    ) {
        self.timeout = timeout
        self.metadata = metadata
        self.record = record
        self.compression = compression
        self.waitsForReady = waitsForReady
        self.maxRequestBytes = maxRequestBytes
        self.maxReplyBytes = maxReplyBytes
        self.criticality = criticality
    }
}

/// What a service sent beside messages: the caller makes one, gives it to a call, and looks at it afterwards.
public final class CallRecord: Sendable {
    private let state = Mutex(State())

    private struct State {
        var initial = Metadata()
        var trailing = Metadata()
        var replyWasCompressed = false
    }

    public init() {}

    /// What came before the first message.
    public var metadata: Metadata { state.withLock { $0.initial } }
    /// What came with the status.
    public var trailers: Metadata { state.withLock { $0.trailing } }
    /// The reply's message was compressed; in a stream, the one that was taken last.
    public var replyWasCompressed: Bool { state.withLock { $0.replyWasCompressed } }

    func set(initial: Metadata) {
        state.withLock { $0.initial = initial }
    }

    func set(trailing: Metadata) {
        state.withLock { $0.trailing = trailing }
    }

    func set(replyWasCompressed: Bool) {
        state.withLock { $0.replyWasCompressed = replyWasCompressed }
    }
}
