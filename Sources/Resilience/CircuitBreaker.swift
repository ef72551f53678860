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
///
/// The machine always runs; whether it decides is another matter. Its mode may be to watch alone, an operator may overrule it
/// for a while, and an open breaker is *spared* when too many others are open: calls that it would refuse then pass, and
/// count for its evidence alone.
public struct CircuitBreaker: ~Copyable {  // a breaker is one thing: nobody forks it by assigning it
    public enum Admission: Equatable, Sendable {
        case allowed(Permit)
        case refused(until: Instant)
    }

    /// Says under which state of the breaker a call went: what older calls report is no news.
    public struct Permit: Equatable, Sendable {
        /// Of a call that the breaker was not asked about, or would have refused: its ending changes no phase.
        public static let unasked = Permit(generation: .max)

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

    enum State {
        case closed(faultsInRow: Int)
        case open(until: Instant)
        /// `renewal`: probes that have not reported by then no longer hold back others.
        case probing(inFlight: Int, successes: Int, renewal: Instant)
    }

    public private(set) var limits: Limits
    private(set) var state = State.closed(faultsInRow: 0)
    var window = CallWindow()
    private var generation: UInt64 = 0
    /// How many trips followed each other closely: the exponent of the next cooldown.
    private(set) var trips = 0
    private var cooldown: Duration
    public private(set) var closedAt: Instant?
    /// Why it tripped last, for logs: `5 faults in a row`, `success 0.62 of 40 calls`.
    public private(set) var lastTrip = ""
    public private(set) var lastTransition: Transition?
    public private(set) var force: Force?
    /// It is not closed, and lets calls through all the same: too many other endpoints are left alone already.
    public private(set) var isSpared = false
    /// What the machine says, is done. The usual case, kept apart, since every call asks.
    private var decides: Bool

    public init(_ limits: Limits = Limits()) {
        self.limits = limits
        cooldown = limits.firstCooldown
        decides = limits.mode == .enforce
    }

    // MARK: Calls

    /// May a call go to the endpoint?
    public mutating func admit(at now: Instant) -> Admission {
        if decides { return ask(at: now) }
        endForce(at: now)
        switch mode(at: now) {
        case .enforce where !isSpared:
            return ask(at: now)
        case .enforce, .shadow, .forcedClosed:
            let answer = ask(at: now)
            if case .refused = answer { return .allowed(.unasked) }
            return answer
        case .forcedOpen:
            return .refused(until: force?.until ?? .distantFuture)
        }
    }

    /// A call ended that had gone with `permit`. Answers true if that changed the phase.
    @discardableResult
    public mutating func record(_ report: Report, permit: Permit, at now: Instant, chance: inout Chance) -> Bool {
        guard permit.generation == generation else {
            if permit == .unasked, report != .noNews { window.record(counts: report == .fault, at: now) }
            return false
        }
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
        if decides { return wouldAllow(at: now) }
        return switch mode(at: now) {
        case .enforce: isSpared || wouldAllow(at: now)
        case .shadow, .forcedClosed: true
        case .forcedOpen: false
        }
    }

    /// The phase that the machine is in, whoever decides.
    public var phase: Phase {
        switch state {
        case .closed: .closed
        case .open: .open
        case .probing: .probing
        }
    }

    // MARK: Who decides

    /// Who decides now.
    public func mode(at now: Instant) -> Mode {
        guard let force, now < force.until else { return limits.mode }
        return force.mode
    }

    /// Nothing but a probe would go to the endpoint: what a bound on ejections counts.
    public func isEjecting(at now: Instant) -> Bool {
        switch mode(at: now) {
        case .enforce: phase != .closed && !isSpared
        case .forcedOpen: true
        case .shadow, .forcedClosed: false
        }
    }

    /// Overrules the breaker for a while, which is cut to the longest; nil takes an overruling back.
    public mutating func force(_ mode: Mode?, for duration: Duration = Force.longest, at now: Instant) {
        force = mode.map { Force(mode: $0, until: now.advanced(by: min(max(duration, .zero), Force.longest))) }
        settle()
    }

    /// The breaker tripped, and too many others are open: calls go on until its next trip, or until it closes.
    public mutating func spare() {
        isSpared = phase != .closed
        settle()
    }

    /// New limits, with the history that there is. What was counted by the old ones is cut to what the new ones can mean.
    public mutating func replace(_ limits: Limits, at now: Instant) {
        self.limits = limits
        cooldown = min(cooldown, limits.longestCooldown)
        switch state {
        case .closed(let faults):
            state = .closed(faultsInRow: min(faults, limits.faultsInRow - 1))
        case .open(let until):
            state = .open(until: min(until, now.advanced(by: limits.longestCooldown * (1 + limits.jitter))))
        case .probing(let inFlight, let successes, let renewal):
            state = .probing(
                inFlight: min(inFlight, limits.probes), successes: min(successes, limits.probes - 1), renewal: renewal)
        }
        settle()
    }

    private mutating func endForce(at now: Instant) {
        guard let force, now >= force.until else { return }
        self.force = nil
        settle()
    }

    private mutating func settle() {
        decides = force == nil && limits.mode == .enforce && !isSpared
    }

    // MARK: The machine

    /// What the machine says to a call, and notes of it.
    private mutating func ask(at now: Instant) -> Admission {
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
            change(to: .probing(inFlight: 1, successes: 0, renewal: now.advanced(by: cooldown)), at: now)
        }
        return .allowed(Permit(generation: generation))
    }

    private func wouldAllow(at now: Instant) -> Bool {
        switch state {
        case .closed: true
        case .open(let until): now >= until
        case .probing(let inFlight, _, let renewal): inFlight < limits.probes || now >= renewal
        }
    }

    private mutating func tripIfUnwell(at now: Instant, _ chance: inout Chance) -> Bool {
        let calls = window.calls(at: now)
        guard calls >= limits.leastCalls else { return false }
        let faults = window.countedCalls(at: now)
        guard faults > 0 else { return false }
        let success = 1 - Double(faults) / Double(calls)
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
        closedAt = nil
        isSpared = false
        change(to: .open(until: now.advanced(by: cooldown * (1 + limits.jitter * chance.fraction()))), at: now)
    }

    private mutating func close(at now: Instant) {
        window.clear()
        closedAt = now
        isSpared = false
        change(to: .closed(faultsInRow: 0), at: now)
    }

    private mutating func change(to next: State, at now: Instant) {
        let before = phase
        state = next
        precondition(before.mayBecome(phase), "a breaker went from \(before) to \(phase)")
        lastTransition = Transition(from: before, to: phase, at: now)
        generation += 1
        settle()
    }

    /// It closed from probing, and that is not long ago.
    public func isRamping(at now: Instant) -> Bool {
        guard let closedAt else { return false }
        return now < closedAt.advanced(by: limits.ramp)
    }
}
