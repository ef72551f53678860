public import Timebase

/// One policy on a call's way, as a value in a list: it answers at once and never waits.
///
///     admit ──go(token)──▶ inner layers, the attempt ──▶ ended(token) ──done──▶ outer layers
///       │  └──wait──▶ asked again: when a call of this layer ended, or at the time given
///       └──refuse──▶ outer layers hear of it in `ended`, the caller gets the refusal
///
/// A layer does not know gRPC: endings are judged before it hears them (`Outcome`). Layers are loop-bound: their state is
/// touched on one loop alone. The driver calls `ended` exactly once for each `.go`, whatever happens in between.
public protocol Layer: AnyObject, Sendable {
    /// May this call go on? `isWaiting` tells a call that comes back from `.wait`.
    func admit(_ call: borrowing CallHead, isWaiting: Bool, at now: Instant) -> Admission

    /// A call that was waiting here left before it was admitted: its deadline passed, or its caller gave up.
    func left(_ call: borrowing CallHead, at now: Instant)

    /// The call that this layer let go on with `token` ended.
    func ended(_ call: borrowing CallHead, token: UInt64, as outcome: Outcome, at now: Instant) -> Verdict
}

extension Layer {
    public func left(_ call: borrowing CallHead, at now: Instant) {}
}

/// What a layer says to a call.
public enum Admission: Sendable {
    /// Go on. The token comes back with the ending; it means what the layer wants.
    case go(token: UInt64)
    /// Wait, and ask again when a call of this layer ended, or at this time at the latest.
    case wait(until: Instant)
    case refuse(Failure)
}

/// What a layer says to an ending.
public enum Verdict: Sendable {
    case done
    /// Try again after this delay, from this layer inwards. Heard only while nothing of the response went on to the
    /// caller and the request can be replayed whole.
    case again(after: Duration)
}

/// How a call or an attempt ended, as far as policies care. A judge that knows the protocol makes it.
public struct Outcome: Sendable {
    public enum Kind: Sendable {
        case success
        /// The caller's own mistake, or an answer of the application: no news about the endpoint's health.
        case answered
        /// The endpoint's fault (DESIGN §6, "what counts as a fault").
        case fault
        /// The caller left: no news about the peer.
        case cancelled
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
    /// From admission to the end.
    public var elapsed: Duration

    public enum Pushback: Sendable {
        case after(Duration)
        case never
    }

    public init(
        _ kind: Kind, status: Int = 0, failure: Failure? = nil, pushback: Pushback? = nil, isReplayable: Bool = false,
        elapsed: Duration = .zero
    ) {
        self.kind = kind
        self.status = status
        self.failure = failure
        self.pushback = pushback
        self.isReplayable = isReplayable
        self.elapsed = elapsed
    }
}
