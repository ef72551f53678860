import Exchange
import MeshPolicy
import Policy
import RPC
import Reactor
import Resilience
import Timebase
import Transport

/// What a call from the application meets on its way out, top to bottom.
func outboundStack(
    to endpoints: any Picker, of name: String, _ rules: ServiceRules, faults: [FaultInjection], _ kept: KeptLayers,
    _ parts: StackParts
) -> Stack {
    // Outside the balancer: each attempt picks anew.
    let retry = kept.layer("retry", rules.retry, change: { $0.replace($1) }) {
        RetryLayer($0, chance: parts.loop.chance())
    }
    let layers: [(any Layer)?] = [
        kept.layer("telemetry") { parts.telemetry.layer() },  // outermost: it hears of everything, refusals too
        // Before anything is counted or waits: it is to cost nothing.
        kept.layer("shedding") { SheddingLayer(parts.shedding) },
        // Outside whatever could repeat a call or hold it against somebody: what is made on purpose is neither.
        kept.layer("faults", ifAny: faults.isEmpty ? nil : faults.map(\.rule)) { _ in CallFaultLayer(faults) },
        // Outside the queue and the retries: they share one deadline.
        kept.layer("deadline", rules.deadline) { DeadlineLayer(fallback: $0) },
        // Outside the retries: repeating keeps the place.
        kept.layer("bulkhead", rules.destination, change: { $0.replace($1) }) { BulkheadLayer($0, per: .whole) },
        retry,
    ]
    return Stack(
        layers.compactMap { $0 }, around: hedged(.picker(endpoints), named: name, rules, retry, kept), name: name)
}

/// Where a rule asks for hedges they stand inside the retries, whose budget they share, and outside the balancer: each of
/// them picks an endpoint of its own. Without such a rule there is nothing in the way.
private func hedged(
    _ core: Stack.Core, named name: String, _ rules: ServiceRules, _ retry: RetryLayer, _ kept: KeptLayers
) -> Stack.Core {
    guard rules.methods.values.contains(where: { $0.hedge != nil }) else { return core }
    let hedging = kept.part("hedging") { RuledHedging(retry.budget, nonFatal: StatusCode.faults) }
    return .hedge(hedging, Stack([], around: core, name: name))
}

/// What an attempt meets on its way to one endpoint.
func endpointStack(
    _ address: String, of destination: String, _ meter: LoadLayer, _ rules: ServiceRules, _ kept: KeptLayers,
    _ parts: StackParts, ejections: Ejections, faults: [FaultInjection], pool: ConnectionPool
) -> Stack {
    let telemetry = parts.telemetry
    let loop = parts.loop
    // Inside the breaker and the timeout: to them the endpoint itself fails.
    let broken =
        faults.isEmpty
        ? nil : EndpointFaults(faults, before: pool, timers: loop) { pool.leaveConnections() }
    let core: any Exchanger = broken ?? pool
    let layers: [(any Layer)?] = [
        meter,  // outermost: it measures what the balancer compares
        // Outside the timeout: an attempt that took too long is the endpoint's fault.
        kept.layer("breaker", rules.breaker, change: { $0.replace($1, at: loop.now) }) { limits in
            BreakerLayer(
                of: address, limits, within: ejections, chance: loop.chance(), meter: meter
            ) { breaker in
                telemetry.breakerChanged(breaker, of: destination, at: loop.now)
                if breaker.lastChange == .phase, breaker.phase == .closed {
                    meter.restart(over: breaker.limits.ramp, at: loop.now)
                }
            }
        },
        kept.layer("attempt timeout", rules.attemptTimeout) { AttemptTimeoutLayer(fallback: $0) },
        broken,  // innermost: it decides for the exchange that is opened next
    ]
    return Stack(
        layers.compactMap { $0 }, around: .exchanger(core), name: address, isReachable: { pool.isWorthAsking },
        whyUnreachable: { pool.whyNot })
}

extension ConnectionPool {
    /// False while exchanges would fail at once, because the last dial did.
    var isWorthAsking: Bool {
        if case .transientFailure = state { false } else { true }
    }

    /// Why the last dial failed, while that holds.
    var whyNot: String? {
        guard case .transientFailure(let failure) = state else { return nil }
        return failure.detail.isEmpty ? failure.reason : "\(failure.reason): \(failure.detail)"
    }
}
