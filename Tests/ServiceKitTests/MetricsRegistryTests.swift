@testable import ServiceKit
import Testing

@Suite struct MetricsRegistryTests {
    @Test func `labels and help are escaped as the text format wants it`() {
        let metrics = MetricsRegistry()
        metrics.counter("a_total", "One \\ two\nthree \"four\".", ["path": "a\\b\"c\nd"]).add(3)
        #expect(metrics.prometheusText.contains("# HELP a_total One \\\\ two\\nthree \"four\".\n"))
        #expect(metrics.prometheusText.contains("a_total{path=\"a\\\\b\\\"c\\nd\"} 3\n"))
    }

    @Test func `a flood of labels is one series, and sums stay right`() {
        let metrics = MetricsRegistry()
        for number in 0..<20_000 { metrics.counter("calls_total", "Calls.", ["path": "/\(number)"]).add() }
        metrics.counter("calls_total", "Calls.", ["path": "/7"]).add()
        let lines = metrics.prometheusText.split(separator: "\n").filter { $0.hasPrefix("calls_total{") }
        #expect(lines.count == MetricsRegistry.maxSeries + 1)
        let hasBoth =
            lines.contains("calls_total{path=\"other\"} 15000") && lines.contains("calls_total{path=\"/7\"} 2")
        #expect(hasBoth)
        #expect(metrics.prometheusText.contains("weft_metrics_overflows_total 15000\n"))
        #expect(metrics.prometheusText.contains("weft_metrics_series 5001\n"))
    }

    @Test func `a histogram counts as all its buckets`() {
        let metrics = MetricsRegistry()
        for number in 0..<1000 {
            metrics.histogram("s", "Seconds.", ["m": "\(number)"]).record(.milliseconds(1))
        }
        let lines = metrics.prometheusText.split(separator: "\n").filter { $0.hasPrefix("s_") }
        #expect(lines.count <= MetricsRegistry.maxSeries + 20)
        let hasOther = lines.contains("s_count{m=\"other\"} 750")
        #expect(hasOther)
    }

    @Test func `what collectors say lives as long as the answer`() {
        let metrics = MetricsRegistry()
        let (once, seen) = (MetricsRegistry.Counter(), MetricsRegistry.Counter())
        metrics.collect { sample in
            seen.add()
            if seen.total == 1 { sample.gauge("g", "Gauge.", ["e": "a"], value: 7) }
        }
        once.add()
        #expect(metrics.prometheusText.contains("g{e=\"a\"} 7\n"))
        #expect(!metrics.prometheusText.contains("g{e="))
    }
}
