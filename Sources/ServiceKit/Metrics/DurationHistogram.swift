internal import Synchronization

/// Counts durations in fixed buckets.
///
/// The bounds are those of gRFC A66 that matter between a local hop and a slow call, so that dashboards made for gRPC fit.
public final class DurationHistogram: Sendable {
    /// Upper bounds in microseconds.
    static let bounds: [Int] = [
        100, 300, 600, 1000, 2000, 4000, 8000, 16_000, 32_000, 65_000, 130_000, 250_000, 500_000, 1_000_000, 2_000_000,
        5_000_000, 10_000_000,
    ]

    private let buckets = Mutex<[Int]>(Array(repeating: 0, count: DurationHistogram.bounds.count + 1))
    private let sumMicroseconds = Atomic<Int>(0)

    public func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let microseconds = Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000)
        sumMicroseconds.wrappingAdd(microseconds, ordering: .relaxed)
        let index = Self.bounds.firstIndex { microseconds <= $0 } ?? Self.bounds.count
        buckets.withLock { $0[index] += 1 }
    }

    func write(_ name: String, _ labels: String, to text: inout String) {
        let counts = buckets.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var total = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < Self.bounds.count ? "\(Double(Self.bounds[index]) / 1e6)" : "+Inf"
            text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(total)\n"
        }
        text += "\(name)_sum\(Series.braced(labels)) \(Double(sumMicroseconds.load(ordering: .relaxed)) / 1e6)\n"
        text += "\(name)_count\(Series.braced(labels)) \(total)\n"
    }
}
