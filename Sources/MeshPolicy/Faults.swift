internal import MeshAPI
internal import Policy
internal import Timebase
internal import WellKnown

extension ServiceRules {
    static let mostFaults = 32

    mutating func readFaults(_ policy: WeftPolicyV1.ServicePolicy, _ reader: inout PolicyReader) {
        guard !policy.faults.isEmpty else { return }
        faults = reader.named(policy.faults, "faults", most: Self.mostFaults, name: \.name) { said, reader in
            FaultRule(said, &reader)
        }
    }
}

extension FaultRule {
    /// Longer than any caller waits; a call that is held up takes memory.
    static let longestDelay: Duration = .seconds(300)
    static let mostPerSecondAllowed = 100_000.0

    fileprivate init(_ said: WeftPolicyV1.Fault, _ reader: inout PolicyReader) {
        let match = CallMatch(said.match, &reader)
        let share = reader.neededShare(said.percent, "percent")
        var rate = FaultRule.usualPerSecond
        if let most = said.mostPerSecond {
            if most > 0, most <= Self.mostPerSecondAllowed {
                rate = most
            } else {
                reader.fault("most_per_second", "\(most) is not above 0 and at most \(Int(Self.mostPerSecondAllowed))")
            }
        }
        // Whether it is over already is not asked: a snapshot with a fault that has ended is as good as one without.
        if said.until == nil {
            reader.fault("until", "it is missing: every fault ends by itself, at a time such as 2026-01-02T15:04:05Z")
        }
        let until = WallTime(seconds: said.until?.seconds ?? 0, nanoseconds: said.until?.nanos ?? 0)
        self.init(
            said.name, Kind(said, &reader), match, share: share, until: until, mostPerSecond: rate)
    }
}

extension FaultRule.Kind {
    fileprivate init(_ said: WeftPolicyV1.Fault, _ reader: inout PolicyReader) {
        self = .reset
        switch said.kind {
        case .delay(let text):
            guard let delay = reader.duration(text, "delay") else {
                if text.isEmpty { reader.fault("delay", "it is empty: a duration such as 800ms, 2s or 1m30s") }
                return
            }
            if delay > FaultRule.longestDelay { reader.fault("delay", "'\(text)' is longer than 5m") }
            self = .delay(delay)
        case .abort(let code):
            if !(1...16).contains(code) {
                reader.fault("abort", "\(code) is no status code of gRPC that fails: 1...16")
            }
            self = .abort(Int(code))
        case .reset(let isSaid):
            if !isSaid { reader.fault("reset", "it is true, or unsaid") }
        case .goaway(let isSaid):
            if !isSaid { reader.fault("goaway", "it is true, or unsaid") }
            self = .goAway
        case nil:
            reader.fault("", "it does not say what fails: one of delay, abort, reset, goaway")
        }
    }
}
