import Bytes
public import Exchange
public import ProtoWire
import Synchronization
public import Timebase

/// One call, as its handler sees it: who calls, with what, until when.
///
/// Given on to a stub (`in: call`), it hands down the deadline, the request's id and the trace. Cancellation goes down by
/// itself, with the handler's task.
public final class Call: Sendable {
    public let method: MethodDescriptor
    public let peer: Peer
    /// The caller gives up at this time of the loops' clock. Nil if it said nothing.
    public let deadline: Instant?
    let head: Fields
    private let cancelled = Atomic<Bool>(false)
    /// Most calls never touch what follows, and then nobody takes its lock.
    private let hasResponse = Atomic<Bool>(false)
    private let response = Mutex(ResponseMetadata())

    struct ResponseMetadata: Sendable {
        var initial = Metadata()
        var trailing = Metadata()
    }

    init(method: MethodDescriptor, head: Fields, peer: Peer, deadline: Instant?) {
        self.method = method
        self.head = head
        self.peer = peer
        self.deadline = deadline
    }

    /// A call that no peer made: for a process's own jobs, which call others, and for tests of handlers.
    public convenience init(
        requestID: String = "", deadline: Instant? = nil, metadata: Metadata = Metadata(),
        peer: Peer = Peer(address: "")
    ) {
        var head = metadata.fields
        if !requestID.isEmpty { head.append(.requestID, requestID) }
        self.init(method: Call.none, head: head, peer: peer, deadline: deadline)
    }

    private static let none = MethodDescriptor(path: "", name: "", kind: .unary, isIdempotent: false)

    /// What the caller sent beside messages.
    public var metadata: Metadata { Metadata(received: head) }
    /// The id that ties the log lines of one request together; empty if nobody gave it one.
    public var requestID: String { head[.requestID] ?? "" }
    /// The W3C trace context that the caller sent, if any.
    public var traceParent: String? { head[.traceParent] }
    /// Who calls: the identity of the verified certificate, or what this instance's own sidecar vouches for.
    public var caller: String? { peer.identity ?? head[.weftCaller] }

    /// The caller left, or its deadline passed. The handler's task is cancelled too.
    public var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// Sent before the first reply. Setting it later does nothing.
    public var responseMetadata: Metadata {
        get { response.withLock { $0.initial } }
        set {
            response.withLock { $0.initial = newValue }
            hasResponse.store(true, ordering: .releasing)
        }
    }

    /// Sent after the last reply, with the status.
    public var responseTrailers: Metadata {
        get { response.withLock { $0.trailing } }
        set {
            response.withLock { $0.trailing = newValue }
            hasResponse.store(true, ordering: .releasing)
        }
    }

    /// What the handler wants sent beside messages; nil if it said nothing.
    var responseFields: (initial: Fields, trailing: Fields)? {
        guard hasResponse.load(ordering: .acquiring) else { return nil }
        return response.withLock { ($0.initial.fields, $0.trailing.fields) }
    }

    func cancel() {
        cancelled.store(true, ordering: .relaxed)
    }
}
