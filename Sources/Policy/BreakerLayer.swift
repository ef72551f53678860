public import Exchange
public import Resilience
public import Timebase

/// Keeps calls away from one endpoint while it looks ill.
///
/// Only the endpoint's own faults count: a caller's mistakes, refusals on this side and callers that left are no news. There is
/// one breaker for an endpoint and none for a method: see `Breakers.md` for why.
public final class BreakerLayer: Layer, @unchecked Sendable {  // touched on its loop alone
    public let endpoint: String
    @exclusivity(unchecked) private var breaker: CircuitBreaker
    @exclusivity(unchecked) private var chance: Chance
    private let ejections: Ejections?
    private let meter: LoadLayer?
    private let changed: (BreakerLayer) -> Void
    /// What `changed` was last told of.
    public private(set) var lastChange = Change.phase
    /// The call that tripped it last: `status 14, p.S/Get, request 7f3a`.
    public private(set) var lastFault = ""

    /// `meter` knows what the endpoint's successes take. `changed` hears of each change of phase and of who decides, for logs, metrics and the slow start after an illness.
    /// `ejections` bounds how many endpoints of the same destination are left alone; the layer enters itself there.
    public init(
        of endpoint: String, _ limits: CircuitBreaker.Limits = CircuitBreaker.Limits(),
        within ejections: Ejections? = nil,
        chance: Chance, meter: LoadLayer? = nil,
        changed: @escaping (BreakerLayer) -> Void = { _ in }
    ) {
        self.endpoint = endpoint
        self.ejections = ejections
        breaker = CircuitBreaker(limits)
        self.chance = chance
        self.meter = meter
        self.changed = changed
        ejections?.enter(self)
    }

    public enum Change: Sendable, Equatable {
        case phase
        /// Somebody else decides, or no longer.
        case mode
        /// It was open, and is spared from now on.
        case spared
    }

    // MARK: For people

    public var limits: CircuitBreaker.Limits { breaker.limits }

    public var phase: CircuitBreaker.Phase { breaker.phase }
    public var lastTrip: String { breaker.lastTrip }
    public var isSpared: Bool { breaker.isSpared }
    public func status(at now: Instant) -> CircuitBreaker.Status { breaker.status(at: now) }
    public func violation(at now: Instant) -> String? { breaker.violation(at: now) }
    public func isEjecting(at now: Instant) -> Bool { breaker.isEjecting(at: now) }

    /// Why it lets nothing through.
    func reason(at now: Instant) -> String {
        breaker.mode(at: now) == .forcedOpen ? "forced open" : breaker.lastTrip
    }

    func isForced(at now: Instant) -> Bool { breaker.mode(at: now) == .forcedOpen }
    var changedAt: Instant { breaker.lastTransition?.at ?? Instant(nanoseconds: .min) }

    // MARK: For operators

    /// New limits; the history stays.
    public func replace(_ limits: CircuitBreaker.Limits, at now: Instant) {
        guard limits != breaker.limits else { return }
        let mode = breaker.mode(at: now)
        breaker.replace(limits, at: now)
        if breaker.mode(at: now) != mode { tell(.mode) }
    }

    /// Overrules the breaker for a while; nil takes that back. It ends by itself.
    public func force(_ mode: CircuitBreaker.Mode?, for duration: Duration, at now: Instant) {
        breaker.force(mode, for: duration, at: now)
        tell(.mode)
    }

    /// Too many others are left alone: this one is not.
    func spare(at now: Instant) {
        breaker.spare()
        tell(.spared)
    }

    // MARK: Calls

    public func isUsable(at now: Instant) -> Bool { breaker.isUsable(at: now) }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        let before = breaker.phase
        if call.isPanic, before != .closed { return .go(token: CircuitBreaker.Permit.unasked.generation) }
        switch breaker.admit(at: now) {
        case .allowed(let permit):
            if breaker.phase != before { tell(.phase) }
            return .go(token: permit.generation)
        case .refused(let until):
            return .refuse(
                Failure(
                    .limit, .breakerOpen, subject: endpoint, detail: refusal(until: until, at: now), reach: .neverSent))
        }
    }

    public func ended(_ call: CallHead, token: UInt64, as outcome: Outcome, at now: Instant) -> Verdict {
        let permit = CircuitBreaker.Permit(generation: token)
        if breaker.record(report(outcome, at: now), permit: permit, at: now, chance: &chance) {
            if breaker.phase == .open { tripped(by: call, outcome, at: now) }
            tell(.phase)
        }
        return .done
    }

    private func tell(_ change: Change) {
        lastChange = change
        changed(self)
    }

    public func describe(_ call: CallHead, into state: inout StackState, at now: Instant) {
        state.breaker = breaker.status(at: now).summary
    }

    private func tripped(by call: CallHead, _ outcome: Outcome, at now: Instant) {
        let how = outcome.failure?.reason ?? "status \(outcome.status)"
        lastFault = "\(how), \(call.method.fullName)"
        if !call.requestID.isEmpty { lastFault += ", request \(call.requestID)" }
        if let ejections, !ejections.haveRoom(for: self, at: now) { breaker.spare() }
    }

    private func refusal(until: Instant, at now: Instant) -> String {
        if breaker.mode(at: now) == .forcedOpen {
            let end = until == .distantFuture ? "by its policy" : "for \(now.duration(to: until).milliseconds) ms more"
            return "it is forced open \(end)"
        }
        return "\(breaker.lastTrip); next try in \(now.duration(to: until).milliseconds) ms"
    }

    private func report(_ outcome: Outcome, at now: Instant) -> CircuitBreaker.Report {
        switch outcome.kind {
        case .success, .answered: .success
        case .fault: hadTooLittleTime(outcome, at: now) ? .noNews : .fault
        case .cancelled, .refused: .noNews
        }
    }
}

extension BreakerLayer {
    /// A deadline passed that gave the endpoint less than twice what it usually takes: that is its caller's doing. Else a
    /// caller in a hurry would shut out an endpoint that serves all others well.
    private func hadTooLittleTime(_ outcome: Outcome, at now: Instant) -> Bool {
        guard outcome.failure?.cause == .deadline, let usual = meter?.usualLatency(at: now) else { return false }
        return outcome.admittedAt.duration(to: now) < usual * 2
    }
}

extension Duration {
    var milliseconds: Int64 { clampedNanoseconds / 1_000_000 }
}
