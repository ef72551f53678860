internal import Bytes
internal import Exchange
internal import RPC
internal import Reactor
internal import ServiceKit
internal import Timebase
internal import Traces

extension EdgeCall {
    /// The fields of the trace that go on with the call. Without a tracer, a client's own go on if they can be read.
    static func trace(of head: Fields, _ tracer: Tracer?) -> (mark: SpanMark, fields: Fields) {
        var carried = Fields()
        for field in head where field.known == .traceParent || field.nameEquals(Tracer.stateName) {
            carried.append(field.name, field.value)
        }
        if let tracer {
            let mark = tracer.join(&carried)
            return (mark, carried)
        }
        let isReadable = carried[.traceParent].flatMap { TraceParent($0) } != nil
        return (SpanMark(), isReadable ? carried : Fields())
    }

    /// Tells the request as a span, by OpenTelemetry's conventions for HTTP servers.
    func record(status: Int, elapsed: Duration) {
        guard let tracer = acceptor.tracer,
            tracer.wants(mark, failed: status >= 500, at: acceptor.loop.now),
            let trace = traceFields[.traceParent].flatMap({ TraceParent($0) })
        else { return }
        let end = acceptor.loop.wall
        let target = routeName
        var span = Span(
            .server, target.isEmpty ? method : "\(method) \(target)", of: trace, id: mark.id, parent: mark.parent,
            from: end.before(elapsed), to: end)
        span.state = traceFields[Tracer.stateName] ?? ""
        span.set("http.request.method", .text(method))
        span.set("url.path", .text(String(path.prefix(256))))
        span.set("http.response.status_code", .number(Int64(status)))
        if !target.isEmpty { span.set("weft.method", .text(target)) }
        span.set("weft.request_id", .text(requestID))
        if let why { span.set("weft.reason", .text("\(why.phase).\(why.cause)")) }
        if status >= 500 {
            span.set("error.type", .text(String(status)))
            span.error = why?.reason ?? "HTTP \(status)"
        }
        tracer.record(span)
    }
}
