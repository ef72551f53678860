import Exchange
import Policy
import Reactor
import Resilience
import ServiceKit
import Sidecar
import Simulation

/// Looks at a sidecar after each of its turns: what must never be so, not even for a moment.
final class Watchdog {
    /// A loop of a sidecar of a small town has a few timers for each connection and call.
    private static let mostTimers = 5_000
    private static let mostSources = 1_000

    private let ledger: MeshLedger
    /// The last phase of each breaker that was seen, by sidecar and endpoint.
    private var phases: [ObjectIdentifier: (phase: CircuitBreaker.Phase, breaker: BreakerLayer)] = [:]
    private(set) var trips: [String: Int] = [:]

    init(_ ledger: MeshLedger) {
        self.ledger = ledger
    }

    func look(at pod: MeshTown.Pod) {
        guard let sidecar = pod.sidecar else { return }
        for destination in sidecar.destinations.values {
            for (endpoint, stack) in destination.balancer.members {
                for case let breaker as BreakerLayer in stack.layers {
                    look(at: breaker, of: destination.name, "\(pod.instance) to \(endpoint.address)")
                }
            }
            look(at: destination.stack, of: "\(pod.instance) to \(destination.name)")
        }
        if let inbound = sidecar.inboundLayers { look(at: inbound, of: pod.instance) }
        let loop = sidecar.context.loop
        if loop.pendingTimers > Watchdog.mostTimers {
            ledger.complain("\(pod.instance) has \(loop.pendingTimers) timers")
        }
        let sources = loop.sources.count
        if sources > Watchdog.mostSources { ledger.complain("\(pod.instance) watches \(sources) sockets") }
    }

    private func look(at breaker: BreakerLayer, of destination: String, _ place: String) {
        let phase = breaker.phase
        guard let known = phases.updateValue((phase, breaker), forKey: ObjectIdentifier(breaker)) else {
            if phase != .closed { ledger.complain("the breaker of \(place) is new and \(phase.rawValue)") }
            return
        }
        guard known.phase != phase else { return }
        if phase == .open { trips[destination, default: 0] += 1 }
        if !Watchdog.isLegal(known.phase, phase) {
            ledger.complain("the breaker of \(place) went from \(known.phase.rawValue) to \(phase.rawValue)")
        }
    }

    /// closed to open; open to probing; probing to closed or open.
    static func isLegal(_ from: CircuitBreaker.Phase, _ to: CircuitBreaker.Phase) -> Bool {
        switch (from, to) {
        case (.closed, .open), (.open, .probing), (.probing, .open), (.probing, .closed): true
        default: false
        }
    }

    private func look(at stack: Stack, of place: String) {
        for case let layer as BulkheadLayer in stack.layers {
            if let full = layer.firstOverfull {
                ledger.complain("a bulkhead of \(place) holds \(full.inFlight) calls and \(full.waiting) that wait")
            }
        }
    }

    /// At the end: nothing is counted as under way.
    func lookAtRest(_ pod: MeshTown.Pod) {
        guard let sidecar = pod.sidecar else { return }
        var stacks = sidecar.destinations.values.sorted { $0.name < $1.name }.map { ($0.name, $0.stack) }
        if let inbound = sidecar.inboundLayers { stacks.append(("the application", inbound)) }
        for (name, stack) in stacks where name != "weft-control" {
            for case let layer as BulkheadLayer in stack.layers {
                let count = layer.occupancy
                if count.inFlight != 0 || count.waiting != 0 {
                    ledger.complain(
                        "\(pod.instance) counts \(count.inFlight) calls in flight to \(name) and \(count.waiting) "
                            + "that wait, when all are over")
                }
            }
        }
        for (name, gauge) in sidecar.context.metrics.gauges(named: "weft_calls_in_flight") where gauge != 0 {
            // Watches of the control plane's by the application would count; there are none.
            ledger.complain("\(pod.instance) counts \(gauge) calls under way (\(name)), when all are over")
        }
        let series = sidecar.context.metrics.count
        if series > MetricsRegistry.maxSeries + 100 { ledger.complain("\(pod.instance) has \(series) series") }
    }
}
