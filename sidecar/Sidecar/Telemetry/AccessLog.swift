import Exchange
import Logging
import RPC
import ServiceKit
import Timebase

/// A line for each call that failed, up to a number a second, and for some or all that succeeded.
///
/// A storm of failures must not become one of lines: what is left out is counted, in the log and in a metric.
final class AccessLog {
    /// More failures than this a second are counted, not told one by one.
    static let linesPerSecond = 50

    private let direction: Telemetry.Direction
    private let teller: String
    private let log: Logger
    private let left: MetricsRegistry.Counter
    /// Every how many-th success is told; nil for none.
    private let everySuccess: Int?
    private var successes = 0
    private var second: Int64 = 0
    private var lines = 0
    private var suppressed = 0

    /// - Parameter share: how many of the calls that succeed are told: 1 for all. At debug level all are. Who asks for them
    ///   gets them: they take nothing of what failures may say.
    init(_ direction: Telemetry.Direction, teller: String, share: Double, metrics: MetricsRegistry, log: Logger) {
        self.direction = direction
        self.teller = teller
        self.log = log
        left = metrics.counter(
            "weft_access_log_suppressed_total",
            "Lines of the access log that were left out, since there were too many.",
            ["direction": direction.rawValue])
        if log.logLevel <= .debug {
            everySuccess = 1
        } else {
            everySuccess = share > 0 ? max(1, Int((1 / share).rounded())) : nil
        }
    }

    var tellsSuccesses: Bool { everySuccess != nil }

    func tellSuccess(_ call: CallHead, _ outcome: Outcome) {
        guard let everySuccess else { return }
        successes += 1
        guard successes >= everySuccess else { return }
        successes = 0
        log.log(level: everySuccess == 1 ? .debug : .info, "call", metadata: facts(of: call, outcome))
    }

    func tellFailure(_ call: CallHead, _ outcome: Outcome) {
        guard mayTell(at: outcome.endedAt) else { return }
        var facts = facts(of: call, outcome)
        if let failure = outcome.reasonOfFailure(call) {
            facts["reason"] = "\(failure.reason)"
            if !failure.detail.isEmpty { facts["detail"] = "\(failure.detail)" }
            if !failure.note.isEmpty { facts["note"] = "\(failure.note)" }
            if !failure.envoyFlag.isEmpty { facts["flag"] = "\(failure.envoyFlag)" }
            facts["reporter"] = "\(failure.reporter.isEmpty ? teller : failure.reporter)"
        }
        // A caller that leaves is no fault of anybody's.
        log.log(level: outcome.kind == .cancelled ? .info : .notice, "call failed", metadata: facts)
    }

    /// A call went on that would have been refused if policies were enforced.
    func audited(_ call: CallHead, _ failure: Failure) {
        guard mayTell(at: call.startedAt) else { return }
        log.notice(
            "a call would be refused",
            metadata: [
                "reason": "\(failure.reason)", "detail": "\(failure.detail)", "note": "\(failure.note)",
                "request_id": "\(call.requestID)",
                "caller": "\(call.caller)", "method": "\(call.method.fullName)",
            ])
    }

    private func facts(of call: CallHead, _ outcome: Outcome) -> Logger.Metadata {
        let code = StatusCode(rawValue: outcome.status) ?? .unknown
        var facts: Logger.Metadata = [
            "direction": "\(direction.rawValue)", "callee": "\(call.method.service)",
            "method": "\(call.method.fullName)", "code": "\(code.name)", "request_id": "\(call.requestID)",
            "duration_us": .stringConvertible(outcome.elapsed.clampedNanoseconds / 1000),
            "attempts": .stringConvertible(max(call.attempt, call.attempts.count)),
        ]
        if !call.caller.isEmpty { facts["caller"] = "\(call.caller)" }
        if !call.endpoint.isEmpty { facts["endpoint"] = "\(call.endpoint)" }
        let trace = call.traceID
        if !trace.isEmpty { facts["trace_id"] = "\(trace)" }
        if let last = call.attempts.last {
            for (name, time) in [
                ("waited_us", last.waited), ("connected_us", last.connected), ("sent_us", last.sent),
                ("awaited_us", last.awaited),
            ] {
                facts[name] = .stringConvertible(time.clampedNanoseconds / 1000)
            }
            if !last.breaker.isEmpty { facts["breaker"] = "\(last.breaker)" }
        }
        return facts
    }

    private func mayTell(at now: Instant) -> Bool {
        let current = now.nanoseconds / 1_000_000_000
        if current != second {
            if suppressed > 0 {
                log.notice("more calls ended so", metadata: ["suppressed": .stringConvertible(suppressed)])
            }
            second = current
            lines = 0
            suppressed = 0
        }
        lines += 1
        guard lines > Self.linesPerSecond else { return true }
        suppressed += 1
        left.add()
        return false
    }
}
