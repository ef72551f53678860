import Exchange
import Logging
import Policy
import RPC
import Reactor
import Resilience
import ServiceKit
import Timebase
import Traces
import Transport

/// Counts, logs, traces and remembers the calls of one direction.
///
/// Labels are closed sets: methods come from a bounded table, callers from certificates, codes are seventeen, reasons are a
/// phase and a cause. What a call that succeeds costs here is two atomic additions, a comparison and a histogram's place;
/// everything else is done for those that fail.
final class Telemetry: @unchecked Sendable {  // touched on its loop alone, but for what is `Sendable` in it
    enum Direction: String {
        case inbound, outbound
    }

    /// Stands for calls to what nobody has: one series for all of them.
    let unrouted = MethodEntry(service: "", fullName: "unrouted")
    let direction: Direction
    /// Who says so: `course-1/inbound`.
    let teller: String
    let metrics: MetricsRegistry
    private let log: Logger
    private let loop: Loop
    private let accessLog: AccessLog
    /// nil while nobody traces.
    var tracer: Tracer?
    private let stories: CallStories
    private struct Key: Hashable {
        var method: ObjectIdentifier
        var caller: String
    }
    private var series: [Key: MethodSeries] = [:]
    /// Calls of one method come in runs, and then nothing is hashed.
    private var lastSeries: MethodSeries?
    private let inFlight: MetricsRegistry.Gauge

    init(_ direction: Direction, of instance: String, _ context: ProcessContext, stories: CallStories) {
        self.direction = direction
        self.stories = stories
        teller = "\(instance)/\(direction.rawValue)"
        metrics = context.metrics
        log = context.log
        loop = context.loop
        accessLog = AccessLog(
            direction, teller: teller, share: context.accessLogShare, metrics: context.metrics, log: context.log)
        inFlight = metrics.gauge("weft_calls_in_flight", "Calls under way.", ["direction": direction.rawValue])
    }

    /// The outermost layer of a stack.
    func layer() -> TelemetryLayer { TelemetryLayer(self) }

    /// A stack for a call that has nowhere to go: it is refused, counted and logged like any other.
    func refusal(_ failure: Failure) -> Stack {
        Stack([layer()], around: .refusal(failure), name: "")
    }

    // MARK: Calls

    func began(_ call: CallHead) {
        inFlight.add(1)
        if let tracer { call.span = tracer.join(&call.request) }
    }

    func ended(_ call: CallHead, _ outcome: Outcome) {
        inFlight.add(-1)
        let last = lastSeries
        if let last, last.method === call.method, last.caller == call.caller {
            last.count(outcome, call)
        } else {
            let found = series(of: call)
            lastSeries = found
            found.count(outcome, call)
        }
        if let tracer, tracer.wants(call.span, failed: outcome.kind != .success, at: outcome.endedAt) {
            trace(call, outcome, tracer)
        }
        if outcome.kind == .success && call.attempts.isEmpty && !accessLog.tellsSuccesses { return }
        tell(call, outcome)
    }

    private func series(of call: CallHead) -> MethodSeries {
        let key = Key(method: ObjectIdentifier(call.method), caller: call.caller)
        if let known = series[key] { return known }
        // Methods come and go with contracts, and callers with certificates; the metrics themselves have their own bound.
        if series.count >= MetricsRegistry.maxSeries { series = [:] }
        let made = MethodSeries(call.method, from: call.caller, direction, metrics)
        series[key] = made
        return made
    }

    private func tell(_ call: CallHead, _ outcome: Outcome) {
        if outcome.kind != .success {
            accessLog.tellFailure(call, outcome)
        } else {
            accessLog.tellSuccess(call, outcome)
            if call.attempts.isEmpty { return }
        }
        stories.add(
            CallStories.Told(call: call, outcome: outcome, direction: direction, teller: teller, at: loop.wall))
    }

    /// A call went on that would have been refused if policies were enforced.
    func audited(_ call: CallHead, _ failure: Failure) {
        accessLog.audited(call, failure)
    }

    /// A call was over a rate limit. In shadow it went on, and is told like what an audit finds.
    func rateLimited(_ call: CallHead, _ rule: RateLimitLayer.Rule, _ failure: Failure) {
        metrics.counter(
            "weft_rate_limited_total", "Calls over a rate limit, by rule: refused, or only told in shadow.",
            ["rule": rule.name, "mode": rule.isShadow ? "shadow" : "enforce"]
        ).add()
        if rule.isShadow { audited(call, failure) }
    }

    // MARK: Endpoints

    /// A breaker went to another phase, or somebody else decides from now on. That it is spared is an event of its own: the
    /// endpoint looks ill, and calls go there.
    func breakerChanged(_ breaker: BreakerLayer, of destination: String, at now: Instant) {
        let status = breaker.status(at: now)
        var metadata: Logger.Metadata = [
            "destination": "\(destination)", "endpoint": "\(breaker.endpoint)", "state": "\(status.summary)",
        ]
        if !status.evidence.isEmpty { metadata["tripped_by"] = "\(status.evidence)" }
        if !breaker.lastFault.isEmpty { metadata["last_fault"] = "\(breaker.lastFault)" }
        let (event, message): (String, Logger.Message) =
            switch breaker.lastChange {
            case .mode: ("mode", "the breaker of an endpoint is decided over by somebody else, or no longer")
            case .spared: ("spared", "an endpoint that looks ill is spared: too many others are left alone")
            case .phase where status.isSpared:
                ("spared", "the breaker of an endpoint is open, and spared: too many others are left alone")
            case .phase: (status.phase.rawValue, "the breaker of an endpoint is \(status.phase.rawValue)")
            }
        log.log(level: status.phase == .open ? .warning : .notice, message, metadata: metadata)
        metrics.counter(
            "weft_breaker_changes_total", "Changes of endpoints' breakers.",
            ["destination": destination, "to": event]
        ).add()
    }

    func panicChanged(_ balancer: Balancer) {
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
