/// Where a field with some identity stands in the table: a direct-mapped cache.
///
/// A slot may be overwritten by another identity, and what it says may have left the table: the one costs a search, the
/// other is seen by the number. It never decides what is sent, only how fast that is found.
struct IdentityCache: ~Copyable {
    private struct Slot: BitwiseCopyable {
        var identity: UInt64 = 0
        /// Below every number that an entry has, while the slot is empty: 0 is an identity too, of fields without one.
        var number = -1
    }

    private var slots = OwnedRun<Slot>()
    private var conflicts = 0

    /// The fields of three or four connections whose calls are handed on here.
    private static let smallest = 32
    /// 8 KiB: a connection to a busy peer, fed by some fifty others.
    private static let largest = 512

    var heldBytes: Int { slots.count * MemoryLayout<Slot>.stride }

    @inline(__always)
    private func place(_ identity: UInt64) -> Int {
        Int(truncatingIfNeeded: (identity &* 0x9E37_79B9_7F4A_7C15) >> 40) & (slots.count - 1)
    }

    /// Fields of the static table have numbers too, below those of entries and of empty slots.
    static func number(ofStatic index: Int) -> Int { -1 - index }

    @inline(__always)
    static func staticIndex(_ number: Int) -> Int? { number < -1 ? -1 - number : nil }

    /// The number that was stored for the identity.
    @inline(__always)
    func find(_ identity: UInt64) -> Int? {
        guard !slots.isEmpty else { return nil }
        let slot = slots[place(identity)]
        return slot.identity == identity ? slot.number : nil
    }

    mutating func store(_ identity: UInt64, _ number: Int, oldest: Int) {
        if slots.isEmpty { slots = OwnedRun(repeating: Slot(), count: Self.smallest) }
        let there = slots[place(identity)]
        if there.identity != 0, there.identity != identity, there.number >= oldest {
            conflicts += 1
            if conflicts > slots.count, slots.count < Self.largest { grow(oldest: oldest) }
        }
        slots[place(identity)] = Slot(identity: identity, number: number)
    }

    private mutating func grow(oldest: Int) {
        conflicts = 0
        var larger = IdentityCache(slots: 4 * slots.count)
        for place in 0..<slots.count
        where slots[place].identity != 0 && (slots[place].number >= oldest || slots[place].number < -1) {
            larger.slots[larger.place(slots[place].identity)] = slots[place]
        }
        self = larger
    }

    init() {}

    private init(slots count: Int) {
        slots = OwnedRun(repeating: Slot(), count: count)
    }
}
