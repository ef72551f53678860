/// The code points that an expression does not tell apart, as numbered classes.
///
/// A text then is a row of small numbers, and a table of states has a column for each class instead of a million.
struct ScalarClasses: Sendable {
    /// Where intervals begin, in order; the first is 0.
    private var starts: [UInt32]
    /// The class of each interval.
    private var classes: [UInt16]
    /// The classes of ASCII, beforehand.
    private(set) var ascii: [UInt16]
    private(set) var count: Int

    /// Splits all code points by membership in each of `sets`; nil if that is too much work.
    init?(splitting sets: [ScalarSet]) {
        var bounds: [UInt32] = [0]
        for set in sets {
            for range in set.ranges {
                bounds.append(range.first)
                bounds.append(range.last + 1)
            }
        }
        bounds.sort()
        starts = []
        for bound in bounds where bound <= ScalarSet.lastScalar && bound != starts.last { starts.append(bound) }
        guard let (numbers, count) = Self.number(starts, by: sets), count <= Int(UInt16.max) else { return nil }
        self.count = count
        classes = numbers
        ascii = []
        ascii = (0..<128).map { classOf(UInt32($0)) }
    }

    /// Gives intervals the same number if they lie in the same sets.
    private static func number(_ starts: [UInt32], by sets: [ScalarSet]) -> ([UInt16], Int)? {
        struct Split: Hashable {
            let set: Int
            let old: Int
        }
        var numbers = [Int](repeating: 0, count: starts.count)
        var used = 1
        var stepsLeft = PatternLimits.partition
        for (index, set) in sets.enumerated() {
            var splits: [Split: Int] = [:]
            for range in set.ranges {
                var interval = place(of: range.first, in: starts)
                while interval < starts.count, starts[interval] <= range.last {
                    stepsLeft -= 1
                    guard stepsLeft > 0 else { return nil }
                    let split = Split(set: index, old: numbers[interval])
                    if splits[split] == nil {
                        splits[split] = used
                        used += 1
                    }
                    numbers[interval] = splits[split] ?? 0
                    interval += 1
                }
            }
        }
        // Some numbers have lost all their intervals on the way.
        var dense: [Int: UInt16] = [:]
        var result: [UInt16] = []
        for number in numbers {
            if dense[number] == nil {
                guard let next = UInt16(exactly: dense.count) else { return nil }
                dense[number] = next
            }
            result.append(dense[number] ?? 0)
        }
        return (result, dense.count)
    }

    /// The last interval that begins at or before `scalar`.
    private static func place(of scalar: UInt32, in starts: [UInt32]) -> Int {
        var low = 0
        var high = starts.count
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= scalar { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }

    func classOf(_ scalar: UInt32) -> UInt16 {
        classes[Self.place(of: scalar, in: starts)]
    }

    /// The classes that make up one of the sets that this was split by.
    func classes(in set: ScalarSet) -> [UInt16] {
        var found: Set<UInt16> = []
        for range in set.ranges {
            var interval = Self.place(of: range.first, in: starts)
            while interval < starts.count, starts[interval] <= range.last {
                found.insert(classes[interval])
                interval += 1
            }
        }
        return found.sorted()
    }
}

/// Reads the code points of UTF-8 that is known to be well formed.
enum ScalarReader {
    /// The code point at `next`, which is not ASCII, and moves behind it.
    @inline(__always)
    static func wide(_ bytes: TextBytes, _ next: inout Int) -> UInt32 {
        let lead = UInt32(bytes[next])
        let width = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
        var value = lead & (0x7F >> UInt32(width))
        // A string's UTF-8 is never cut; the bound costs nothing and keeps a broken one from being read past.
        let end = min(next + width, bytes.count)
        next += 1
        while next < end {
            value = value << 6 | UInt32(bytes[next] & 0x3F)
            next += 1
        }
        return min(value, ScalarSet.lastScalar)
    }
}
