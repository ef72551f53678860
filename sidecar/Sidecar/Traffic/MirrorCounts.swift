import ServiceKit

/// How the copies of one mirror went.
struct MirrorCounts {
    let answered: MetricsRegistry.Counter
    let failed: MetricsRegistry.Counter
    let skipped: MetricsRegistry.Counter

    init(of mirror: String, _ service: String, _ metrics: MetricsRegistry) {
        func counter(_ result: String) -> MetricsRegistry.Counter {
            metrics.counter(
                "weft_mirrored_total",
                "Copies of calls: answered with OK, failed (any other end), or skipped since too many were under way.",
                ["service": service, "mirror": mirror, "result": result])
        }
        answered = counter("answered")
        failed = counter("failed")
        skipped = counter("skipped")
    }
}
