internal import Logging
internal import ProtoWire
internal import RPC
internal import Reactor
internal import Timebase

/// Counts a service's calls by method and status, and writes a line for each.
///
/// Loop-bound: a router's calls begin and end on its loop. Methods are those of the registered contracts, so the label set is
/// closed; series are found once and kept.
final class CallLog: CallObserver, @unchecked Sendable {  // touched on its loop alone
    private struct Key: Hashable {
        let method: String
        let status: Int
    }

    private let metrics: MetricsRegistry
    private let log: Logger
    private let loop: Loop
    private var startedAt: [ObjectIdentifier: Instant] = [:]
    /// Read on the loop.
    private(set) var counts = CallCounts()
    private var counters: [Key: MetricsRegistry.Counter] = [:]
    private var durations: [String: DurationHistogram] = [:]

    init(metrics: MetricsRegistry, log: Logger, loop: Loop) {
        self.metrics = metrics
        self.log = log
        self.loop = loop
    }

    func began(_ call: Call) {
        startedAt[ObjectIdentifier(call)] = loop.now
        counts.started += 1
        counts.lastStarted = loop.now
    }

    func ended(_ call: Call, error: RPCError?) {
        let start = startedAt.removeValue(forKey: ObjectIdentifier(call)) ?? loop.now
        let elapsed = start.duration(to: loop.now)
        let method = String(call.method.path.dropFirst())
        let code = error?.code ?? .ok
        if code == .ok { counts.succeeded += 1 } else { counts.failed += 1 }
        counter(Key(method: method, status: code.rawValue)).add()
        duration(method).record(elapsed)
        // The mesh's own calls, every few seconds from every member, would hide the others.
        let isOwn = method.hasPrefix("weft.") || method.hasPrefix("grpc.")
        let isFault = code == .internal || code == .unknown || code == .dataLoss
        let level: Logger.Level = isFault ? .error : isOwn && code == .ok ? .debug : .info
        log.log(
            level: level, "call",
            metadata: [
                "request_id": "\(call.requestID)", "rpc": "\(method)", "code": "\(code.name)",
                "ms": .stringConvertible(elapsed.inSeconds * 1000), "caller": "\(call.caller ?? "-")",
                "error": "\(error?.message ?? "")",
            ])
    }

    private func counter(_ key: Key) -> MetricsRegistry.Counter {
        if let known = counters[key] { return known }
        let made = metrics.counter(
            "weft_rpc_server_calls_total", "Calls that the service answered.",
            ["method": key.method, "code": String(key.status)])
        counters[key] = made
        return made
    }

    private func duration(_ method: String) -> DurationHistogram {
        if let known = durations[method] { return known }
        let made = metrics.histogram(
            "weft_rpc_server_call_duration_seconds", "From a call's head to its status.", ["method": method])
        durations[method] = made
        return made
    }
}

/// The calls of a server so far, by their status in gRPC.
struct CallCounts: Sendable {
    var started = 0
    var succeeded = 0
    var failed = 0
    var lastStarted: Instant?
}
