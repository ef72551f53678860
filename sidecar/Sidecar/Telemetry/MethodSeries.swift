import Exchange
import RPC
import ServiceKit
import Timebase

/// The series of one method as one caller calls it, kept so that counting is an addition.
final class MethodSeries {
    private struct Ending: Hashable {
        let status: Int
        let reason: String
    }

    let method: MethodEntry
    let caller: String
    private let direction: Telemetry.Direction
    private let callerLabel: String
    private let metrics: MetricsRegistry
    private let latency: DurationHistogram
    private let successes: MetricsRegistry.Counter
    /// Made when a call first needs them: most methods never do.
    private var retries: MetricsRegistry.Counter?
    private var failures: [Ending: MetricsRegistry.Counter] = [:]

    init(_ method: MethodEntry, from caller: String, _ direction: Telemetry.Direction, _ metrics: MetricsRegistry) {
        self.method = method
        self.caller = caller
        self.direction = direction
        self.metrics = metrics
        callerLabel = Self.label(of: caller)
        successes = Self.calls(metrics, direction, callerLabel, method, code: .ok, reason: "")
        // Not by caller: a histogram is twenty series in one.
        latency = metrics.histogram(
            "weft_call_duration_seconds", "How long calls took, from their head to their end.",
            ["direction": direction.rawValue, "callee": method.service, "method": method.fullName])
    }

    func count(_ outcome: Outcome, _ call: CallHead) {
        latency.record(outcome.elapsed)
        if call.attempt > 1 { countRetries(call.attempt - 1) }
        if outcome.kind == .success { return successes.add() }
        // The codes of gRPC are 0...16; what is beyond them shares the place of UNKNOWN.
        let code = StatusCode(rawValue: outcome.status) ?? .unknown
        let reason = outcome.reasonOfFailure(call).map { ReasonGuide.name($0.phase, $0.cause) } ?? ""
        let ending = Ending(status: code.rawValue, reason: reason)
        if let known = failures[ending] { return known.add() }
        let made = Self.calls(metrics, direction, callerLabel, method, code: code, reason: reason)
        failures[ending] = made
        made.add()
    }

    private func countRetries(_ count: Int) {
        if retries == nil {
            retries = metrics.counter(
                "weft_retries_total", "Attempts after a call's first.",
                ["direction": direction.rawValue, "callee": method.service, "method": method.fullName])
        }
        retries?.add(count)
    }

    private static func calls(
        _ metrics: MetricsRegistry, _ direction: Telemetry.Direction, _ caller: String, _ method: MethodEntry,
        code: StatusCode, reason: String
    ) -> MetricsRegistry.Counter {
        metrics.counter(
            "weft_calls_total", "Calls by how they ended; the reason is empty for those that succeeded.",
            [
                "direction": direction.rawValue, "caller": caller, "callee": method.service,
                "method": method.fullName, "code": code.name, "reason": reason,
            ])
    }

    /// `web` for `spiffe://town/ns/default/sa/web`, `shop/web` for another namespace; any other identity as it is.
    static func label(of caller: String) -> String {
        let parts = caller.split(separator: "/", omittingEmptySubsequences: true)
        guard parts.count == 6, parts[0] == "spiffe:", parts[2] == "ns", parts[4] == "sa" else { return caller }
        return parts[3] == "default" ? String(parts[5]) : "\(parts[3])/\(parts[5])"
    }
}
