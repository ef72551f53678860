/// A set of code points, as sorted ranges that neither touch nor overlap.
struct ScalarSet: Hashable, Sendable {
    struct Range: Hashable, Sendable {
        var first: UInt32
        var last: UInt32
    }

    static let lastScalar: UInt32 = 0x10FFFF

    private(set) var ranges: [Range] = []

    init() {}

    init(_ ranges: [Range]) {
        self.ranges = ranges
        normalize()
    }

    init(_ pairs: [(UInt32, UInt32)]) {
        self.init(pairs.map { Range(first: $0.0, last: $0.1) })
    }

    static let all = ScalarSet([(0, lastScalar)])
    static let newline = ScalarSet([(0x0A, 0x0A)])
    static let notNewline = newline.inverted
    static let digits = ScalarSet([(0x30, 0x39)])
    /// RE2's `\s` has no vertical tab; POSIX's `[:space:]` has.
    static let spaces = ScalarSet([(0x09, 0x0A), (0x0C, 0x0D), (0x20, 0x20)])
    static let word = ScalarSet([(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)])

    /// Every code point that is not in the set.
    var inverted: ScalarSet {
        var result = ScalarSet()
        var next: UInt32 = 0
        for range in ranges {
            if range.first > next { result.ranges.append(Range(first: next, last: range.first - 1)) }
            next = range.last + 1
        }
        if next <= Self.lastScalar { result.ranges.append(Range(first: next, last: Self.lastScalar)) }
        return result
    }

    func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    func contains(_ scalar: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].last < scalar { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].first <= scalar
    }

    private mutating func normalize() {
        ranges.sort { $0.first < $1.first }
        var merged: [Range] = []
        for range in ranges {
            if let last = merged.last, range.first <= last.last &+ 1 {
                merged[merged.count - 1].last = max(last.last, range.last)
            } else {
                merged.append(range)
            }
        }
        ranges = merged
    }
}
