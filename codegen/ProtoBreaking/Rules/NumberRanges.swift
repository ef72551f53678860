/// Numbers as stretches of them, both ends included: what is reserved, what extensions may use.
struct NumberRanges: Equatable {
    /// In order, without gaps of nothing between them.
    private(set) var ranges: [ClosedRange<Int64>] = []

    init(_ ranges: [(Int32, Int32)]) {
        for (start, end) in ranges.sorted(by: { $0 < $1 }) where start <= end {
            let range = Int64(start)...Int64(end)
            if let last = self.ranges.last, range.lowerBound <= last.upperBound + 1 {
                self.ranges[self.ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                self.ranges.append(range)
            }
        }
    }

    var isEmpty: Bool { ranges.isEmpty }

    /// The numbers from one to another that are not among these.
    func missing(of start: Int32, to end: Int32) -> NumberRanges {
        var missing = NumberRanges([])
        var next = Int64(start)
        for range in ranges where range.upperBound >= next && range.lowerBound <= Int64(end) {
            if range.lowerBound > next { missing.ranges.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= Int64(end) { missing.ranges.append(next...Int64(end)) }
        return missing
    }

    /// As a contract writes them: "2, 5 to 7, 100 to max".
    func text(most: Int64) -> String {
        ranges.map { range in
            if range.count == 1 { return String(range.lowerBound) }
            return "\(range.lowerBound) to \(range.upperBound >= most ? "max" : String(range.upperBound))"
        }.joined(separator: ", ")
    }
}
