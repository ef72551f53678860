import Timebase

/// Which time a given part of the calls of one kind stays under, by the last thousand or two of them.
///
///     1 µs ┊ ▂ ┊ ▅ ┊ █ ┊ ▆ ┊ ▂ ┊   ┊ ▁ ┊ 137 s      four buckets an octave: an answer is at most a fifth too high
///
/// Counting is an addition; when a thousand were counted all counts are halved, so that what was long ago weighs little.
public struct LatencyQuantile: Sendable {
    /// Fewer calls say nothing about their slowest twentieth.
    public static let leastCalls = 20
    static let mostCalls = 1000
    /// 2^10 ns, and 2^37.
    private static let firstOctave = 10
    private static let octaves = 27

    private var counts = InlineArray<108, UInt16>(repeating: 0)
    private var total = 0

    public init() {}

    public mutating func record(_ duration: Duration) {
        counts[Self.bucket(of: duration)] &+= 1
        total += 1
        guard total >= Self.mostCalls else { return }
        total = 0
        for bucket in counts.indices {
            counts[bucket] /= 2
            total += Int(counts[bucket])
        }
    }

    /// The time that `part` of the calls stay under, rounded up; nil while too few were seen.
    public func time(under part: Double) -> Duration? {
        guard total >= Self.leastCalls else { return nil }
        var above = 0
        let allowed = Double(total) * (1 - part)
        for bucket in counts.indices.reversed() {
            above += Int(counts[bucket])
            if Double(above) > allowed { return .nanoseconds(Self.end(of: bucket)) }
        }
        return .nanoseconds(Self.end(of: 0))
    }

    private static func bucket(of duration: Duration) -> Int {
        let nanoseconds = max(1, duration.clampedNanoseconds)
        let octave = Int64.bitWidth - 1 - nanoseconds.leadingZeroBitCount
        guard octave >= firstOctave else { return 0 }
        guard octave < firstOctave + octaves else { return 4 * octaves - 1 }
        return 4 * (octave - firstOctave) + Int(nanoseconds >> Int64(octave - 2)) & 3
    }

    private static func end(of bucket: Int) -> Int64 {
        let quarter = Int64(1) << Int64(firstOctave + bucket / 4 - 2)
        return quarter * Int64(5 + bucket % 4)
    }
}
