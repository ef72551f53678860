import Membership
import ServiceKit
import Timebase

/// The identity in numbers: when it ends, how often it was renewed, and whether somebody must look.
struct IdentityMetrics {
    private let ends: MetricsRegistry.Gauge
    private let issued: MetricsRegistry.Gauge
    private let failures: MetricsRegistry.Gauge
    private let overdue: MetricsRegistry.Gauge

    init(_ metrics: MetricsRegistry) {
        ends = metrics.gauge(
            "weft_identity_ends_seconds", "When the certificate ends, in seconds since 1970; 0 without one.")
        issued = metrics.gauge("weft_identity_issued", "Certificates that this process was given.")
        failures = metrics.gauge("weft_identity_renewal_failures", "Failed tries since the last certificate.")
        overdue = metrics.gauge(
            "weft_identity_overdue", "1 if three quarters of the certificate's life are over and it is not renewed.")
    }

    func show(_ status: IdentityStatus) {
        ends.set(Int(status.ends?.seconds ?? 0))
        issued.set(status.issued)
        failures.set(status.failures)
        overdue.set(status.isOverdue ? 1 : 0)
    }
}
