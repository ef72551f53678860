import Bytes
public import Compression
public import Exchange
public import ProtoWire
import Synchronization
public import Timebase

/// One call, as its handler sees it: who calls, with what, until when.
///
/// A stub that is called in the handler's task, or in a task below it, hands down what belongs to the whole request: the
/// deadline, the criticality, the request's id and the trace. Nobody needs to pass the call on for that. Cancellation goes down with the tasks.
public final class Call: Sendable {
    /// The call whose handler runs in this task, or above it. Nil in a process's own jobs.
    ///
    /// Bound once, around the handler (36 to 60 ns); `Task.detached` does not inherit it, as it inherits nothing.
    @TaskLocal public static var current: Call?

    public let method: MethodDescriptor
    public let peer: Peer
    /// The caller gives up at this time of the loops' clock. Nil if it said nothing.
    public let deadline: Instant?
    let head: Fields
    private let flags = Atomic<UInt8>(0)
    /// Most calls never touch what follows, and then nobody takes its lock.
    private let extras = Mutex(Extras())

    private enum Flag {
        static let cancelled: UInt8 = 1
        static let hasExtras: UInt8 = 2
        static let requestWasCompressed: UInt8 = 4
        static let retriesAreSpent: UInt8 = 8
    }

    struct Extras: Sendable {
        var initial = Metadata()
        var trailing = Metadata()
        /// In the place of what the caller sent.
        var metadata: Metadata?
        var compression: MessageEncoding?
        /// In the place of what the caller sent: this process's own span.
        var traceParent: String?
    }

    init(method: MethodDescriptor, head: Fields, peer: Peer, deadline: Instant?) {
        self.method = method
        self.head = head
        self.peer = peer
        self.deadline = deadline
    }

    /// A call that no peer made: for a process's own jobs, which call others, and for tests of handlers.
    ///
    /// Given to a stub (`in: Call()`), it also stands for "inherit nothing".
    public convenience init(
        requestID: String = "", deadline: Instant? = nil, metadata: Metadata = Metadata(),
        peer: Peer = Peer(address: "")
    ) {
        var head = metadata.fields
        if !requestID.isEmpty { head.append(.requestID, requestID) }
        self.init(method: Call.none, head: head, peer: peer, deadline: deadline)
    }

    private static let none = MethodDescriptor(path: "", name: "", kind: .unary, isIdempotent: false)

    // MARK: What the caller sent

    /// What the caller sent beside messages. An interceptor may change what the handler sees of it.
    public var metadata: Metadata {
        get { extrasIfAny?.metadata ?? Metadata(received: head) }
        set { change { $0.metadata = newValue } }
    }
    /// How often the caller's client has sent this call before (gRFC A6).
    public var previousAttempts: Int { head[.grpcPreviousAttempts].flatMap { Int($0) } ?? 0 }
    /// The id that ties the log lines of one request together; empty if nobody gave it one.
    public var requestID: String { head[.requestID] ?? "" }
    /// The W3C trace context that the caller sent, if any.
    public var traceParent: String? { extrasIfAny?.traceParent ?? head[.traceParent] }
    /// What tracing systems sent beside the trace context, if anything (W3C Trace Context §3.3).
    public var traceState: String? { head["tracestate"] }
    /// How bad it is if the call is not answered; nil if nobody said it, which means `.critical`.
    public var criticality: Criticality? { head.withValue(.weftCriticality, Criticality.init) ?? nil }
    /// Who calls: the identity of the verified certificate, or what this instance's own sidecar vouches for.
    public var caller: String? { peer.identity ?? head[.weftCaller] }
    /// The request's message was compressed; in a stream, the one that was taken last.
    public var requestWasCompressed: Bool { has(Flag.requestWasCompressed) }

    /// The caller left, or its deadline passed. The handler's task is cancelled too.
    public var isCancelled: Bool { has(Flag.cancelled) }

    // MARK: What the handler sends beside messages

    /// Sent before the first reply. Setting it later does nothing.
    public var responseMetadata: Metadata {
        get { extrasIfAny?.initial ?? Metadata() }
        set { change { $0.initial = newValue } }
    }

    /// Sent after the last reply, with the status.
    public var responseTrailers: Metadata {
        get { extrasIfAny?.trailing ?? Metadata() }
        set { change { $0.trailing = newValue } }
    }

    /// How the replies are compressed, if the caller accepts it; else they are sent as they are.
    ///
    /// Set before the first reply; later it does nothing. In a stream, `replies.write(reply, compressed: false)` sends one as
    /// it is. Nil stands for the router's own setting, `RouterLimits.compression`.
    public var replyCompression: MessageEncoding? {
        get { extrasIfAny?.compression }
        set { change { $0.compression = newValue } }
    }

    /// Puts a span of this process between the caller's and those of calls that the handler makes.
    package func join(_ trace: TraceParent) {
        change { $0.traceParent = trace.text }
    }

    /// What was said with this call beside messages; nil, without a lock taken, if nothing was.
    var extrasIfAny: Extras? {
        flags.load(ordering: .acquiring) & Flag.hasExtras == 0 ? nil : extras.withLock { $0 }
    }

    private func change(_ body: (inout Extras) -> Void) {
        extras.withLock { body(&$0) }
        flags.bitwiseOr(Flag.hasExtras, ordering: .releasing)
    }

    private func has(_ flag: UInt8) -> Bool { flags.load(ordering: .relaxed) & flag != 0 }

    func cancel() {
        flags.bitwiseOr(Flag.cancelled, ordering: .relaxed)
    }

    /// A call that the handler made failed, and was tried as often as is useful. If the handler fails too, its caller's side
    /// hears of that: only the layer nearest to a failure repeats calls.
    var retriesAreSpent: Bool { has(Flag.retriesAreSpent) }

    func noteSpentRetries() {
        flags.bitwiseOr(Flag.retriesAreSpent, ordering: .relaxed)
    }

    func noteRequest(wasCompressed: Bool) {
        if wasCompressed {
            flags.bitwiseOr(Flag.requestWasCompressed, ordering: .relaxed)
        } else if has(Flag.requestWasCompressed) {
            flags.bitwiseAnd(~Flag.requestWasCompressed, ordering: .relaxed)
        }
    }
}
