public import Timebase

/// How much one endpoint has to do, as one number that balancing compares.
///
///     load = usual latency of its successes × (calls in flight + 1) × penalty for faults ÷ weight
///
/// Latency is a moving average that forgets over ten seconds and goes up at once (a *peak* average, from Finagle): an
/// endpoint that becomes slow is left alone now, one that becomes fast is believed gradually. Faults never make an
/// endpoint look fast, which is the known trap of such averages; they raise a penalty that decays in the same ten seconds.
///
/// Beside its load stands its *share*: how often it may be a candidate at all, from a tenth for a new endpoint, or one whose
/// breaker closed, to all of it ten seconds later. It does not enter the load, since there it would decide everything or
/// nothing: of two endpoints with one call each, one with ten times the load is never taken.
public struct EndpointLoad: Sendable {
    /// What an endpoint is thought to take, in seconds, before anything is known of any: a guess that real calls beat or miss
    /// soon.
    public static let startLatency = 0.03
    /// The nanoseconds in which old news lose 63 % of their weight.
    static let decay = 10e9
    static let leastShare = 0.1
    /// Seconds. What takes longer is a stream that nobody said is one, and would shut its endpoint out for minutes.
    static let longestSample = 10.0
    /// Each fault multiplies the load by up to so much more; eight in a row reach the bound.
    static let faultPenalty = 2.0
    static let mostPenalty = 256.0

    private var latency: Double
    /// `latency` is news of calls, not the guess of the start.
    public private(set) var isMeasured = false
    private var penalty = 1.0
    private var updatedAt: Instant
    /// When its share began to grow; nil once it has all of it.
    private var startedAt: Instant?
    /// The nanoseconds until it has.
    private var ramp = 0.0
    public private(set) var inFlight = 0
    public var weight: Double

    /// - Parameters:
    ///   - latency: what it is thought to take at first: what its peers take. A guess far above that would never be put right,
    ///     since nobody would ask.
    ///   - ramp: until it has its whole share; zero for endpoints that were there when their destination was first seen, since
    ///     somebody must take the calls.
    public init(weight: Double = 1, latency: Double = startLatency, ramp: Duration, at now: Instant) {
        self.weight = max(weight, 0.001)
        self.latency = latency
        updatedAt = now
        if ramp > .zero { restart(over: ramp, at: now) }
    }

    public mutating func began() {
        inFlight += 1
    }

    public enum Report: Sendable {
        case success
        /// A good end of a stream, whose length is its own.
        case streamed
        case fault
        /// It was given up for a quicker one, or its caller left: it would have taken longer still.
        case gaveUp
        case noNews
    }

    /// A call ended that had begun at `start`.
    public mutating func ended(_ report: Report, since start: Instant, at now: Instant) {
        inFlight -= 1
        guard report != .noNews else { return }
        let kept = keptShare(at: now)
        penalty = 1 + (penalty - 1) * kept
        updatedAt = now
        switch report {
        case .success:
            let sample = Self.sample(since: start, at: now)
            latency = sample > latency ? sample : latency * kept + sample * (1 - kept)
            isMeasured = true
            penalty = max(1, penalty / Self.faultPenalty)
        case .streamed:
            penalty = max(1, penalty / Self.faultPenalty)
        case .gaveUp:
            latency = max(latency * kept, Self.sample(since: start, at: now))
        case .fault:
            penalty = min(penalty * Self.faultPenalty, Self.mostPenalty)
        case .noNews:
            break
        }
        if startedAt != nil, share(at: now) == 1 { startedAt = nil }
    }

    /// Begins the slow start again: the endpoint's breaker closed.
    public mutating func restart(over ramp: Duration, at now: Instant) {
        startedAt = now
        self.ramp = Double(max(1, ramp.clampedNanoseconds))
    }

    public func load(at now: Instant) -> Double {
        let kept = keptShare(at: now)
        let penalty = 1 + (penalty - 1) * kept
        // What was slow once, or was thought to be, and was not asked since is forgotten too: else nobody would ever ask it.
        return latency * kept * Double(inFlight + 1) * penalty / weight
    }

    /// What its successes took lately, in seconds, as far as it is believed now.
    public func usualLatency(at now: Instant) -> Double { latency * keptShare(at: now) }

    /// How often it may be a candidate, of 1. It grows straight, so that after half of the ramp no older endpoint has more than
    /// twice its fair part, however many came at once.
    public func share(at now: Instant) -> Double {
        guard let startedAt else { return 1 }
        let passed = Double(now.nanoseconds &- startedAt.nanoseconds) / ramp
        return min(1, max(Self.leastShare, passed))
    }

    private static func sample(since start: Instant, at now: Instant) -> Double {
        min(Double(now.nanoseconds &- start.nanoseconds) * 1e-9, longestSample)
    }

    /// e^(-t/decay), as 1/(1 + x + x²/2): near enough, without the maths library.
    private func keptShare(at now: Instant) -> Double {
        let x = max(0, Double(now.nanoseconds &- updatedAt.nanoseconds) / Self.decay)
        return 1 / (1 + x + x * x / 2)
    }
}
