internal import Logging
internal import Exchange
internal import ProtoWire
internal import RPC
internal import Reactor
internal import Timebase
internal import Traces

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
    /// nil while nobody traces.
    private let tracer: Tracer?
    /// The spans of calls under way, while somebody traces.
    private var spans: [ObjectIdentifier: (mark: SpanMark, trace: TraceParent)] = [:]
    /// Read on the loop.
    private(set) var counts = CallCounts()
    private var counters: [Key: MetricsRegistry.Counter] = [:]
    private var durations: [String: DurationHistogram] = [:]

    init(metrics: MetricsRegistry, log: Logger, loop: Loop, tracer: Tracer? = nil) {
        self.tracer = tracer
        self.metrics = metrics
        self.log = log
        self.loop = loop
    }

    func began(_ call: Call) {
        startedAt[ObjectIdentifier(call)] = loop.now
        counts.started += 1
        counts.lastStarted = loop.now
        if let tracer, !Self.isOwn(call.method.path.dropFirst()) {
            let joined = tracer.join(call.traceParent.flatMap { TraceParent($0) })
            spans[ObjectIdentifier(call)] = joined
            call.join(joined.trace)
        }
    }

    /// The mesh's own calls, every few seconds from every member, would hide the others.
    private static func isOwn(_ method: some StringProtocol) -> Bool {
        method.hasPrefix("weft.") || method.hasPrefix("grpc.")
    }

    func ended(_ call: Call, error: RPCError?) {
        let start = startedAt.removeValue(forKey: ObjectIdentifier(call)) ?? loop.now
        let elapsed = start.duration(to: loop.now)
        let method = String(call.method.path.dropFirst())
        let code = error?.code ?? .ok
        if code == .ok { counts.succeeded += 1 } else { counts.failed += 1 }
        counter(Key(method: method, status: code.rawValue)).add()
        duration(method).record(elapsed)
        if let (mark, trace) = spans.removeValue(forKey: ObjectIdentifier(call)) {
            record(call, error, mark, trace, elapsed)
        }
        let isOwn = Self.isOwn(method)
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

    private func record(
        _ call: Call, _ error: RPCError?, _ mark: SpanMark, _ trace: TraceParent, _ elapsed: Duration
    ) {
        guard let tracer, tracer.wants(mark, failed: error != nil, at: loop.now) else { return }
        let end = loop.wall
        let method = String(call.method.path.dropFirst())
        var span = Span(
            .server, method, of: trace, id: mark.id, parent: mark.parent, from: end.before(elapsed), to: end)
        span.state = call.traceState ?? ""
        let parts = method.split(separator: "/", maxSplits: 1)
        span.set("rpc.system", "grpc")
        if parts.count == 2 {
            span.set("rpc.service", .text(String(parts[0])))
            span.set("rpc.method", .text(String(parts[1])))
        }
        span.set("rpc.grpc.status_code", .number(Int64((error?.code ?? .ok).rawValue)))
        span.set("weft.request_id", .text(call.requestID))
        if let caller = call.caller { span.set("weft.caller", .text(caller)) }
        if let error {
            span.set("error.type", .text(error.code.name))
            if let reason = error.reason { span.set("weft.reason", .text(reason)) }
            if error.code.isFault { span.error = error.message }
        }
        tracer.record(span)
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
