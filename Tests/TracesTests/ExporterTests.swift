import Bytes
import Exchange
import OTLPAPI
import RPC
import Reactor
import Synchronization
import Testing
import Timebase
@testable import Traces
import Transport

/// The exporter against a collector made of our own stubs; `Tests/MeshTests/test_why.py` has one that we did not write.
@Suite(.timeLimit(.minutes(1))) struct ExporterTests {
    /// Answers exports with what it is told, then takes all.
    final class Collector: OpentelemetryProtoCollectorTraceV1.TraceService {
        private let answers: Mutex<[RPCError]>
        private let taken = Mutex<[OpentelemetryProtoTraceV1.Span]>([])
        private let rejects: Int64

        init(_ answers: [RPCError] = [], rejects: Int64 = 0) {
            self.answers = Mutex(answers)
            self.rejects = rejects
        }

        var spans: [OpentelemetryProtoTraceV1.Span] { taken.withLock { $0 } }

        func export(
            _ request: OpentelemetryProtoCollectorTraceV1.ExportTraceServiceRequest, in call: Call
        ) async throws -> OpentelemetryProtoCollectorTraceV1.ExportTraceServiceResponse {
            if let error = answers.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw error }
            taken.withLock { $0 += request.resourceSpans.flatMap { $0.scopeSpans.flatMap(\.spans) } }
            var response = OpentelemetryProtoCollectorTraceV1.ExportTraceServiceResponse()
            if rejects > 0 {
                response.partialSuccess = OpentelemetryProtoCollectorTraceV1.ExportTracePartialSuccess()
                response.partialSuccess?.rejectedSpans = rejects
                response.partialSuccess?.errorMessage = "too old"
            }
            return response
        }
    }

    private let loop: Loop
    private let kept = Kept()

    /// What must live as long as a test.
    private final class Kept: Sendable {
        private let listeners = Mutex<[Listener]>([])
        func withLock(_ change: (inout [Listener]) -> Void) { listeners.withLock { change(&$0) } }
    }

    init() throws { loop = try Loop.start(name: "exporter") }

    /// Exports spans with the numbers, stops, and answers what became of them and what was reported.
    private func export(_ ids: [UInt64], to collector: Collector?) async throws -> (SpanExporter.Counts, [String]) {
        let news = Mutex<[String]>([])
        let exporter = try await on { [loop, kept] in
            var target = "127.0.0.1:1"
            if let collector {
                let router = Router(timers: loop)
                router.add(collector)
                let listener = try Listener.listen(
                    on: .ip("127.0.0.1", port: 0), loop: loop, security: .plaintext, acceptor: router)
                target = listener.localAddress.description
                kept.withLock { $0.append(listener) }
            }
            let settings = try #require(
                try TraceSettings(environment: [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://\(target)", "OTEL_BSP_SCHEDULE_DELAY": "1",
                    "OTEL_EXPORTER_OTLP_TIMEOUT": "500",
                ]))
            return try SpanExporter(settings, from: TraceResource(service: "s", instance: "1"), on: loop) { text in
                news.withLock { $0.append(text) }
            }
        }
        let done = Task(executorPreference: loop) { await exporter.run() }
        try await on {
            let now = WallTime(seconds: 1_700_000_000, nanoseconds: 5)
            for id in ids {
                let trace = TraceParent(traceHigh: 1, traceLow: 2, span: id, flags: 1)
                var span = Span(.client, "n", of: trace, id: id, parent: 9, from: now.before(.milliseconds(2)), to: now)
                span.set("weft.attempts", 2)
                span.error = id == 2 ? "broken" : nil
                exporter.add(span)
            }
        }
        // Whatever it does, it has done when nothing is under way: it is asked to stop only then.
        while try await on({ exporter.counts.exported + exporter.counts.failed < ids.count }) {
            try await loop.sleep(for: .milliseconds(5))
        }
        try await on { exporter.stop {} }
        await done.value
        return (try await on { exporter.counts }, news.withLock { $0 })
    }

    private func on<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            loop.execute { continuation.resume(with: Swift.Result { try work() }) }
        }
    }

    @Test func `spans arrive as they are`() async throws {
        let collector = Collector()
        let (counts, news) = try await export([1, 2], to: collector)
        #expect(counts == SpanExporter.Counts(exported: 2) && news.isEmpty)
        let span = try #require(collector.spans.last)
        #expect(span.traceId == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2] && span.parentSpanId.last == 9)
        #expect(span.kind == .client && span.status?.code == .error && span.status?.message == "broken")
        #expect(
            span.endTimeUnixNano == 1_700_000_000_000_000_005
                && span.endTimeUnixNano - span.startTimeUnixNano == 2_000_000)
        #expect(span.attributes.first?.value?.value == .intValue(2))
    }

    @Test func `a collector that is overloaded is asked again`() async throws {
        let collector = Collector([RPCError(.unavailable, "later")])
        let (counts, news) = try await export([1], to: collector)
        #expect(counts.exported == 1 && counts.failed == 0 && collector.spans.count == 1)
        #expect(news.count == 2 && news.last == "spans are exported again")
    }

    @Test func `what a collector refuses is given up at once`() async throws {
        let (counts, news) = try await export([1, 2, 3], to: Collector([RPCError(.invalidArgument, "no")]))
        #expect(counts.failed == 3 && counts.exported == 0 && news.count == 1)
    }

    @Test func `a part that is refused is counted`() async throws {
        let (counts, news) = try await export([1, 2, 3], to: Collector(rejects: 1))
        #expect(counts == SpanExporter.Counts(exported: 2, failed: 1))
        #expect(news == ["the collector refused 1 spans: too old"])
    }
}
