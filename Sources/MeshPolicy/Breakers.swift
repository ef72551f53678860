internal import MeshAPI
internal import Resilience

extension ServiceRules {
    mutating func readBreaker(_ said: WeftPolicyV1.Breaker, _ reader: inout PolicyReader) {
        breaker = CircuitBreaker.Limits(said, &reader)
        if let share = reader.share(said.mostEjectedPercent, "most_ejected_percent") { balancing.mostEjected = share }
    }
}

extension BalancingRule {
    mutating func read(_ said: WeftPolicyV1.Balancing, _ reader: inout PolicyReader) {
        if let time = reader.duration(said.slowStart, "slow_start") { slowStart = time }
        if let share = reader.share(said.panicPercent, "panic_percent") { panicShare = share }
    }
}

extension CircuitBreaker.Limits {
    init(_ said: WeftPolicyV1.Breaker, _ reader: inout PolicyReader) {
        self.init()
        if let mode = Self.mode(said.mode, &reader) { self.mode = mode }
        if let count = reader.count(said.faultsInRow, "faults_in_row", in: 1...1000) { faultsInRow = count }
        if let share = reader.share(said.leastSuccessPercent, "least_success_percent") { leastSuccess = share }
        if let count = reader.count(said.leastCalls, "least_calls", in: 1...100_000) { leastCalls = count }
        if let first = reader.duration(said.firstCooldown, "first_cooldown") { firstCooldown = first }
        if let longest = reader.duration(said.longestCooldown, "longest_cooldown") { longestCooldown = longest }
        if longestCooldown < firstCooldown {
            reader.fault("longest_cooldown", "it is shorter than the first, \(firstCooldown)")
        }
        if let count = reader.count(said.probes, "probes", in: 1...100) { probes = count }
        if let duration = reader.duration(said.ramp, "ramp") { ramp = duration }
    }

    private static func mode(_ said: WeftPolicyV1.BreakerMode, _ reader: inout PolicyReader) -> CircuitBreaker.Mode? {
        switch said {
        case .unspecified: return nil
        case .enforce: return .enforce
        case .shadow: return .shadow
        case .forcedOpen: return .forcedOpen
        case .forcedClosed: return .forcedClosed
        default:
            reader.fault("mode", "it is none of ENFORCE, SHADOW, FORCED_OPEN and FORCED_CLOSED")
            return nil
        }
    }
}
