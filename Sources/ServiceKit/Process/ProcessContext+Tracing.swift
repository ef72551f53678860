internal import Logging
internal import Reactor
package import Traces
internal import Transport

extension ProcessContext {
    /// Where systems keep the roots that they trust.
    private static let systemRoots = "/etc/ssl/certs/ca-certificates.crt"

    /// Begins to trace if the environment says so; answers nil if it does not, and then nothing is paid for it.
    ///
    /// - Parameters:
    ///   - service: what spans are told under, unless `OTEL_SERVICE_NAME` says otherwise.
    @discardableResult
    package func startTracing(service: String, instance: String) throws(ProcessFault) -> Tracer? {
        guard let settings = tracing, tracer == nil else { return tracer }
        let resource = TraceResource(
            service: settings.serviceName ?? service, instance: instance, more: settings.attributes)
        let exporter: SpanExporter
        do {
            let roots =
                settings.isSecure
                ? try Certificate.all(inPEM: text(of: settings.certificateFile ?? Self.systemRoots)) : []
            exporter = try SpanExporter(settings, from: resource, roots: roots, on: loop, network: network) {
                [log] news in log.warning("\(news)")
            }
        } catch {
            throw ProcessFault(
                "spans cannot be exported: \(error)", hint: "see OTEL_EXPORTER_OTLP_ENDPOINT", exitCode: 2)
        }
        metrics.collect { sample in
            let counts = exporter.counts
            for (outcome, value) in [
                ("exported", counts.exported), ("dropped", counts.dropped), ("failed", counts.failed),
            ] {
                sample.counter(
                    "weft_spans_total", "Spans by what became of them.", ["outcome": outcome], value: value)
            }
        }
        let tracer = Tracer(settings.sampler, to: exporter, on: loop)
        self.tracer = tracer
        Task(executorPreference: loop) { await exporter.run() }
        onDrain("traces") { done in exporter.stop { done() } }
        log.info("tracing", metadata: ["to": "\(settings.target)", "ratio": "\(settings.sampler.ratio)"])
        return tracer
    }

    private func text(of path: String) throws(Files.Fault) -> String {
        try files.readText(path)
    }
}
