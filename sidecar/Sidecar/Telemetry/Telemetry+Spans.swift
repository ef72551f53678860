import Bytes
import Exchange
import RPC
import ServiceKit
import Timebase
import Traces

extension Telemetry {
    /// Tells a call as a span of this hop, and its attempts, where there were several, as spans below it.
    ///
    /// Names and attributes are those of OpenTelemetry's conventions for RPC; what they have no word for begins with `weft.`.
    func trace(_ call: CallHead, _ outcome: Outcome, _ tracer: Tracer) {
        guard let trace = call.request[.traceParent].flatMap({ TraceParent($0) }) else { return }
        let end = tracer.wall(at: outcome.endedAt)
        var span = Span(
            direction == .inbound ? .server : .client, call.method.fullName, of: trace, id: call.span.id,
            parent: call.span.parent, from: end.before(call.startedAt.duration(to: outcome.endedAt)), to: end)
        span.isSampled = call.span.isSampled
        span.state = call.request[Tracer.stateName] ?? ""
        describe(call, outcome, &span)
        tellAttempts(call, trace, &span, tracer)
        tracer.record(span)
    }

    private func describe(_ call: CallHead, _ outcome: Outcome, _ span: inout Span) {
        let code = StatusCode(rawValue: outcome.status) ?? .unknown
        let parts = call.method.fullName.split(separator: "/", maxSplits: 1)
        span.set("rpc.system", "grpc")
        if parts.count == 2 {
            span.set("rpc.service", .text(String(parts[0])))
            span.set("rpc.method", .text(String(parts[1])))
        }
        span.set("rpc.grpc.status_code", .number(Int64(code.rawValue)))
        if direction == .outbound { span.set("server.address", .text(call.method.service)) }
        if !call.endpoint.isEmpty { span.set("network.peer.address", .text(call.endpoint)) }
        span.set("weft.direction", .text(direction.rawValue))
        span.set("weft.caller", .text(call.caller))
        span.set("weft.callee", .text(call.method.service))
        span.set("weft.request_id", .text(call.requestID))
        if call.attempts.count > 1 { span.set("weft.attempts", .number(Int64(call.attempts.count))) }
        guard let failure = outcome.reasonOfFailure(call) else { return }
        span.set("error.type", .text(code.name))
        span.set("weft.reason", .text(ReasonGuide.name(failure.phase, failure.cause)))
        if !failure.subject.isEmpty { span.set("weft.subject", .text(failure.subject)) }
        span.set("weft.reporter", .text(failure.reporter.isEmpty ? teller : failure.reporter))
        if span.kind == .client || code.isServersError {
            span.error = failure.detail.isEmpty ? failure.reason : failure.detail
        }
    }

    private func tellAttempts(_ call: CallHead, _ trace: TraceParent, _ span: inout Span, _ tracer: Tracer) {
        var from = span.start
        var id = call.span.id
        for (index, attempt) in call.attempts.enumerated() {
            from = from.before(.zero - attempt.waited)
            let to = from.before(.zero - attempt.lasted)
            var facts: [Span.Attribute] = [
                Span.Attribute("network.peer.address", .text(attempt.endpoint)),
                Span.Attribute("weft.reason", .text(attempt.reason)),
                Span.Attribute("weft.waited_us", .number(attempt.waited.clampedNanoseconds / 1000)),
                Span.Attribute("weft.connected_us", .number(attempt.connected.clampedNanoseconds / 1000)),
                Span.Attribute("weft.sent_us", .number(attempt.sent.clampedNanoseconds / 1000)),
                Span.Attribute("weft.awaited_us", .number(attempt.awaited.clampedNanoseconds / 1000)),
            ]
            if !attempt.breaker.isEmpty { facts.append(Span.Attribute("weft.breaker", .text(attempt.breaker))) }
            span.events.append(Span.Event("attempt \(index + 1) ended", at: to, facts))
            // The first attempt goes out under the call's own span, those after it under their own.
            if index > 0 {
                id = TraceParent.span(ofAttempt: index + 1, after: id)
                var child = Span(
                    .client, "attempt \(index + 1)", of: trace, id: id, parent: call.span.id, from: from, to: to)
                child.isSampled = call.span.isSampled
                child.attributes = facts
                if attempt.reason != "ok" { child.error = attempt.reason }
                tracer.record(child)
            }
            from = to
        }
    }
}

extension StatusCode {
    /// What a server's span calls an error: the others are its callers' (OpenTelemetry, "Semantic conventions for gRPC").
    fileprivate var isServersError: Bool {
        switch self {
        case .unknown, .deadlineExceeded, .unimplemented, .internal, .unavailable, .dataLoss: true
        default: false
        }
    }
}
