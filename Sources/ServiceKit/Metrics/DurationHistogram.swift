internal import Synchronization
import Timebase

/// Counts durations in fixed buckets.
///
/// The bounds are those of gRFC A66 that matter between a local hop and a slow call, so that dashboards made for gRPC fit.
public final class DurationHistogram: Sendable {
    /// Upper bounds in microseconds.
    static let bounds: [Int] = [
        100, 300, 600, 1000, 2000, 4000, 8000, 16_000, 32_000, 65_000, 130_000, 250_000, 500_000, 1_000_000, 2_000_000,
        5_000_000, 10_000_000,
    ]

    private struct State {
        var counts = Array(repeating: 0, count: DurationHistogram.bounds.count + 1)
        var sumMicroseconds = 0
    }

    private let state = Mutex(State())
    /// `bounds` again: a global is initialised when it is first asked for, and is asked at each call.
    private let limits = DurationHistogram.bounds

    public func record(_ duration: Duration) {
        let microseconds = Int(duration.clampedNanoseconds / 1000)
        var index = 0
        while index < limits.count, microseconds > limits[index] { index += 1 }
        state.withLock { state in
            state.counts[index] += 1
            state.sumMicroseconds &+= microseconds
        }
    }

    func write(_ name: String, _ labels: String, to text: inout String) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sumMicroseconds) }
        let prefix = labels.isEmpty ? "" : labels + ","
        var total = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < Self.bounds.count ? "\(Double(Self.bounds[index]) / 1e6)" : "+Inf"
            text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(total)\n"
        }
        text += "\(name)_sum\(Series.braced(labels)) \(Double(sum) / 1e6)\n"
        text += "\(name)_count\(Series.braced(labels)) \(total)\n"
    }
}
