internal import ServiceKit
internal import Timebase

/// What the edge counts: requests by method and status, and how long they took.
///
/// Loop-bound; series are found once and kept. Methods are those of contracts, so the set is closed.
final class EdgeMetrics {
    private struct Key: Hashable {
        let method: String
        let status: Int
        let reason: String
    }

    private let registry: MetricsRegistry
    private var counters: [Key: MetricsRegistry.Counter] = [:]
    private var durations: [String: DurationHistogram] = [:]

    init(_ registry: MetricsRegistry) {
        self.registry = registry
    }

    func record(method: String, status: Int, reason: String, elapsed: Duration) {
        let key = Key(method: method, status: status, reason: reason)
        let counter =
            counters[key]
            ?? registry.counter(
                "weft_edge_requests_total", "Requests that the edge answered.",
                ["method": method, "status": String(status), "reason": reason])
        counters[key] = counter
        counter.add()
        let duration =
            durations[method]
            ?? registry.histogram(
                "weft_edge_request_duration_seconds", "From a request's head to the end of its answer.",
                ["method": method])
        durations[method] = duration
        duration.record(elapsed)
    }
}
