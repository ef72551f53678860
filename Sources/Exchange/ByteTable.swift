import Glibc

/// Values by the bytes of their keys, looked up without making a string of what came over the wire.
///
/// Keys come from contracts and configuration alone, so nobody outside can choose them to collide. Open addressing; at most
/// half of the slots are taken.
///
/// Keys and values lie apart: a look compares numbers, then one run of bytes, and counts no reference but the index's and that
/// of the value it answers.
package struct ByteTable<Value> {
    @usableFromInline var index = ByteIndex()
    @usableFromInline var values: [Value] = []

    package var count: Int { values.count }

    package init() {}

    @inlinable
    package subscript(_ key: UnsafeBufferPointer<UInt8>) -> Value? {
        index.find(key).map { values[$0] }
    }

    package subscript(_ key: String) -> Value? {
        var key = key
        return key.withUTF8 { self[$0] }
    }

    package mutating func insert(_ value: Value, for key: String) {
        var key = key
        key.withUTF8 { key in
            // Copies of the table go on with the old index.
            if index.isFull || !isKnownUniquelyReferenced(&index) { index = index.grown() }
            let place = index.insert(UnsafeRawBufferPointer(key))
            if place < values.count {
                values[place] = value
            } else {
                values.append(value)
            }
        }
    }
}

/// The keys of a `ByteTable`, each with the place of its value: 0, 1, 2, ... in the order in which they came.
///
/// An object with memory of its own: looking into a value's arrays copied all of them first.
@usableFromInline
final class ByteIndex {
    private struct Slot {
        /// Of the key; 0 for an empty slot.
        var hash: UInt64 = 0
        var place = 0
        var key = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// A power of two long, and half of it empty at least. Only methods of this object see it, by indices that are cut to
    /// its length.
    private let slots: UnsafeMutableBufferPointer<Slot>
    private let mask: Int
    @exclusivity(unchecked) private(set) var count = 0

    init(slots count: Int = 16) {
        slots = .allocate(capacity: count)
        slots.initialize(repeating: Slot())
        mask = count - 1
    }

    deinit {
        for slot in slots { slot.key.deallocate() }
        slots.deallocate()
    }

    @usableFromInline
    func find(_ key: UnsafeBufferPointer<UInt8>) -> Int? {
        let slot = slots[index(of: UnsafeRawBufferPointer(key), Self.hash(key))]
        return slot.hash == 0 ? nil : slot.place
    }

    /// More keys need a larger index.
    var isFull: Bool { (count + 1) * 2 > slots.count }

    /// The key's place, which is the next one if it is new.
    func insert(_ key: UnsafeRawBufferPointer) -> Int {
        precondition(!isFull, "an index has room for its keys")
        let hash = Self.hash(key.assumingMemoryBound(to: UInt8.self))
        let index = index(of: key, hash)
        guard slots[index].hash == 0 else { return slots[index].place }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: key.count, alignment: 1)
        copy.copyMemory(from: key)
        slots[index] = Slot(hash: hash, place: count, key: UnsafeRawBufferPointer(copy))
        count += 1
        return count - 1
    }

    /// The same keys at the same places, with room for as many more.
    func grown() -> ByteIndex {
        let larger = ByteIndex(slots: slots.count * 2)
        let taken = slots.filter { $0.hash != 0 }.sorted { $0.place < $1.place }
        for slot in taken { _ = larger.insert(slot.key) }
        return larger
    }

    /// Where the key is, or the empty slot where it would be. Half of the slots are empty, so the search ends.
    private func index(of key: UnsafeRawBufferPointer, _ hash: UInt64) -> Int {
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].hash != 0 {
            if slots[index].hash == hash, isEqual(slots[index].key, key) { return index }
            index = (index + 1) & mask
        }
        return index
    }

    private func isEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let one = left.baseAddress, let other = right.baseAddress else { return true }
        return memcmp(one, other, left.count) == 0
    }

    /// Eight bytes at a time, multiplied by an odd constant (the golden ratio) and folded.
    private static func hash(_ key: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let raw = UnsafeRawBufferPointer(key)
        var hash = UInt64(raw.count) &* 0x9E37_79B9_7F4A_7C15
        var offset = 0
        while offset + 8 <= raw.count {
            hash = mix(hash ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < raw.count {
            rest = rest << 8 | UInt64(raw[offset])
            offset += 1
        }
        // 0 says that a slot is empty.
        return max(1, mix(hash ^ rest))
    }

    private static func mix(_ word: UInt64) -> UInt64 {
        let product = word &* 0x9E37_79B9_7F4A_7C15
        return product ^ (product >> 32)
    }
}
