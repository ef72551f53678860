import Exchange
import Logging
import Policy
import RPC
import Resilience
import ServiceKit
import Timebase
import Transport

/// Counts and logs the calls of one direction.
///
/// Labels are closed sets: methods come from a bounded table, statuses are seventeen, reasons are a phase and a cause. A
/// call that fails is logged with its reason and its request id, up to a number of lines a second; one that succeeds is
/// logged at debug level.
final class Telemetry: @unchecked Sendable {  // touched on its loop alone, but for what is `Sendable` in it
    enum Direction: String {
        case inbound, outbound
    }

    /// More failures than this a second are counted, not told one by one: a storm of them must not become one of lines.
    static let linesPerSecond = 50

    /// Stands for calls to what nobody has: one series for all of them.
    let unrouted = MethodEntry(service: "", fullName: "unrouted")
    private let direction: Direction
    private let metrics: MetricsRegistry
    private let log: Logger
    private var series: [ObjectIdentifier: MethodSeries] = [:]
    /// Calls of one method come in runs, and then nothing is hashed.
    private var lastSeries: MethodSeries?
    private var reasons: [String: MetricsRegistry.Counter] = [:]
    private let inFlight: MetricsRegistry.Gauge
    private let logsSuccesses: Bool
    private var second: Int64 = 0
    private var lines = 0
    private var suppressed = 0

    init(_ direction: Direction, metrics: MetricsRegistry, log: Logger) {
        self.direction = direction
        self.metrics = metrics
        self.log = log
        logsSuccesses = log.logLevel <= .debug
        inFlight = metrics.gauge("weft_calls_in_flight", "Calls under way.", ["direction": direction.rawValue])
    }

    /// The outermost layer of a stack.
    func layer() -> AccessLogLayer {
        AccessLogLayer(
            began: { [inFlight] _ in inFlight.add(1) },
            ended: { [self] call, outcome in
                inFlight.add(-1)
                count(call, outcome)
            })
    }

    /// A stack for a call that has nowhere to go: it is refused, counted and logged like any other.
    func refusal(_ failure: Failure) -> Stack {
        Stack([layer()], around: .refusal(failure), name: "")
    }

    // MARK: Calls

    private func count(_ call: CallHead, _ outcome: Outcome) {
        let method = call.method
        if lastSeries?.method !== method { lastSeries = series(of: method) }
        lastSeries?.count(outcome, attempts: call.attempt)
        if outcome.kind == .success && !logsSuccesses { return }
        if let failure = outcome.failure { reason(failure).add() }
        if outcome.kind != .cancelled { tell(call, outcome) }
    }

    private func series(of method: MethodEntry) -> MethodSeries {
        let key = ObjectIdentifier(method)
        if let known = series[key] { return known }
        let made = MethodSeries(method, direction, metrics)
        series[key] = made
        return made
    }

    private func reason(_ failure: Failure) -> MetricsRegistry.Counter {
        let name = "\(failure.phase.rawValue).\(failure.cause.rawValue)"
        if let known = reasons[name] { return known }
        let made = metrics.counter(
            "weft_failures_total", "Calls that Weft refused or that broke off, by reason.",
            ["direction": direction.rawValue, "reason": name])
        reasons[name] = made
        return made
    }

    private func tell(_ call: CallHead, _ outcome: Outcome) {
        let isSuccess = outcome.kind == .success
        guard isSuccess || mayTell(at: outcome.endedAt) else { return }
        var metadata: Logger.Metadata = [
            "direction": "\(direction.rawValue)", "method": "\(call.method.fullName)", "status": "\(outcome.status)",
            "request_id": "\(call.requestID)", "duration_us": "\(outcome.elapsed.clampedNanoseconds / 1000)",
        ]
        if !call.caller.isEmpty { metadata["caller"] = "\(call.caller)" }
        if !call.endpoint.isEmpty { metadata["endpoint"] = "\(call.endpoint)" }
        if call.attempt > 1 { metadata["attempts"] = "\(call.attempt)" }
        if let failure = outcome.failure {
            metadata["reason"] = "\(failure.reason)"
            if !failure.detail.isEmpty { metadata["detail"] = "\(failure.detail)" }
        }
        log.log(level: isSuccess ? .debug : .notice, isSuccess ? "call" : "call failed", metadata: metadata)
    }

    private func mayTell(at now: Instant) -> Bool {
        let current = now.nanoseconds / 1_000_000_000
        if current != second {
            if suppressed > 0 { log.notice("more calls failed", metadata: ["suppressed": "\(suppressed)"]) }
            second = current
            lines = 0
            suppressed = 0
        }
        lines += 1
        if lines > Self.linesPerSecond { suppressed += 1 }
        return lines <= Self.linesPerSecond
    }

    /// A call went on that would have been refused if policies were enforced.
    func audited(_ call: CallHead, _ failure: Failure) {
        guard mayTell(at: call.startedAt) else { return }
        log.notice(
            "a call would be refused",
            metadata: [
                "reason": "\(failure.reason)", "detail": "\(failure.detail)", "request_id": "\(call.requestID)",
                "caller": "\(call.caller)",
            ])
    }

    // MARK: Endpoints

    func breakerChanged(_ breaker: BreakerLayer, of destination: String) {
        let isOpen = breaker.phase == .open
        log.log(
            level: isOpen ? .warning : .notice, "the breaker of an endpoint is \(breaker.phase.rawValue)",
            metadata: [
                "destination": "\(destination)", "endpoint": "\(breaker.endpoint)", "tripped_by": "\(breaker.lastTrip)",
            ])
        metrics.counter(
            "weft_breaker_changes_total", "Changes of endpoints' breakers.",
            ["destination": destination, "to": breaker.phase.rawValue]
        ).add()
    }

    func panicChanged(_ balancer: Balancer) {
        metrics.gauge(
            "weft_panic", "1 while most endpoints of a destination look ill, and calls go to all of them.",
            ["destination": balancer.destination]
        ).set(balancer.isPanic ? 1 : 0)
        log.warning(
            balancer.isPanic
                ? "most endpoints look ill; calls go to all of them" : "enough endpoints are well again",
            metadata: ["destination": "\(balancer.destination)"])
    }

    /// What happens to connections.
    var connections: ConnectionEvents {
        let direction = direction.rawValue
        return ConnectionEvents { [log, metrics] event in
            switch event {
            case .opened:
                metrics.counter("weft_connections_total", "Connections made.", ["direction": direction]).add()
            case .refused(_, let failure) where failure.phase == .connect:
                break  // told as the dial that failed
            case .refused(let address, let failure):
                Self.tell(log, "a connection was refused", direction, address, failure)
                metrics.counter(
                    "weft_connection_failures_total", "Connections that could not be made, by cause.",
                    ["direction": direction, "cause": failure.cause.rawValue]
                ).add()
            case .dialFailed(let address, let failure, let delay):
                Self.tell(log, "cannot connect; trying again in \(delay)", direction, address, failure)
                metrics.counter(
                    "weft_connection_failures_total", "Connections that could not be made, by cause.",
                    ["direction": direction, "cause": failure.cause.rawValue]
                ).add()
            case .closed(let peer, let failure):
                if let failure { Self.tell(log, "a connection broke off", direction, peer.address, failure) }
            case .keepaliveSlowed(let address, let interval):
                log.warning(
                    "a peer complains about pings; they are sent less often from now on",
                    metadata: ["peer": "\(address)", "interval": "\(interval)"])
            case .acceptPaused(let reason):
                log.error("cannot accept connections for the moment", metadata: ["reason": "\(reason)"])
            }
        }
    }

    private static func tell(
        _ log: Logger, _ message: String, _ direction: String, _ address: String, _ failure: Failure
    ) {
        log.warning(
            "\(message)",
            metadata: [
                "direction": "\(direction)", "peer": "\(address)", "reason": "\(failure.reason)",
                "detail": "\(failure.detail)",
            ])
    }
}

/// The series of one method, kept so that counting is an addition.
private final class MethodSeries {
    let method: MethodEntry
    private let direction: Telemetry.Direction
    private let metrics: MetricsRegistry
    private let latency: DurationHistogram
    private let retries: MetricsRegistry.Counter
    private var byStatus: [MetricsRegistry.Counter?]

    init(_ method: MethodEntry, _ direction: Telemetry.Direction, _ metrics: MetricsRegistry) {
        self.method = method
        self.direction = direction
        self.metrics = metrics
        // The codes of gRPC are 0...16; what is beyond them shares the place of UNKNOWN.
        byStatus = Array(repeating: nil, count: 17)
        retries = metrics.counter(
            "weft_retries_total", "Attempts after a call's first.",
            ["direction": direction.rawValue, "service": method.service, "method": method.fullName])
        latency = metrics.histogram(
            "weft_call_seconds", "How long calls took.",
            ["direction": direction.rawValue, "service": method.service, "method": method.fullName])
    }

    func count(_ outcome: Outcome, attempts: Int) {
        if attempts > 1 { retries.add(attempts - 1) }
        let status = byStatus.indices.contains(outcome.status) ? outcome.status : StatusCode.unknown.rawValue
        if byStatus[status] == nil {
            byStatus[status] = metrics.counter(
                "weft_calls_total", "Calls by their status.",
                [
                    "direction": direction.rawValue, "service": method.service, "method": method.fullName,
                    "status": String(status),
                ])
        }
        byStatus[status]?.add()
        latency.record(outcome.elapsed)
    }
}
