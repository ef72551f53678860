public import Timebase

/// How much one endpoint has to do, as one number that balancing compares.
///
///     load = usual latency of its successes × (calls in flight + 1) × penalty for faults ÷ share
///
/// Latency is a moving average that forgets over ten seconds and goes up at once (a *peak* average, from Finagle): an
/// endpoint that becomes slow is left alone now, one that becomes fast is believed gradually. Faults never make an
/// endpoint look fast, which is the known trap of such averages; they raise a penalty that decays in the same ten seconds.
/// A new endpoint, or one whose breaker closed, starts with a tenth of its share and gets all of it after ten seconds.
public struct EndpointLoad: Sendable {
    /// What an endpoint is thought to take before anything is known: a guess that real calls beat or miss soon.
    static let startLatency = 0.03
    /// The nanoseconds in which old news lose 63 % of their weight.
    static let decay = 10e9
    /// The nanoseconds until a new endpoint has its whole share.
    static let slowStart = 10e9
    static let leastShare = 0.1
    /// Each fault multiplies the load by up to so much more; eight in a row reach the bound.
    static let faultPenalty = 2.0
    static let mostPenalty = 256.0

    private var latency: Double
    /// `latency` is news of calls, not the guess of the start.
    private var isMeasured = false
    private var penalty = 1.0
    private var updatedAt: Instant
    private var startedAt: Instant?
    public private(set) var inFlight = 0
    public var weight: Double

    /// `slowStart: false` for endpoints that were there when their destination was first seen: somebody must take the calls.
    public init(weight: Double = 1, slowStart: Bool, at now: Instant) {
        self.weight = max(weight, 0.001)
        latency = Self.startLatency
        updatedAt = now
        startedAt = slowStart ? now : nil
    }

    public mutating func began() {
        inFlight += 1
    }

    public enum Report: Sendable {
        case success
        case fault
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
            let sample = Double(now.nanoseconds &- start.nanoseconds) * 1e-9
            latency = sample > latency ? sample : latency * kept + sample * (1 - kept)
            isMeasured = true
            penalty = max(1, penalty / Self.faultPenalty)
        case .fault:
            penalty = min(penalty * Self.faultPenalty, Self.mostPenalty)
        case .noNews:
            break
        }
    }

    /// Begins the slow start again: the endpoint's breaker closed.
    public mutating func restart(at now: Instant) {
        startedAt = now
    }

    public func load(at now: Instant) -> Double {
        let kept = keptShare(at: now)
        let penalty = 1 + (penalty - 1) * kept
        // What was slow once and was not asked since is forgotten too: else nobody would ever ask it again.
        let latency = isMeasured ? latency * kept : latency
        return latency * Double(inFlight + 1) * penalty / (weight * share(at: now))
    }

    private func share(at now: Instant) -> Double {
        guard let startedAt else { return 1 }
        let passed = Double(now.nanoseconds &- startedAt.nanoseconds) / Self.slowStart
        return min(1, max(Self.leastShare, passed))
    }

    /// e^(-t/decay), as 1/(1 + x + x²/2): near enough, without the maths library.
    private func keptShare(at now: Instant) -> Double {
        let x = max(0, Double(now.nanoseconds &- updatedAt.nanoseconds) / Self.decay)
        return 1 / (1 + x + x * x / 2)
    }
}
