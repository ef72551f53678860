/// Which fields, and which oneofs, of one message have been met: a bit for each, without an allocation up to 64.
struct SeenFields {
    private var first: UInt64 = 0
    private var more: [UInt64] = []

    /// Notes a field and says whether it is new.
    @inline(__always)
    mutating func insert(_ index: Int) -> Bool {
        guard index < 64 else { return insertHigh(index - 64) }
        let bit = UInt64(1) << UInt64(index)
        defer { first |= bit }
        return first & bit == 0
    }

    private mutating func insertHigh(_ index: Int) -> Bool {
        while more.count <= index / 64 { more.append(0) }
        let bit = UInt64(1) << UInt64(index & 63)
        defer { more[index / 64] |= bit }
        return more[index / 64] & bit == 0
    }

    func contains(_ index: Int) -> Bool {
        if index < 64 { return first & (1 << UInt64(index)) != 0 }
        let high = index - 64
        return high / 64 < more.count && more[high / 64] & (1 << UInt64(high & 63)) != 0
    }
}
