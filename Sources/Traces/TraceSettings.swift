/// What a process's environment says of tracing, in the words of OpenTelemetry ("SDK environment variables", "OTLP exporter").
///
/// Without an endpoint nothing is traced, and that costs nothing: fields that others' tracing needs pass through as they are.
public struct TraceSettings: Sendable, Equatable {
    /// What follows the scheme: `collector:4317`.
    public var target: String
    public var isSecure: Bool
    /// Roots for `https`, PEM; nil for those of the system.
    public var certificateFile: String?
    /// Sent with each export: a token, say.
    public var headers: [Pair] = []
    public var timeout: Duration = .seconds(10)
    public var sampler = Sampler()
    public var maxQueue = SpanQueue.standardLimit
    public var maxBatch = 512
    public var delay: Duration = .seconds(5)
    /// nil leaves it to the process.
    public var serviceName: String?
    /// Of the resource, beside the service's name.
    public var attributes: [Pair] = []

    public struct Pair: Sendable, Equatable {
        public var key: String
        public var value: String
    }

    /// What cannot be used, each with the name of its variable.
    public struct Faults: Error {
        public var lines: [String]
    }

    /// nil if no endpoint is named, or tracing is switched off.
    public init?(environment: [String: String]) throws(Faults) {
        var reader = EnvironmentReader(environment)
        if reader.text("OTEL_SDK_DISABLED")?.lowercased() == "true" { return nil }
        let exporter = reader.text("OTEL_TRACES_EXPORTER") ?? "otlp"
        if exporter == "none" { return nil }
        guard let endpoint = reader.first("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT") else {
            return nil
        }
        if exporter != "otlp" { reader.fault("OTEL_TRACES_EXPORTER", "'\(exporter)' is neither otlp nor none") }
        if let named = reader.first("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"),
            named.value != "grpc"
        {
            reader.fault(named.key, "'\(named.value)' is not spoken here: spans are sent over gRPC, say grpc")
        }
        (target, isSecure) = Self.target(endpoint, &reader)
        certificateFile =
            reader.first("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE")?.value
        if let named = reader.first("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS") {
            headers = reader.pairs(named)
        }
        if let named = reader.first("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT") {
            timeout = .milliseconds(reader.number(named, in: 1...600_000, or: 10_000))
        }
        sampler = Self.sampler(&reader)
        maxQueue = reader.number("OTEL_BSP_MAX_QUEUE_SIZE", in: 1...1_000_000, or: maxQueue)
        maxBatch = min(maxQueue, reader.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", in: 1...100_000, or: maxBatch))
        delay = .milliseconds(reader.number("OTEL_BSP_SCHEDULE_DELAY", in: 1...3_600_000, or: 5_000))
        serviceName = reader.text("OTEL_SERVICE_NAME")
        if let text = reader.text("OTEL_RESOURCE_ATTRIBUTES") {
            attributes = reader.pairs((key: "OTEL_RESOURCE_ATTRIBUTES", value: text))
        }
        if !reader.faults.isEmpty { throw Faults(lines: reader.faults) }
    }

    /// `http://collector:4317` or `https://...`; what names no scheme is plaintext, as other SDKs have it with `INSECURE`.
    private static func target(
        _ named: (key: String, value: String), _ reader: inout EnvironmentReader
    ) -> (target: String, isSecure: Bool) {
        var rest = named.value[...]
        var isSecure = false
        if let scheme = rest.range(ofText: "://") {
            switch rest[..<scheme.lowerBound] {
            case "http", "grpc": break
            case "https": isSecure = true
            case "unix": return ("unix:" + rest[scheme.upperBound...], false)
            default: reader.fault(named.key, "'\(named.value)' is no http:// or https:// address")
            }
            rest = rest[scheme.upperBound...]
        }
        let host = rest.prefix { $0 != "/" }
        if host.isEmpty { reader.fault(named.key, "'\(named.value)' names no host") }
        // The port that collectors listen on for gRPC.
        let hasPort = host.last != "]" && host.contains(":")
        return (hasPort ? String(host) : host + ":4317", isSecure)
    }

    private static func sampler(_ reader: inout EnvironmentReader) -> Sampler {
        let name = reader.text("OTEL_TRACES_SAMPLER") ?? "parentbased_traceidratio"
        let ratio = reader.ratio("OTEL_TRACES_SAMPLER_ARG", or: Sampler.standardRatio)
        switch name {
        case "always_on": return Sampler(ratio: 1, followsParent: false)
        case "always_off": return Sampler(ratio: 0, followsParent: false)
        case "traceidratio": return Sampler(ratio: ratio, followsParent: false)
        case "parentbased_always_on": return Sampler(ratio: 1)
        case "parentbased_always_off": return Sampler(ratio: 0)
        case "parentbased_traceidratio": return Sampler(ratio: ratio)
        default:
            reader.fault(
                "OTEL_TRACES_SAMPLER",
                "'\(name)' is none of always_on, always_off, traceidratio and those with parentbased_ before them")
            return Sampler()
        }
    }
}

extension Substring {
    fileprivate func range(ofText text: String) -> Range<Index>? { firstRange(of: text) }
}
