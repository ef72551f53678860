public import Bytes
public import Timebase

/// What policies know of a call: who calls what, how long it may take, which try this is.
///
/// An object, because every layer looks at it twice: handing a value of so many parts around was a third of what all the
/// layers cost. It belongs to its call's loop; layers read it, and its driver alone changes it.
public final class CallHead: @unchecked Sendable {  // touched on its call's loop alone
    /// The method's entry in the closed table of known methods.
    public let method: MethodEntry
    /// The caller's identity (a SPIFFE id), or its service name, or empty where nobody vouches for it.
    public let caller: String
    /// When it must be over, as far as the layers that it has passed so far said.
    @exclusivity(unchecked) public var deadline: Instant?
    public let startedAt: Instant
    /// The call waits for a connection, as long as it may, where it would fail otherwise.
    public let waitsForReady: Bool
    /// The answer is one message at most.
    public let answersOnce: Bool
    /// 1 for the first attempt.
    @exclusivity(unchecked) public var attempt: Int
    /// Attempts that count for nothing, since no peer processed them (gRFC A6, "transparent retries").
    @exclusivity(unchecked) public var unseenAttempts = 0
    /// One of them had reached a peer, which said that it did not process it.
    @exclusivity(unchecked) public var wasRefusedUnprocessed = false
    /// The attempt after which the server said last how long to wait; 0 if none did.
    @exclusivity(unchecked) public var pushedBackAt = 0
    /// Endpoints that other attempts of the same call went to: another one is better.
    @exclusivity(unchecked) public var avoids: [String] = []
    /// The endpoint that the current attempt goes to: an address; empty before one is picked.
    @exclusivity(unchecked) public var endpoint: String
    /// Most endpoints of the destination look ill, and health is not believed for this attempt.
    @exclusivity(unchecked) public var isPanic: Bool
    /// What was tried so far and how it ended; the last one too if the call was repeated or failed.
    @exclusivity(unchecked) public var attempts: [AttemptRecord] = []
    /// A layer here decided over repeating it, and it was repeated as often as was useful.
    @exclusivity(unchecked) public var retriesAreSpent = false
    /// What the deciding parts held when the call failed; nil if it has not.
    public var state: StackState? {
        get { heldState?.state }
        set { heldState = newValue.map(HeldState.init) }
    }
    @exclusivity(unchecked) private var heldState: HeldState?
    /// The call in its trace; nothing while nobody traces.
    @exclusivity(unchecked) public var span = SpanMark()
    /// The caller's head as it is sent on. The driver fits the time that remains into it.
    @exclusivity(unchecked) public var request: Fields

    public init(
        method: MethodEntry, caller: String = "", deadline: Instant? = nil, startedAt: Instant,
        request: Fields = Fields(), waitsForReady: Bool = false, answersOnce: Bool = false
    ) {
        self.waitsForReady = waitsForReady
        self.answersOnce = answersOnce
        self.method = method
        self.caller = caller
        self.deadline = deadline
        self.startedAt = startedAt
        self.request = request
        attempt = 1
        endpoint = ""
        isPanic = false
    }

    /// How bad it is if the call is not answered: what it says of itself, or what its method's policy says. Read out of the
    /// head when asked: that is only when there is something to shed.
    public var criticality: Criticality {
        (request.withValue(.weftCriticality, Criticality.init) ?? nil) ?? method.policy.criticality ?? .critical
    }

    /// The id that ties the log lines of one request together; empty if nobody gave it one. Read out of the head when
    /// asked: most calls are never logged.
    public var requestID: String { request[.requestID] ?? "" }
}

/// Apart from the call's head, since most calls do not fail, and what every call has should be small.
private final class HeldState {
    let state: StackState

    init(_ state: StackState) { self.state = state }
}

/// Where a call stands in a trace (W3C Trace Context §3.2.2): numbers, since texts are made only for spans that are told.
public struct SpanMark: Sendable, Equatable {
    /// This hop's own span; 0 while nobody traces.
    public var id: UInt64 = 0
    /// The caller's span; 0 if the trace begins here.
    public var parent: UInt64 = 0
    /// Whoever began the trace wants to see it.
    public var isSampled = false

    public init() {}
}

/// A method and what its contract asks of the mesh. Entries are made when contracts arrive, not per call.
public final class MethodEntry: Sendable {
    /// The mesh name of the service that serves the method: `course`.
    public let service: String
    /// `learn.course.v1.CourseService/GetCourse`: the path without its leading slash.
    public let fullName: String
    public let policy: MethodPolicy
    /// The entry is for all methods that no other stands for, and has no method's name: who wants it looks at the path.
    public let isCollective: Bool

    public init(service: String, fullName: String, policy: MethodPolicy = MethodPolicy()) {
        self.service = service
        self.fullName = fullName
        self.policy = policy
        isCollective = !fullName.utf8.contains(UInt8(ascii: "/"))
    }
}

/// What a method's contract asks of the mesh (`weft.options.v1`, DESIGN §5).
public struct MethodPolicy: Sendable, Equatable {
    /// The whole call may take so long, if its caller set no shorter deadline.
    public var timeout: Duration?
    /// One attempt may take so long.
    public var attemptTimeout: Duration?
    /// `idempotency_level` is NO_SIDE_EFFECTS or IDEMPOTENT: an attempt that may have been processed may be repeated.
    public var isIdempotent: Bool
    public var maxInFlight: Int?
    public var maxQueue: Int?
    /// Roles of which the caller needs one; empty means that anybody of the mesh may call.
    public var roles: [String]
    /// What a client's configuration says of repeating its calls.
    public var attempts: AttemptPolicy?
    /// `idempotency_level` is NO_SIDE_EFFECTS: several attempts at once do no more than one.
    public var hasNoSideEffects = false
    /// By its contract the answer is one message at most.
    public var answersOnce = false
    /// By its contract the answer is a stream: how long it takes says nothing about who gives it.
    public var streamsAnswers = false
    /// What operators say of sending its calls to several endpoints at once; nil for not at all.
    public var hedge: HedgeRule?
    /// Its calls wait for a connection, if they do not say otherwise.
    public var waitsForReady = false
    /// What its calls are that say nothing of themselves.
    public var criticality: Criticality?

    public init(
        timeout: Duration? = nil, attemptTimeout: Duration? = nil, isIdempotent: Bool = false, maxInFlight: Int? = nil,
        maxQueue: Int? = nil, roles: [String] = []
    ) {
        self.timeout = timeout
        self.attemptTimeout = attemptTimeout
        self.isIdempotent = isIdempotent
        self.maxInFlight = maxInFlight
        self.maxQueue = maxQueue
        self.roles = roles
    }
}
