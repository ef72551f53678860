import Synchronization
import Timebase

/// How one call is made.
public struct CallOptions: Sendable {
    /// The call may take so long. The deadline of `in: call` holds as well: the earlier one counts.
    public var timeout: Duration?
    /// Sent before the first message.
    public var metadata: Metadata
    /// Takes what the service sent beside messages.
    public var record: CallRecord?

    public init(
        timeout: Duration? = nil, metadata: Metadata = Metadata(), record: CallRecord? = nil
    ) {
        self.timeout = timeout
        self.metadata = metadata
        self.record = record
    }
}

/// What a service sent beside messages: the caller makes one, gives it to a call, and looks at it afterwards.
public final class CallRecord: Sendable {
    private let state = Mutex((initial: Metadata(), trailing: Metadata()))

    public init() {}

    /// What came before the first message.
    public var metadata: Metadata { state.withLock { $0.initial } }
    /// What came with the status.
    public var trailers: Metadata { state.withLock { $0.trailing } }

    func set(initial: Metadata) {
        state.withLock { $0.initial = initial }
    }

    func set(trailing: Metadata) {
        state.withLock { $0.trailing = trailing }
    }
}
