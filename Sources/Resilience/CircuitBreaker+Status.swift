public import Timebase

extension CircuitBreaker {
    /// A breaker as people look at it.
    public struct Status: Sendable, Equatable {
        /// What the machine says, whoever decides.
        public var phase = Phase.closed
        public var mode = Mode.enforce
        /// Until when somebody overrules the mode that the limits say.
        public var forcedUntil: Instant?
        public var isSpared = false
        /// Why it tripped last; empty if it never did.
        public var evidence = ""
        /// When it lets the next call through; nil if it does now.
        public var nextProbe: Instant?
        public var faultsInRow = 0
        /// Of the window.
        public var calls = 0
        public var faults = 0
        /// Trips that followed each other closely.
        public var trips = 0
        /// It closed a little while ago, and gets less than its share yet.
        public var isRamping = false

        public init() {}

        /// The share of successes in the window; nil if nobody called.
        public var success: Double? { calls == 0 ? nil : 1 - Double(faults) / Double(calls) }

        /// What becomes of a call now, in one word.
        public var gate: Phase {
            switch mode {
            case .forcedOpen: .open
            case .forcedClosed: .closed
            case .enforce, .shadow: phase
            }
        }

        /// One line for a person: `open, 5 faults in a row`, `closed, 4 faults in a row`, `closed`.
        public var summary: String {
            var parts = [phase.rawValue]
            if phase != .closed { parts.append(evidence) }
            if phase == .closed, faultsInRow > 0 {
                parts.append(faultsInRow == 1 ? "1 fault" : "\(faultsInRow) faults in a row")
            }
            if isSpared { parts.append("spared") }
            switch mode {
            case .enforce: break
            case .shadow: parts.append("shadow")
            case .forcedOpen: parts.append("forced open")
            case .forcedClosed: parts.append("forced closed")
            }
            return parts.joined(separator: ", ")
        }
    }

    public mutating func status(at now: Instant) -> Status {
        var status = Status()
        status.phase = phase
        status.mode = mode(at: now)
        if let force, now < force.until { status.forcedUntil = force.until }
        status.isSpared = isSpared
        status.evidence = lastTrip
        status.calls = window.calls(at: now)
        status.faults = window.countedCalls(at: now)
        status.trips = trips
        status.isRamping = isRamping(at: now)
        switch state {
        case .closed(let faults): status.faultsInRow = faults
        case .open(let until): status.nextProbe = until > now ? until : nil
        case .probing(let inFlight, _, let renewal):
            status.nextProbe = inFlight >= limits.probes && renewal > now ? renewal : nil
        }
        return status
    }

    /// What no breaker may be, if this one is it: nil as long as all is well. For simulations and tests.
    public func violation(at now: Instant) -> String? {
        if let change = lastTransition, !change.from.mayBecome(change.to) {
            return "it went from \(change.from) to \(change.to)"
        }
        if let change = lastTransition, change.to != phase { return "it is \(phase), and became \(change.to) last" }
        if isSpared, phase == .closed { return "it is closed and spared" }
        switch state {
        case .closed(let faults):
            if faults >= limits.faultsInRow { return "it is closed after \(faults) faults in a row" }
        case .open(let until):
            // One trip back in time is no more than the clock's step.
            let longest = limits.longestCooldown * (1 + limits.jitter)
            if now.duration(to: until) > longest { return "it stays open for longer than \(longest)" }
        case .probing(let inFlight, let successes, _):
            if !(0...limits.probes).contains(inFlight) { return "\(inFlight) probes are in flight" }
            if successes >= limits.probes { return "it probes after \(successes) successes" }
        }
        if let force, now.duration(to: force.until) > Force.longest { return "it is forced for more than a day" }
        return nil
    }
}
