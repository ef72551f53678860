public import Exchange
import Transport

/// What a client can do for a call that begins now, in gRPC's words (connectivity-semantics-and-api.md).
public enum ChannelState: Sendable, Equatable {
    /// No call has come, or none for a while: nothing is connected, and the next call connects.
    case idle
    /// Calls wait until this is decided.
    case connecting
    case ready
    /// No endpoint can be reached, for this reason; calls fail with it unless they wait for ready. The client tries again
    /// by itself.
    case transientFailure(Failure)
    /// The client was closed.
    case shutdown

    /// The state of a client by those of its endpoints: the best of them, in the order ready, connecting, idle, failed.
    ///
    /// With none there is nothing to wait for but the resolver: `connecting`.
    static func aggregate(_ states: some Sequence<ChannelState>) -> ChannelState {
        var best: ChannelState?
        for state in states where state.rank > best?.rank ?? -1 { best = state }
        return best ?? .connecting
    }

    private var rank: Int {
        switch self {
        case .ready: 4
        case .connecting: 3
        case .idle: 2
        case .transientFailure: 1
        case .shutdown: 0
        }
    }
}

/// One endpoint's state as balancing sees it: a failure sticks until there is a connection again.
///
///     idle ──▶ connecting ──▶ ready ──▶ idle ...          ready, but its service is not: failed
///                  └──▶ failed ──(connecting, idle: still failed)──▶ ready
///
/// Without that, calls would be held up by each new attempt at a dead endpoint (gRFC A61 and A62, "sticky
/// TRANSIENT_FAILURE").
struct EndpointState: Equatable {
    private(set) var seen = ChannelState.idle
    private(set) var pool = PoolState.idle
    /// What the service says of its health, where it is watched. nil: nothing yet.
    private(set) var health: Health = .unwatched

    enum Health: Equatable {
        case unwatched
        /// The watch has begun and heard nothing.
        case unknown
        case serving
        case notServing(Failure)
    }

    /// A call may go there.
    var isReady: Bool { seen == .ready }

    mutating func changed(to state: PoolState) {
        pool = state
        update()
    }

    mutating func changed(to health: Health) {
        self.health = health
        update()
    }

    private mutating func update() {
        let now: ChannelState =
            switch (pool, health) {
            case (.idle, _): .idle
            case (.connecting, _), (.ready, .unknown): .connecting
            case (.ready, .unwatched), (.ready, .serving): .ready
            case (.ready, .notServing(let failure)), (.transientFailure(let failure), _): .transientFailure(failure)
            case (.shutdown, _): .shutdown
            }
        if case .transientFailure = seen, now == .connecting || now == .idle { return }
        seen = now
    }
}
