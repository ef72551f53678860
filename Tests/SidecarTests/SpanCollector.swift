import OTLPAPI
import RPC
import Reactor
import Synchronization
import Traces
import Transport

/// Takes spans like any collector of OpenTelemetry's, and keeps them.
final class SpanCollector: OpentelemetryProtoCollectorTraceV1.TraceService {
    typealias Told = OpentelemetryProtoTraceV1.Span

    private let kept = Mutex<[Told]>([])
    private let listener = Mutex<Listener?>(nil)
    private let loop: Loop

    init(on loop: Loop) throws {
        self.loop = loop
        loop.execute { [self] in
            let router = Router(timers: loop)
            router.add(self)
            let made = try? Listener.listen(
                on: .ip("127.0.0.1", port: 0), loop: loop, security: .plaintext, acceptor: router)
            listener.withLock { $0 = made }
        }
    }

    /// To be asked on the loop. Everything is told, and soon.
    var settings: TraceSettings? {
        get throws {
            let address = listener.withLock { $0?.localAddress.description } ?? ""
            return try TraceSettings(environment: [
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://\(address)", "OTEL_TRACES_SAMPLER": "parentbased_always_on",
                "OTEL_BSP_SCHEDULE_DELAY": "2",
            ])
        }
    }

    func export(
        _ request: OpentelemetryProtoCollectorTraceV1.ExportTraceServiceRequest, in call: Call
    ) async throws -> OpentelemetryProtoCollectorTraceV1.ExportTraceServiceResponse {
        let spans = request.resourceSpans.flatMap { $0.scopeSpans.flatMap(\.spans) }
        kept.withLock { $0 += spans }
        return OpentelemetryProtoCollectorTraceV1.ExportTraceServiceResponse()
    }

    func spans(where isWanted: (Told) -> Bool) -> [Told] { kept.withLock { $0.filter(isWanted) } }
}

extension OpentelemetryProtoTraceV1.Span {
    /// The text of an attribute.
    func text(_ key: String) -> String? {
        guard case .stringValue(let text)? = attributes.first(where: { $0.key == key })?.value?.value else {
            return nil
        }
        return text
    }
}
