import Exchange
import Policy
import Reactor
import Resilience
import Timebase
import Transport

/// What a call from the application meets on its way out, top to bottom.
func outboundStack(
    to endpoints: Balancer, _ policy: SidecarConfig.Policy, chance: Chance, telemetry: Telemetry
) -> Stack {
    Stack(
        [
            telemetry.layer(),  // outermost: it hears of everything, refusals too
            DeadlineLayer(fallback: policy.deadline),  // outside the queue and the retries: they share one deadline
            BulkheadLayer(policy.destination, per: .whole),  // outside the retries: repeating keeps the place
            RetryLayer(policy.retry, chance: chance),  // outside the balancer: each attempt picks anew
        ],
        around: .picker(endpoints), name: endpoints.destination)
}

/// What an attempt meets on its way to one endpoint.
func endpointStack(
    _ address: String, _ meter: LoadLayer, _ breaker: BreakerLayer, _ policy: SidecarConfig.Policy, pool: ConnectionPool
) -> Stack {
    Stack(
        [
            meter,  // outermost: it measures what the balancer compares
            breaker,  // outside the timeout: an attempt that took too long is the endpoint's fault
            AttemptTimeoutLayer(fallback: policy.attemptTimeout),
        ],
        around: .exchanger(pool), name: address, isReachable: { pool.isWorthAsking })
}

/// What a call from another member meets on its way in.
func inboundStack(
    to app: ConnectionPool, _ policy: SidecarConfig.Policy, telemetry: Telemetry
) -> Stack {
    Stack(
        [
            telemetry.layer(),  // outermost: it hears of everything, refusals too
            RolesLayer(
                policy.authorization, rolesOfCaller: { policy.roles(of: $0.caller) }, audit: telemetry.audited),
            DeadlineLayer(fallback: policy.deadline),  // outside the queue: waiting is part of the time
            BulkheadLayer(policy.method, per: .methodAndCaller),  // inside the roles: who may not call takes no place
        ],
        around: .exchanger(app), name: app.address.description)
}

extension ConnectionPool {
    /// False while exchanges would fail at once, because the last dial did.
    var isWorthAsking: Bool {
        if case .transientFailure = state { false } else { true }
    }
}

extension SidecarConfig.Policy {
    /// What a caller may claim: what the file gives its id or its service, and the name of its service.
    func roles(of caller: String) -> [String] {
        let service = caller.split(separator: "/").last.map(String.init) ?? ""
        return (roles[caller] ?? []) + (roles[service] ?? []) + (service.isEmpty ? [] : [service])
    }
}
