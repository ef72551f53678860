import Exchange
import MeshPolicy
import Policy
import Resilience
import Transport

/// What a call from another member meets on its way in, top to bottom.
func inboundStack(
    to app: ConnectionPool, _ rules: ServiceRules, _ policy: SidecarConfig.Policy, _ kept: KeptLayers,
    _ parts: StackParts
) -> Stack {
    let layers: [(any Layer)?] = [
        kept.layer("telemetry") { parts.telemetry.layer() },  // outermost: it hears of everything, refusals too
        // Outside the roles: whom a policy names need not be looked at further.
        kept.layer("authorization", ifAny: rules.authorization) {
            AuthorizationLayer($0, told: parts.telemetry.audited)
        },
        kept.layer("roles") {
            RolesLayer(
                policy.authorization, rolesOfCaller: { policy.roles(of: $0.caller) }, audit: parts.telemetry.audited)
        },
        // Before anything is counted or waits: it is to cost nothing.
        kept.layer("shedding") { SheddingLayer(parts.shedding) },
        // Outside the bulkhead: who calls too often takes no place.
        kept.layer("rate limits", ifAny: rules.rateLimits.isEmpty ? nil : rules.rateLimits, change: { $0.replace($1) })
        {
            RateLimitLayer($0, limited: parts.telemetry.rateLimited)
        },
        // Outside the queue: waiting is part of the time.
        kept.layer("deadline", rules.deadline) { DeadlineLayer(fallback: $0) },
        // Inside the roles: who may not call takes no place.
        kept.layer("bulkhead", rules.perCaller, change: { $0.replace($1) }) {
            BulkheadLayer($0, per: .methodAndCaller)
        },
        // Innermost: it measures what the application does, without what calls waited before it.
        kept.layer("adaptive limit", ifAny: rules.adaptiveLimit, change: { $0.replace($1) }) { AdaptiveLimitLayer($0) },
    ]
    return Stack(layers.compactMap { $0 }, around: .exchanger(app), name: app.address.description)
}

extension SidecarConfig.Policy {
    /// What a caller may claim: what the file gives its id or its service, and the name of its service.
    func roles(of caller: String) -> [String] {
        let service = caller.split(separator: "/").last.map(String.init) ?? ""
        return (roles[caller] ?? []) + (roles[service] ?? []) + (service.isEmpty ? [] : [service])
    }
}
