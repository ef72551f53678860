import Exchange
import MeshPolicy
import Policy
import Reactor
import Resilience
import Timebase
import Transport

/// What a call from the application meets on its way out, top to bottom.
func outboundStack(
    to endpoints: Balancer, _ rules: ServiceRules, _ kept: KeptLayers, _ parts: StackParts
) -> Stack {
    let layers: [(any Layer)?] = [
        kept.layer("telemetry") { parts.telemetry.layer() },  // outermost: it hears of everything, refusals too
        // Outside the queue and the retries: they share one deadline.
        kept.layer("deadline", rules.deadline) { DeadlineLayer(fallback: $0) },
        // Outside the retries: repeating keeps the place.
        kept.layer("bulkhead", rules.destination) { BulkheadLayer($0, per: .whole) },
        // Outside the balancer: each attempt picks anew.
        kept.layer("retry", rules.retry) { RetryLayer($0, chance: parts.loop.chance()) },
    ]
    return Stack(layers.compactMap { $0 }, around: .picker(endpoints), name: endpoints.destination)
}

/// What an attempt meets on its way to one endpoint.
func endpointStack(
    _ address: String, of destination: String, _ meter: LoadLayer, _ rules: ServiceRules, _ kept: KeptLayers,
    _ parts: StackParts, pool: ConnectionPool
) -> Stack {
    let telemetry = parts.telemetry
    let loop = parts.loop
    let layers: [(any Layer)?] = [
        meter,  // outermost: it measures what the balancer compares
        // Outside the timeout: an attempt that took too long is the endpoint's fault.
        kept.layer("breaker", rules.breaker) { limits in
            BreakerLayer(of: address, limits, chance: loop.chance()) { breaker in
                telemetry.breakerChanged(breaker, of: destination)
                if breaker.phase == .closed { meter.restart(at: loop.now) }
            }
        },
        kept.layer("attempt timeout", rules.attemptTimeout) { AttemptTimeoutLayer(fallback: $0) },
    ]
    return Stack(
        layers.compactMap { $0 }, around: .exchanger(pool), name: address, isReachable: { pool.isWorthAsking })
}

extension ConnectionPool {
    /// False while exchanges would fail at once, because the last dial did.
    var isWorthAsking: Bool {
        if case .transientFailure = state { false } else { true }
    }
}
