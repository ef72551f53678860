public import Timebase

/// Decides whether calls may go to one endpoint, from how its recent calls ended.
///
///     closed ──5 faults in a row, or success < 0.8──▶ open ──cooldown──▶ probing ──3 successes──▶ closed
///                                                      ▲                    │
///                                                      └───────fault────────┘
///
/// Names follow the circuit, not the gate: *closed* lets calls through, *open* refuses them. The cooldown doubles with each
/// trip that follows another closely, and is stretched by chance, so that the sidecars of a mesh do not all come back at
/// the same moment. A breaker that closed from probing is *warm* only after its ramp: who balances gives it less until then.
public struct CircuitBreaker: ~Copyable {  // a breaker is one thing: nobody forks it by assigning it
    public struct Limits: Sendable, Equatable {
        /// So many faults without a success in between trip the breaker.
        public var faultsInRow = 5
        /// The share of successes in the window under which it trips, ...
        public var leastSuccess = 0.8
        /// ... once the window holds so many calls: fewer say nothing.
        public var leastCalls = 20
        public var firstCooldown: Duration = .seconds(1)
        public var longestCooldown: Duration = .seconds(60)
        /// A cooldown is stretched by up to this share of itself.
        public var jitter = 0.5
        /// So many calls may try at once while probing, and so many must succeed to close.
        public var probes = 3
        /// After closing: for so long the endpoint gets less than its share, and a trip counts as the same trouble.
        public var ramp: Duration = .seconds(10)

        public init() {}
    }

    public enum Admission: Equatable, Sendable {
        case allowed(Permit)
        case refused(until: Instant)
    }

    /// Says under which state of the breaker a call went: what older calls report is no news.
    public struct Permit: Equatable, Sendable {
        public let generation: UInt64

        public init(generation: UInt64) {
            self.generation = generation
        }
    }

    /// How a call ended, as far as a breaker cares.
    public enum Report: Sendable {
        case success
        case fault
        /// The caller left, or never got as far as the endpoint.
        case noNews
    }

    public enum Phase: String, Sendable {
        case closed, open, probing
    }

    private enum State {
        case closed(faultsInRow: Int)
        case open(until: Instant)
        /// `renewal`: probes that have not reported by then no longer hold back others.
        case probing(inFlight: Int, successes: Int, renewal: Instant)
    }

    private let limits: Limits
    private var state = State.closed(faultsInRow: 0)
    private var window = CallWindow()
    private var generation: UInt64 = 0
    /// How many trips followed each other closely: the exponent of the next cooldown.
    private var trips = 0
    private var cooldown: Duration
    public private(set) var closedAt: Instant?
    /// Why it tripped last, for logs: `5 faults in a row`, `success 0.62 of 40 calls`.
    public private(set) var lastTrip = ""

    public init(_ limits: Limits = Limits()) {
        self.limits = limits
        cooldown = limits.firstCooldown
    }

    /// May a call go to the endpoint?
    public mutating func admit(at now: Instant) -> Admission {
        switch state {
        case .closed:
            break
        case .open(let until) where now < until:
            return .refused(until: until)
        case .probing(let inFlight, _, let renewal) where inFlight >= limits.probes && now < renewal:
            return .refused(until: renewal)
        case .probing(let inFlight, let successes, let renewal) where inFlight < limits.probes:
            state = .probing(inFlight: inFlight + 1, successes: successes, renewal: renewal)
        case .probing(_, let successes, _):
            // The probes have not reported: streams that last for hours, or a slow endpoint. Others may try as well.
            state = .probing(inFlight: 1, successes: successes, renewal: now.advanced(by: cooldown))
        case .open:
            generation += 1
            state = .probing(inFlight: 1, successes: 0, renewal: now.advanced(by: cooldown))
        }
        return .allowed(Permit(generation: generation))
    }

    /// A call ended that had gone with `permit`. Answers true if that changed the phase.
    @discardableResult
    public mutating func record(_ report: Report, permit: Permit, at now: Instant, chance: inout Chance) -> Bool {
        guard permit.generation == generation else { return false }
        switch (state, report) {
        case (.closed, .noNews), (.open, _):
            return false
        case (.closed, .success):
            window.record(counts: false, at: now)
            state = .closed(faultsInRow: 0)
            return tripIfUnwell(at: now, &chance)
        case (.closed(let faults), .fault):
            window.record(counts: true, at: now)
            state = .closed(faultsInRow: faults + 1)
            if faults + 1 >= limits.faultsInRow {
                trip("\(limits.faultsInRow) faults in a row", at: now, &chance)
                return true
            }
            return tripIfUnwell(at: now, &chance)
        case (.probing(let inFlight, let successes, let renewal), .noNews):
            state = .probing(inFlight: max(0, inFlight - 1), successes: successes, renewal: renewal)
            return false
        case (.probing(let inFlight, let successes, let renewal), .success):
            if successes + 1 >= limits.probes {
                close(at: now)
                return true
            }
            state = .probing(inFlight: max(0, inFlight - 1), successes: successes + 1, renewal: renewal)
            return false
        case (.probing, .fault):
            trip("a probe failed", at: now, &chance)
            return true
        }
    }

    /// Whether a call would be let through, without asking for it.
    public func isUsable(at now: Instant) -> Bool {
        switch state {
        case .closed: true
        case .open(let until): now >= until
        case .probing(let inFlight, _, let renewal): inFlight < limits.probes || now >= renewal
        }
    }

    public var phase: Phase {
        switch state {
        case .closed: .closed
        case .open: .open
        case .probing: .probing
        }
    }

    private mutating func tripIfUnwell(at now: Instant, _ chance: inout Chance) -> Bool {
        let calls = window.calls(at: now)
        guard calls >= limits.leastCalls else { return false }
        let success = 1 - Double(window.countedCalls(at: now)) / Double(calls)
        guard success < limits.leastSuccess else { return false }
        trip("success \((success * 100).rounded() / 100) of \(calls) calls", at: now, &chance)
        return true
    }

    private mutating func trip(_ reason: String, at now: Instant, _ chance: inout Chance) {
        if case .closed = state, !isRamping(at: now) { trips = 0 }
        // 2^16 first cooldowns are longer than any longest one.
        cooldown = min(limits.firstCooldown * (1 << min(trips, 16)), limits.longestCooldown)
        trips += 1
        lastTrip = reason
        generation += 1
        closedAt = nil
        state = .open(until: now.advanced(by: cooldown * (1 + limits.jitter * chance.fraction())))
    }

    private mutating func close(at now: Instant) {
        generation += 1
        window.clear()
        closedAt = now
        state = .closed(faultsInRow: 0)
    }

    private func isRamping(at now: Instant) -> Bool {
        guard let closedAt else { return false }
        return now < closedAt.advanced(by: limits.ramp)
    }
}
