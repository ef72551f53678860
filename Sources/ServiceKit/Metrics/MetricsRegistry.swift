internal import Synchronization

/// The process's metrics: counters, gauges and histograms with closed label sets, as Prometheus text.
///
/// A series is made once and then kept by who counts on it, so that counting is one atomic addition. At most
/// `maxSeries` exist; past that every new one is the same overflow series, which says so by its own label.
public final class MetricsRegistry: Sendable {
    /// Enough for 100 methods x 17 codes x 2 sides, and small enough for any scraper (DESIGN §6).
    public static let maxSeries = 5000

    private let families = Mutex<[String: Family]>([:])
    private let seriesCount = Atomic<Int>(0)

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

    private func series(
        _ name: String, _ help: String, _ kind: Family.Kind, _ labels: KeyValuePairs<String, String>,
        _ make: () -> Series
    ) -> Series {
        let wanted = Self.key(labels)
        return families.withLock { families in
            var family = families[name] ?? Family(help: help, kind: kind)
            if let known = family.series[wanted] { return known }
            let isFull = seriesCount.load(ordering: .relaxed) >= Self.maxSeries
            let key = isFull ? "overflow=\"true\"" : wanted
            if isFull, let overflow = family.series[key] { return overflow }
            let made = make()
            family.series[key] = made
            families[name] = family
            seriesCount.wrappingAdd(1, ordering: .relaxed)
            return made
        }
    }

    private static func key(_ labels: KeyValuePairs<String, String>) -> String {
        labels.map { "\($0.key)=\"\(escape($0.value))\"" }.joined(separator: ",")
    }

    private static func escape(_ value: String) -> String {
        var escaped = ""
        for character in value {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    /// The text exposition format 0.0.4, families and series in order of their names.
    public var prometheusText: String {
        families.withLock { families in
            var text = ""
            for (name, family) in families.sorted(by: { $0.key < $1.key }) {
                text += "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind.rawValue)\n"
                for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                    series.write(name, labels, to: &text)
                }
            }
            return text
        }
    }
}

struct Family {
    enum Kind: String {
        case counter, gauge, histogram
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
