import Exchange
import Policy
import Reactor
import Resilience
import ServiceKit
import Transport

extension Sidecar {
    /// What the sidecar's deciding parts hold, asked when the metrics are read: nothing is counted twice for it.
    func collectGauges() {
        context.metrics.collect { [weak self] sample in
            guard let self else { return }
            for (name, destination) in destinations { describe(name, destination, to: &sample) }
            describeLimits(to: &sample)
            sample.gauge("weft_stories", "Failed calls that `weft why` can tell of.", value: stories.count)
        }
    }

    private func describe(_ name: String, _ destination: Destination, to sample: inout MetricsSample) {
        let nobody = CallHead(method: outboundTelemetry.unrouted, startedAt: loop.now)
        let state = StackState(of: destination.stack, for: nobody, at: loop.now)
        if let endpoints = state.endpoints {
            sample.gauge("weft_endpoints", "Endpoints of a destination.", ["callee": name], value: endpoints)
            sample.gauge(
                "weft_endpoints_usable", "Endpoints that calls may go to.", ["callee": name],
                value: state.usableEndpoints)
        }
        sample.gauge(
            "weft_panic", "1 while most endpoints look ill, and calls go to all of them.", ["callee": name],
            value: state.isPanic ? 1 : 0)
        if let left = state.budgetLeft {
            sample.gauge(
                "weft_retry_budget_left", "Retries and hedges that may be made now.", ["callee": name], value: left)
        }
        if let hedges = state.hedges {
            sample.counter(
                "weft_hedges_total", "Attempts that were begun beside a call's first.", ["callee": name], value: hedges)
        }
        if let bulkhead = state.bulkhead {
            sample.gauge(
                "weft_bulkhead_in_flight", "Calls that hold a place.", ["callee": name], value: bulkhead.inFlight)
            sample.gauge(
                "weft_bulkhead_waiting", "Calls that wait for a place.", ["callee": name], value: bulkhead.waiting)
            sample.gauge("weft_bulkhead_limit", "Places that there are.", ["callee": name], value: bulkhead.limit)
        }
        for endpoint in destination.endpointStatuses(at: loop.now) {
            sample.gauge(
                "weft_breaker_open", "1 while the endpoint's breaker is open or probing.",
                ["callee": name, "endpoint": endpoint.address], value: endpoint.breaker.phase == .closed ? 0 : 1)
            sample.gauge(
                "weft_endpoint_ready", "1 while there is a connection to the endpoint.",
                ["callee": name, "endpoint": endpoint.address], value: endpoint.connection == "ready" ? 1 : 0)
        }
    }
}
