import Bytes

/// The fields that were sent on a connection and may be named by an index: the newest first, the oldest leave first
/// (RFC 7541 §2.3.2, §4).
///
/// Entries are a ring; their bytes lie behind one another in a block that is moved to its front when its end is reached, so
/// that each is one run. Both grow as they are needed: a table that was never used has no memory at all, and one with the
/// ten fields of a typical gRPC connection takes 1 KiB.
struct DynamicTable: ~Copyable {
    struct Entry: BitwiseCopyable {
        /// The bytes that were ever inserted before it.
        var position = 0
        var nameLength: Int32 = 0
        var valueLength: Int32 = 0
        var identity: UInt64 = 0
        /// Of name and value, if the owner searches.
        var hash: UInt32 = 0
        var name = Fields.Name.other
        /// It was named by an index since it was inserted.
        var isUsed = false

        var length: Int { Int(nameLength) + Int(valueLength) }
        var size: Int { length + DynamicTable.overhead }
    }

    /// What an entry weighs besides its bytes (RFC 7541 §4.1).
    static let overhead = 32

    /// The most that the entries may weigh.
    private(set) var maximum: Int
    private(set) var size = 0
    private(set) var count = 0
    /// How many entries were ever inserted: the newest has the number before it.
    private(set) var inserted = 0

    /// A power of two long; the entry with number n is at n modulo its length.
    private var ring = OwnedRun<Entry>()
    private var bytes = OwnedRun<UInt8>()
    /// The position of the first byte of `bytes`, and the one behind the newest entry.
    private var base = 0
    private var end = 0

    init(maximum: Int) {
        self.maximum = maximum
    }

    /// The memory that it holds now.
    var heldBytes: Int { ring.count * MemoryLayout<Entry>.stride + bytes.count }

    /// The number of the oldest entry.
    var oldest: Int { inserted - count }

    /// The entry with the number, which must be in the table.
    subscript(number: Int) -> Entry {
        precondition(number >= oldest && number < inserted, "there is no such entry")
        return ring[number & (ring.count - 1)]
    }

    mutating func markUsed(_ number: Int) {
        ring[number & (ring.count - 1)].isUsed = true
    }

    /// The name of an entry and the value behind it; good until the table changes.
    @inline(__always)
    func bytes(_ entry: Entry) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(bytes.run(entry.position - base, entry.length))
    }

    @inline(__always)
    func name(_ entry: Entry) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(bytes.run(entry.position - base, Int(entry.nameLength)))
    }

    @inline(__always)
    func value(_ entry: Entry) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(
            bytes.run(entry.position - base + Int(entry.nameLength), Int(entry.valueLength)))
    }

    /// The number of the newest entry with this name and value, whose hash is `hash`.
    @inline(__always)
    func search(
        _ hash: UInt32, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
    ) -> Int? {
        var number = inserted
        while number > oldest {
            number -= 1
            let entry = ring[number & (ring.count - 1)]
            guard entry.hash == hash else { continue }
            if ByteRuns.areEqual(self.name(entry), name), ByteRuns.areEqual(self.value(entry), value) { return number }
        }
        return nil
    }

    /// Changes what the entries may weigh; the oldest leave until they do.
    mutating func resize(_ maximum: Int) {
        self.maximum = maximum
        while size > maximum { removeOldest() }
        if maximum == 0 {
            ring = OwnedRun()
            bytes = OwnedRun()
            base = end
        }
    }

    /// Takes the oldest entry out.
    @discardableResult
    mutating func removeOldest() -> Entry {
        let entry = self[oldest]
        count -= 1
        size -= entry.size
        return entry
    }

    /// Puts an entry in as the newest, after the oldest have made room, and answers its number; nil if it weighs more than
    /// the table may, which then is empty (RFC 7541 §4.4). The bytes must not be the table's own.
    @discardableResult
    mutating func insert(
        _ known: Fields.Name, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>,
        identity: UInt64, hash: UInt32 = 0
    ) -> Int? {
        let entry = Entry(
            position: end, nameLength: Int32(name.count), valueLength: Int32(value.count), identity: identity,
            hash: hash, name: known)
        while count > 0, size + entry.size > maximum { removeOldest() }
        guard entry.size <= maximum else { return nil }
        growRing()
        makeRoom(entry.length)
        ByteRuns.copy(name, to: bytes.run(end - base, name.count))
        ByteRuns.copy(value, to: bytes.run(end - base + name.count, value.count))
        ring[inserted & (ring.count - 1)] = entry
        end += entry.length
        size += entry.size
        count += 1
        inserted += 1
        return inserted - 1
    }

    private mutating func growRing() {
        guard count == ring.count else { return }
        var larger = OwnedRun(repeating: Entry(), count: max(Self.smallestRing, 2 * ring.count))
        for number in oldest..<inserted { larger[number & (larger.count - 1)] = ring[number & (ring.count - 1)] }
        ring = larger
    }

    /// Sees to it that `length` bytes fit behind the newest entry.
    private mutating func makeRoom(_ length: Int) {
        if count == 0 { base = end }
        guard end - base + length > bytes.count else { return }
        let first = count > 0 ? self[oldest].position : end
        let live = end - first
        // Half of the block is free after a move, so bytes are moved once a block's worth of new ones at most.
        var capacity = max(bytes.count, Self.smallestBlock)
        while capacity < 2 * (live + length) { capacity *= 2 }
        let kept = UnsafeBufferPointer(bytes.run(first - base, live))
        if capacity == bytes.count {
            ByteRuns.copy(kept, to: bytes.run(0, live))
        } else {
            let larger = OwnedRun<UInt8>(repeating: 0, count: capacity)
            ByteRuns.copy(kept, to: larger.run(0, live))
            bytes = larger
        }
        base = first
    }

    /// A typical connection of gRPC keeps about ten fields of 25 bytes.
    private static let smallestRing = 16
    private static let smallestBlock = 256
}
