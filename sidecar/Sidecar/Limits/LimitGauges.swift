import Exchange
import Policy
import Resilience
import ServiceKit
import Timebase

extension Sidecar {
    /// What limits hold, asked when the metrics are read.
    func describeLimits(to sample: inout MetricsSample) {
        let shedding = load.state.shedding
        sample.gauge(
            "weft_shedding_level", "How many of the four classes of calls are shed, from the least critical on.",
            value: Int(shedding.level.rawValue))
        sample.gauge(
            "weft_memory_bytes", "What the process has in memory, as it was seen last.", value: shedding.memory)
        sample.gauge("weft_memory_limit_bytes", "From where on all calls are shed.", value: shedding.limits.memory)
        for (criticality, count) in zip(Criticality.allCases, load.state.shed) {
            sample.counter(
                "weft_shed_calls_total", "Calls that were shed.", ["criticality": criticality.text], value: count)
        }
        guard let inbound else { return }
        for layer in inbound.stack.layers {
            switch layer {
            case let layer as AdaptiveLimitLayer: describe(layer, to: &sample)
            case let layer as RateLimitLayer:
                sample.gauge("weft_rate_limit_buckets", "Callers that are told apart.", value: layer.ownBuckets)
                sample.counter(
                    "weft_rate_limit_overflows_total", "Times that a caller shared a bucket since none was idle.",
                    value: layer.overflows)
            case let layer as BulkheadLayer:
                let (inFlight, waiting) = layer.occupancy
                let help = "Calls of others that hold a place, or wait for one."
                sample.gauge("weft_inbound_bulkhead_calls", help, ["state": "in_flight"], value: inFlight)
                sample.gauge("weft_inbound_bulkhead_calls", help, ["state": "waiting"], value: waiting)
                sample.counter(
                    "weft_inbound_bulkhead_overflows_total", "Calls that shared a bulkhead since all were in use.",
                    value: layer.overflows)
            default: break
            }
        }
    }

    private func describe(_ layer: AdaptiveLimitLayer, to sample: inout MetricsSample) {
        let mode = layer.mode == .enforce ? "enforce" : "shadow"
        sample.gauge(
            "weft_adaptive_limit", "Calls in flight beyond which the service only becomes slower.", ["mode": mode],
            value: layer.value.limit)
        sample.gauge(
            "weft_adaptive_limit_in_flight", "Calls in flight that count for the adaptive limit.",
            value: layer.value.inFlight)
        sample.counter(
            "weft_adaptive_limit_refusals_total", "Calls over the adaptive limit: refused, or only counted in shadow.",
            ["mode": mode], value: layer.value.refusals)
    }

    /// The same for people, as a member of `/config`.
    func writeLimits(to text: inout JSONText) {
        let shedding = load.state.shedding
        text.key("limits")
        text.open()
        text.member("shedding", "\(shedding.level)")
        text.member("memory_bytes", shedding.memory)
        text.member("memory_limit_bytes", shedding.limits.memory)
        text.member("loop_delay_us", Int(shedding.delay.clampedNanoseconds / 1000))
        for case let layer as AdaptiveLimitLayer in inbound?.stack.layers ?? [] {
            text.member("adaptive_limit", layer.value.limit)
            text.member("adaptive_limit_mode", layer.mode == .enforce ? "enforce" : "shadow")
            text.member("adaptive_limit_refusals", layer.value.refusals)
        }
        for case let layer as BulkheadLayer in inbound?.stack.layers ?? [] {
            guard let fullest = layer.fullest else { continue }
            text.member("fullest_bulkhead", "\(fullest.method) of \(fullest.caller)")
            text.member("fullest_bulkhead_in_flight", fullest.bulkhead.inFlight)
            text.member("fullest_bulkhead_waiting", fullest.bulkhead.waiting)
        }
        text.close()
    }
}
