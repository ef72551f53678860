internal import Synchronization

/// The process's metrics: counters, gauges and histograms with closed label sets, as Prometheus text.
///
/// A series is made once and then kept by who counts on it, so that counting is one atomic addition. At most
/// `maxSeries` exist, a histogram's buckets counted each; past that every new one of a family is the same overflow series,
/// whose labels are all `other`. Sums over a family stay right, and a metric of its own says that it happened.
public final class MetricsRegistry: Sendable {
    /// Enough for 100 methods x 17 codes x 2 sides, and small enough for any scraper (DESIGN §6).
    public static let maxSeries = 5000

    private struct State {
        var families: [String: Family] = [:]
        var collectors: [@Sendable (inout MetricsSample) -> Void] = []
        var seriesCount = 0
        /// Series that were asked for and not made.
        var overflows = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// Something that only grows: calls, bytes, failures.
    public final class Counter: Sendable {
        private let value = Atomic<Int>(0)
        public func add(_ count: Int = 1) { value.wrappingAdd(count, ordering: .relaxed) }
        public var total: Int { value.load(ordering: .relaxed) }
    }

    /// Something that goes up and down: calls in flight, connections.
    public final class Gauge: Sendable {
        private let value = Atomic<Int>(0)
        public func set(_ number: Int) { value.store(number, ordering: .relaxed) }
        public func add(_ number: Int) { value.wrappingAdd(number, ordering: .relaxed) }
        public var current: Int { value.load(ordering: .relaxed) }
    }

    public func counter(_ name: String, _ help: String, _ labels: KeyValuePairs<String, String> = [:]) -> Counter {
        series(name, help, .counter, labels) { .counter(Counter()) }.counter ?? Counter()
    }

    public func gauge(_ name: String, _ help: String, _ labels: KeyValuePairs<String, String> = [:]) -> Gauge {
        series(name, help, .gauge, labels) { .gauge(Gauge()) }.gauge ?? Gauge()
    }

    /// A distribution of durations, with buckets from 100 us to 10 s.
    public func histogram(
        _ name: String, _ help: String, _ labels: KeyValuePairs<String, String> = [:]
    ) -> DurationHistogram {
        series(name, help, .histogram, labels) { .histogram(DurationHistogram()) }.histogram ?? DurationHistogram()
    }

    /// Has `collect` asked whenever the metrics are read, for what is known elsewhere and would be stale here: states of
    /// endpoints that come and go. It runs where the metrics are read: on the process's loop.
    public func collect(_ collect: @escaping @Sendable (inout MetricsSample) -> Void) {
        state.withLock { $0.collectors.append(collect) }
    }

    private func series(
        _ name: String, _ help: String, _ kind: Family.Kind, _ labels: KeyValuePairs<String, String>,
        _ make: () -> Series
    ) -> Series {
        let wanted = Self.key(labels)
        return state.withLock { state in
            var family = state.families[name] ?? Family(help: help, kind: kind)
            if let known = family.series[wanted] { return known }
            var key = wanted
            if state.seriesCount + kind.weight > Self.maxSeries {
                state.overflows += 1
                key = labels.map { "\($0.key)=\"other\"" }.joined(separator: ",")
                if let overflow = family.series[key] { return overflow }
            }
            let made = make()
            family.series[key] = made
            state.families[name] = family
            state.seriesCount += kind.weight
            return made
        }
    }

    static func key(_ labels: KeyValuePairs<String, String>) -> String {
        labels.map { "\($0.key)=\"\(escape($0.value))\"" }.joined(separator: ",")
    }

    /// Of a label's value: backslash, quote and line feed (text exposition format).
    private static func escape(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return value }
        return escapeHelp(value).replacing("\"", with: "\\\"")
    }

    /// Of a help text: backslash and line feed alone.
    private static func escapeHelp(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }

    /// How many series there are.
    package var count: Int { state.withLock { $0.seriesCount } }

    /// What a counter says, by its labels as text; 0 if there is none.
    package func total(_ name: String, labels: String) -> Int {
        state.withLock { $0.families[name]?.series[labels]?.counter?.total ?? 0 }
    }

    /// The gauges of a family with their labels, in order.
    package func gauges(named name: String) -> [(labels: String, current: Int)] {
        state.withLock { state in
            (state.families[name]?.series ?? [:]).sorted { $0.key < $1.key }.compactMap { labels, series in
                series.gauge.map { (labels, $0.current) }
            }
        }
    }

    /// The text exposition format 0.0.4, families and series in order of their names.
    public var prometheusText: String {
        // Collectors may make series: they are not asked while the lock is held.
        let collectors = state.withLock { $0.collectors }
        var sample = MetricsSample()
        for collect in collectors { collect(&sample) }
        return state.withLock { state in
            sample.gauge("weft_metrics_series", "Series that this process keeps.", value: state.seriesCount)
            sample.counter(
                "weft_metrics_overflows_total", "Series that were not made, since there were too many already.",
                value: state.overflows)
            var text = ""
            let families = state.families.merging(sample.families) { kept, _ in kept }
            for (name, family) in families.sorted(by: { $0.key < $1.key }) {
                text += "# HELP \(name) \(Self.escapeHelp(family.help))\n# TYPE \(name) \(family.kind.rawValue)\n"
                for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                    series.write(name, labels, to: &text)
                }
            }
            return text
        }
    }
}

/// What collectors say of the moment: series that live as long as the answer.
public struct MetricsSample {
    /// No more are taken from all collectors together.
    static let mostSeries = 2000

    private(set) var families: [String: Family] = [:]
    private var count = 0

    public mutating func gauge(
        _ name: String, _ help: String, _ labels: KeyValuePairs<String, String> = [:], value: Int
    ) {
        let gauge = MetricsRegistry.Gauge()
        gauge.set(value)
        add(name, help, .gauge, labels, .gauge(gauge))
    }

    public mutating func counter(
        _ name: String, _ help: String, _ labels: KeyValuePairs<String, String> = [:], value: Int
    ) {
        let counter = MetricsRegistry.Counter()
        counter.add(value)
        add(name, help, .counter, labels, .counter(counter))
    }

    private mutating func add(
        _ name: String, _ help: String, _ kind: Family.Kind, _ labels: KeyValuePairs<String, String>, _ series: Series
    ) {
        guard count < Self.mostSeries else { return }
        count += 1
        families[name, default: Family(help: help, kind: kind)].series[MetricsRegistry.key(labels)] = series
    }
}

struct Family {
    enum Kind: String {
        case counter, gauge, histogram

        /// How many series it is to whoever reads the metrics.
        var weight: Int { self == .histogram ? DurationHistogram.bounds.count + 3 : 1 }
    }

    let help: String
    let kind: Kind
    var series: [String: Series] = [:]
}

enum Series {
    case counter(MetricsRegistry.Counter)
    case gauge(MetricsRegistry.Gauge)
    case histogram(DurationHistogram)

    var counter: MetricsRegistry.Counter? { if case .counter(let counter) = self { counter } else { nil } }
    var gauge: MetricsRegistry.Gauge? { if case .gauge(let gauge) = self { gauge } else { nil } }
    var histogram: DurationHistogram? { if case .histogram(let histogram) = self { histogram } else { nil } }

    func write(_ name: String, _ labels: String, to text: inout String) {
        switch self {
        case .counter(let counter): text += "\(name)\(Self.braced(labels)) \(counter.total)\n"
        case .gauge(let gauge): text += "\(name)\(Self.braced(labels)) \(gauge.current)\n"
        case .histogram(let histogram): histogram.write(name, labels, to: &text)
        }
    }

    static func braced(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }
}
