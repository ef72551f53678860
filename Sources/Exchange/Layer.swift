public import Timebase

/// One policy on a call's way, as a value in a list: it answers at once and never waits.
///
///     admit ──go(token)──▶ inner layers, the attempt ──▶ ended(token) ──done──▶ outer layers
///       │  └──wait──▶ asked again: when a call of this layer ended, or at the time given
///       └──refuse──▶ outer layers hear of it in `ended`, the caller gets the refusal
///
/// A layer does not know gRPC: endings are judged before it hears them (`Outcome`). Layers are loop-bound: their state is
/// touched on one loop alone. The driver calls `ended` exactly once for each `.go` of a layer that hears
/// endings, whatever happens in between.
public protocol Layer: AnyObject, Sendable {
    /// May this call go on? `waiting` is what this layer told the call when it came first, if it comes back from waiting.
    func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission

    /// A call that was waiting here left before it was admitted: its deadline passed, or its caller gave up.
    func left(_ call: CallHead, waiting: Waiting, at now: Instant)

    /// The call that this layer let go on with `token` ended.
    func ended(_ call: CallHead, token: UInt64, as outcome: Outcome, at now: Instant) -> Verdict

    /// The gate at which a place became free when a call with `token` ended. Layers that never say `wait` need not answer.
    func gate(of token: UInt64) -> Int

    /// This layer may say `wait`.
    var hasGates: Bool { get }

    /// This layer may say `again`: the driver keeps requests for it while they are small.
    var repeatsCalls: Bool { get }

    /// This layer wants to hear how the calls ended that it let go on. One that does not says so, and costs less.
    var hearsEndings: Bool { get }

    /// This layer may say that it is not usable. One that never does says so, and is not asked.
    var judgesUse: Bool { get }

    /// Whether a call that came now would be let through as far as this layer knows: for balancing, which asks many.
    func isUsable(at now: Instant) -> Bool

    /// Says what this layer holds at the moment, for the explanation of a call that failed.
    func describe(_ call: CallHead, into state: inout StackState, at now: Instant)
}

extension Layer {
    public func left(_ call: CallHead, waiting: Waiting, at now: Instant) {}
    public func ended(_ call: CallHead, token: UInt64, as outcome: Outcome, at now: Instant) -> Verdict {
        .done
    }
    public func gate(of token: UInt64) -> Int { 0 }
    public var hasGates: Bool { false }
    public var hearsEndings: Bool { true }
    public var judgesUse: Bool { true }
    public var repeatsCalls: Bool { false }
    public func isUsable(at now: Instant) -> Bool { true }
    public func describe(_ call: CallHead, into state: inout StackState, at now: Instant) {}
}

/// What a layer says to a call.
public enum Admission: Sendable {
    /// Go on, and be done before this instant. The token comes back with the ending; it means what the layer wants.
    case go(token: UInt64 = 0, before: Instant = .distantFuture)
    /// Wait, and ask again when a place becomes free at the gate, or at the time given.
    case wait(Waiting)
    case refuse(Failure)
}

/// Where and how long a call waits before a layer.
public struct Waiting: Sendable, Equatable {
    /// Calls at one gate are woken in the order in which they came, one for each call that ended there.
    public var gate: Int
    public var until: Instant

    public init(at gate: Int = 0, until: Instant) {
        self.gate = gate
        self.until = until
    }
}

/// What a layer says to an ending.
public enum Verdict: Sendable {
    case done
    /// Try again after this delay, from this layer inwards. Heard only while nothing of the response went on to the
    /// caller and the request can be replayed whole.
    case again(after: Duration)
    /// The same, at once, and not counted as an attempt: no peer has processed this one.
    case transparently
    /// It would be worth another try, and was tried as often as is useful: nobody further out shall try either.
    case spent
}

/// How a call or an attempt ended, as far as policies care. A judge that knows the protocol makes it.
public struct Outcome: Sendable {
    public enum Kind: Sendable, Equatable {
        case success
        /// The caller's own mistake, or an answer of the application: no news about the endpoint's health.
        case answered
        /// The endpoint's fault (DESIGN §6, "what counts as a fault").
        case fault
        /// The caller left: no news about the peer.
        case cancelled
        /// A policy on this side refused it: no news about the peer either.
        case refused
    }

    public var kind: Kind
    /// The protocol's own status code (for gRPC, 0...16), for metrics and logs.
    public var status: Int
    /// Why it failed, if Weft or its transport knows.
    public var failure: Failure?
    /// What the server asked of retries (`grpc-retry-pushback-ms`): after this long, or never.
    public var pushback: Pushback?
    /// Nothing of the response went on to the caller yet, and the request is kept whole.
    public var isReplayable: Bool
    /// When the layer that hears this had let the call go on.
    public var admittedAt: Instant
    public var endedAt: Instant

    public enum Pushback: Sendable, Equatable {
        case after(Duration)
        case never
    }

    public init(
        _ kind: Kind, status: Int = 0, failure: Failure? = nil, pushback: Pushback? = nil, isReplayable: Bool = false,
        from admittedAt: Instant = Instant(nanoseconds: 0), to endedAt: Instant = Instant(nanoseconds: 0)
    ) {
        self.kind = kind
        self.status = status
        self.failure = failure
        self.pushback = pushback
        self.isReplayable = isReplayable
        self.admittedAt = admittedAt
        self.endedAt = endedAt
    }

    /// From admission to the end. Instants are kept and this is worked out when asked: every layer of every call hears an
    /// outcome, and few ask.
    public var elapsed: Duration { admittedAt.duration(to: endedAt) }
}
