import OTLPAPI

typealias OTLPTrace = OpentelemetryProtoTraceV1
typealias OTLPCommon = OpentelemetryProtoCommonV1

/// Who sends spans: the resource of OTLP.
public struct TraceResource: Sendable {
    public var service: String
    public var instance: String
    public var more: [TraceSettings.Pair]

    public init(service: String, instance: String, more: [TraceSettings.Pair] = []) {
        self.service = service
        self.instance = instance
        self.more = more
    }

    var encoded: OpentelemetryProtoResourceV1.Resource {
        var resource = OpentelemetryProtoResourceV1.Resource()
        var pairs = [("service.name", service)]
        if !instance.isEmpty { pairs.append(("service.instance.id", instance)) }
        pairs += [
            ("telemetry.sdk.name", "weft"), ("telemetry.sdk.language", "swift"), ("telemetry.sdk.version", "0.1"),
        ]
        pairs += more.filter { $0.key != "service.name" }.map { ($0.key, $0.value) }
        resource.attributes = pairs.map { Span.Attribute($0.0, .text($0.1)).encoded }
        return resource
    }
}

extension OpentelemetryProtoCollectorTraceV1.ExportTraceServiceRequest {
    init(_ spans: [Span], from resource: TraceResource) {
        self.init()
        var scope = OTLPTrace.ScopeSpans()
        scope.scope = OTLPCommon.InstrumentationScope()
        scope.scope?.name = "weft"
        scope.spans = spans.map(\.encoded)
        var group = OTLPTrace.ResourceSpans()
        group.resource = resource.encoded
        group.scopeSpans = [scope]
        resourceSpans = [group]
    }
}

extension Span {
    var encoded: OTLPTrace.Span {
        var span = OTLPTrace.Span()
        span.traceId = Self.bytes(traceHigh) + Self.bytes(traceLow)
        span.spanId = Self.bytes(id)
        if parent != 0 { span.parentSpanId = Self.bytes(parent) }
        span.traceState = state
        span.name = name
        span.kind =
            switch kind {
            case .server: .server
            case .client: .client
            case .inside: .internal
            }
        span.startTimeUnixNano = start.unixNanoseconds
        span.endTimeUnixNano = max(start.unixNanoseconds, end.unixNanoseconds)
        span.attributes = attributes.map(\.encoded)
        span.events = events.map { event in
            var encoded = OTLPTrace.Span.Event()
            encoded.name = event.name
            encoded.timeUnixNano = event.at.unixNanoseconds
            encoded.attributes = event.attributes.map(\.encoded)
            return encoded
        }
        span.flags = isSampled ? 1 : 0
        if let error {
            span.status = OTLPTrace.Status()
            span.status?.code = .error
            span.status?.message = error
        }
        return span
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}

extension Span.Attribute {
    var encoded: OTLPCommon.KeyValue {
        var pair = OTLPCommon.KeyValue()
        pair.key = key
        var any = OTLPCommon.AnyValue()
        any.value =
            switch value {
            case .text(let text): .stringValue(text)
            case .number(let number): .intValue(number)
            case .truth(let truth): .boolValue(truth)
            }
        pair.value = any
        return pair
    }
}
