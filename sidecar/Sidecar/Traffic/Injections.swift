import Policy
import Reactor
import ServiceKit
import Transport

/// The faults that are made on purpose on the way to one destination. One whose rule stays keeps what is left of its blast
/// radius, whatever else changes.
final class Injections {
    private(set) var all: [FaultInjection] = []
    private let service: String
    private let parts: StackParts

    init(of service: String, _ parts: StackParts) {
        self.service = service
        self.parts = parts
    }

    var ofCalls: [FaultInjection] { all.filter { $0.rule.isOfCalls } }
    var ofAttempts: [FaultInjection] { all.filter { !$0.rule.isOfCalls } }

    func take(_ rules: [FaultRule]) {
        let old = all
        all = rules.compactMap { rule in old.first { $0.rule == rule } ?? injection(rule) }
    }

    /// nil where the rule is for other callers.
    private func injection(_ rule: FaultRule) -> FaultInjection? {
        guard let match = rule.match.resolved(forCaller: parts.callerNames) else { return nil }
        let loop = parts.loop
        let counter = parts.metrics.counter(
            "weft_faults_injected_total", "Calls and attempts that met a fault made on purpose.",
            ["service": service, "fault": rule.name])
        return FaultInjection(rule, match: match, chance: loop.chance(), wall: { loop.wall }) { counter.add() }
    }
}

extension StackParts {
    /// What rules may call the only caller that an outbound stack has.
    var callerNames: [String] { [service] + (identity.current?.spiffeID.map { [$0] } ?? []) }
}
