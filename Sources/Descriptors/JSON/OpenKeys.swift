/// The keys of the maps that are being written, innermost last: where each stands in the output.
///
/// Few keys are compared one by one, which costs no allocation; a map with many gets a set.
struct OpenKeys {
    struct Span {
        let start: Int
        let count: Int
    }

    /// Each key is compared with all before it: above this many, a set is faster.
    private static let compared = 32

    private var spans: [Span] = []
    /// The sets of the maps that have many keys, by the place of the map's first key.
    private var sets: [(first: Int, keys: Set<[UInt8]>)] = []

    /// Where the keys of a map that opens now will start.
    @inline(__always)
    var mark: Int { spans.count }

    /// True if the map whose keys start at `first` has this key already.
    @inline(__always)
    func contains(_ span: Span, since first: Int, in out: borrowing JSONWriter) -> Bool {
        if spans.count - first > OpenKeys.compared { return isInSet(span, out) }
        var index = first
        while index < spans.count {
            let other = spans[index]
            if other.count == span.count, memoryEqual(out.base + other.start, out.base + span.start, span.count) {
                return true
            }
            index += 1
        }
        return false
    }

    @inline(__always)
    mutating func append(_ span: Span, since first: Int, in out: borrowing JSONWriter) {
        spans.append(span)
        if spans.count - first > OpenKeys.compared { addToSet(span, since: first, out) }
    }

    private func isInSet(_ span: Span, _ out: borrowing JSONWriter) -> Bool {
        sets.last?.keys.contains(OpenKeys.bytes(span, out)) == true
    }

    private mutating func addToSet(_ span: Span, since first: Int, _ out: borrowing JSONWriter) {
        if sets.last?.first == first {
            sets[sets.count - 1].keys.insert(OpenKeys.bytes(span, out))
        } else {
            var keys: Set<[UInt8]> = []
            for span in spans[first...] { keys.insert(OpenKeys.bytes(span, out)) }
            sets.append((first, keys))
        }
    }

    /// Forgets the keys from a place on: their map is closed or taken back.
    @inline(__always)
    mutating func close(_ first: Int) {
        spans.removeLast(spans.count - first)
        if !sets.isEmpty { closeSets(first) }
    }

    private mutating func closeSets(_ first: Int) {
        while let last = sets.last, last.first >= first { sets.removeLast() }
    }

    private static func bytes(_ span: Span, _ out: borrowing JSONWriter) -> [UInt8] {
        Array(UnsafeBufferPointer(start: out.base + span.start, count: span.count))
    }
}
