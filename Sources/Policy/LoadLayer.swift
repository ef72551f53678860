public import Exchange
public import Resilience
public import Timebase

/// Measures one endpoint for its balancer. It is the outermost layer of the endpoint's stack.
public final class LoadLayer: Layer, @unchecked Sendable {  // touched on its loop alone
    @exclusivity(unchecked) public private(set) var load: EndpointLoad

    public init(_ load: EndpointLoad) {
        self.load = load
    }

    public var judgesUse: Bool { false }

    /// What the endpoint's successes take, as far as is known or thought.
    public func usualLatency(at now: Instant) -> Duration {
        .nanoseconds(Int64(load.usualLatency(at: now) * 1e9))
    }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        load.began()
        return .go()
    }

    public func ended(_ call: CallHead, token: UInt64, as outcome: Outcome, at now: Instant) -> Verdict {
        switch outcome.kind {
        case .success:
            load.ended(
                call.method.policy.streamsAnswers ? .streamed : .success, since: outcome.admittedAt, at: now)
        // Without this, hedges would hide from balancing which endpoint is slow: the slow attempt is always given up.
        case .cancelled where !call.method.policy.streamsAnswers:
            load.ended(.gaveUp, since: outcome.admittedAt, at: now)
        // It has too much to do, and says so quickly: that is no illness, but more calls shall not come for it.
        case .answered where outcome.failure?.reach == .notProcessed || outcome.pushback != nil:
            load.ended(.fault, since: outcome.admittedAt, at: now)
        // An error can be quick: it must not make the endpoint look fast.
        case .answered, .cancelled, .refused: load.ended(.noNews, since: outcome.admittedAt, at: now)
        case .fault: load.ended(.fault, since: outcome.admittedAt, at: now)
        }
        return .done
    }

    /// The endpoint was ill and recovered: it gets its share back gradually.
    public func restart(over ramp: Duration = .seconds(10), at now: Instant) {
        load.restart(over: ramp, at: now)
    }
}
