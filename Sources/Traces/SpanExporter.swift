import Client
import OTLPAPI
import RPC
package import Reactor
import Timebase
package import Transport

/// Sends spans to a collector in batches, over our own client: OTLP/gRPC.
///
/// A batch goes out when it is full or `delay` old, one at a time. What the collector cannot take now is tried again a few
/// times; what it refuses is given up. Nothing here ever holds up a call: the queue is bounded, and drops are counted.
public final class SpanExporter: @unchecked Sendable {  // touched on its loop alone
    public struct Counts: Sendable, Equatable {
        public var exported = 0
        /// The queue was full.
        public var dropped = 0
        /// Given up after failures, or refused by the collector.
        public var failed = 0
    }

    private let loop: Loop
    private let client: Client
    private let settings: TraceSettings
    private let resource: TraceResource
    private let report: (String) -> Void
    private var queue: SpanQueue
    private var chance: Chance
    private var sent = Counts()
    private var waiting: CheckedContinuation<Void, Never>?
    private var timer: LoopTimer?
    private var isFailing = false
    private var isStopping = false
    private var stopped: (() -> Void)?

    /// - Parameters:
    ///   - roots: by whom a collector over TLS is known.
    ///   - report: told when exports begin to fail, and when they work again.
    package init(
        _ settings: TraceSettings, from resource: TraceResource, roots: [Certificate] = [], on loop: Loop,
        network: any Network = SystemNetwork(), report: @escaping (String) -> Void
    ) throws {
        self.loop = loop
        self.settings = settings
        self.resource = resource
        self.report = report
        queue = SpanQueue(limit: settings.maxQueue, batch: settings.maxBatch)
        chance = loop.chance()
        let target = settings.target.hasPrefix("unix:") ? settings.target : "dns:///\(settings.target)"
        client = Client(
            to: try Target(target), security: settings.isSecure ? .tls(roots: roots) : .plaintext,
            options: Client.Options(), on: loop, ownsLoop: false, network: network)
    }

    public var counts: Counts {
        var counts = sent
        counts.dropped = queue.dropped
        return counts
    }

    public func add(_ span: Span) {
        queue.add(span)
        if queue.isBatchFull { wake() }
    }

    /// Sends until `stop`. Runs on the loop.
    public func run() async {
        while true {
            if !queue.isBatchFull && !isStopping { await untilDue() }
            let batch = queue.take()
            if !batch.isEmpty { await send(batch) }
            if isStopping && queue.count == 0 { break }
        }
        stopped?()
        stopped = nil
    }

    /// Sends what is there, once, and ends; `done` is called then.
    public func stop(_ done: @escaping () -> Void) {
        isStopping = true
        stopped = done
        wake()
    }

    private func untilDue() async {
        await withCheckedContinuation { continuation in
            waiting = continuation
            timer = loop.schedule(after: settings.delay) { [weak self] in self?.wake() }
        }
    }

    private func wake() {
        timer?.cancel()
        timer = nil
        let waiting = waiting
        self.waiting = nil
        waiting?.resume()
    }

    // MARK: One batch

    private func send(_ batch: [Span]) async {
        let request = OpentelemetryProtoCollectorTraceV1.ExportTraceServiceRequest(batch, from: resource)
        let stub = OpentelemetryProtoCollectorTraceV1.TraceServiceClient(client.channel)
        var options = CallOptions(timeout: isStopping ? min(settings.timeout, .seconds(2)) : settings.timeout)
        for header in settings.headers { try? options.metadata.add(header.key.lowercased(), header.value) }
        var attempts = 0
        while true {
            do {
                let response = try await stub.export(request, in: Call(), options: options)
                let rejected = Int(response.partialSuccess?.rejectedSpans ?? 0)
                sent.exported += batch.count - rejected
                sent.failed += rejected
                if rejected > 0 {
                    report("the collector refused \(rejected) spans: \(response.partialSuccess?.errorMessage ?? "")")
                }
                if isFailing { report("spans are exported again") }
                isFailing = false
                return
            } catch {
                attempts += 1
                tell(error)
                guard !isStopping, Self.mayRetry(error), let delay = ExportRetry.delay(after: attempts, &chance) else {
                    sent.failed += batch.count
                    return
                }
                try? await loop.sleep(for: delay)
            }
        }
    }

    private func tell(_ error: any Error) {
        if !isFailing { report("spans cannot be exported to \(settings.target): \(error)") }
        isFailing = true
    }

    /// OTLP's table of codes that are worth another try.
    private static func mayRetry(_ error: any Error) -> Bool {
        switch (error as? RPCError)?.code {
        case .cancelled, .deadlineExceeded, .aborted, .outOfRange, .unavailable, .dataLoss, .resourceExhausted: true
        default: false
        }
    }
}
