/// Values by the bytes of their keys, looked up without making a string of what came over the wire.
///
/// Keys come from contracts and configuration alone, so nobody outside can choose them to collide. Open addressing; at most
/// half of the slots are taken.
package struct ByteTable<Value> {
    private struct Slot {
        var hash: UInt64
        var key: [UInt8]
        var value: Value
    }

    private var slots: [Slot?]
    package private(set) var count = 0

    package init() {
        slots = Array(repeating: nil, count: 16)
    }

    package subscript(_ key: UnsafeBufferPointer<UInt8>) -> Value? {
        let hash = Self.hash(key)
        var index = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while let slot = slots[index] {
            if slot.hash == hash, slot.key.count == key.count, slot.key.elementsEqual(key) { return slot.value }
            index = (index + 1) & (slots.count - 1)
        }
        return nil
    }

    package subscript(_ key: String) -> Value? {
        var key = key
        return key.withUTF8 { self[$0] }
    }

    package mutating func insert(_ value: Value, for key: String) {
        if (count + 1) * 2 > slots.count { grow() }
        let bytes = Array(key.utf8)
        let hash = bytes.withUnsafeBufferPointer(Self.hash)
        place(Slot(hash: hash, key: bytes, value: value))
    }

    private mutating func place(_ slot: Slot) {
        var index = Int(truncatingIfNeeded: slot.hash) & (slots.count - 1)
        while let other = slots[index] {
            if other.hash == slot.hash, other.key == slot.key {
                slots[index] = slot
                return
            }
            index = (index + 1) & (slots.count - 1)
        }
        slots[index] = slot
        count += 1
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: nil, count: old.count * 2)
        count = 0
        for case let slot? in old { place(slot) }
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
        return mix(hash ^ rest)
    }

    private static func mix(_ word: UInt64) -> UInt64 {
        let product = word &* 0x9E37_79B9_7F4A_7C15
        return product ^ (product >> 32)
    }
}
