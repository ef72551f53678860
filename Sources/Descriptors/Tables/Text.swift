/// Bytes of a name in memory that is never freed.
struct Text {
    let start: UnsafePointer<UInt8>
    let count: Int

    init(start: UnsafePointer<UInt8>, count: Int) {
        self.start = start
        self.count = count
    }

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        // An empty buffer may have no address; any will do for nothing.
        start = bytes.baseAddress ?? UnsafePointer(StaticString("").utf8Start)
        count = bytes.count
    }

    var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }
    var raw: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }
    var string: String { String(decoding: buffer, as: UTF8.self) }

    static func == (left: Text, right: Text) -> Bool {
        left.count == right.count && memoryEqual(left.start, right.start, left.count)
    }

    /// Of the first and the last eight bytes and the count: enough for the names of one message.
    ///
    /// The tables are made from contracts, so nobody can choose names that collide.
    var hash: Int {
        var first: UInt64 = 0
        var last: UInt64 = 0
        if count >= 8 {
            let raw = UnsafeRawPointer(start)
            first = raw.loadUnaligned(as: UInt64.self)
            last = raw.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        } else {
            for byte in buffer { first = first << 8 | UInt64(byte) }
        }
        let mixed = (first ^ UInt64(count)) &* 0x9E37_79B9_7F4A_7C15 ^ last &* 0xC2B2_AE3D_27D4_EB4F
        return Int(truncatingIfNeeded: mixed >> 33)
    }
}

@inline(__always)
func memoryEqual(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    var index = 0
    while index + 8 <= count {
        let a = UnsafeRawPointer(left).loadUnaligned(fromByteOffset: index, as: UInt64.self)
        let b = UnsafeRawPointer(right).loadUnaligned(fromByteOffset: index, as: UInt64.self)
        if a != b { return false }
        index += 8
    }
    while index < count {
        if left[index] != right[index] { return false }
        index += 1
    }
    return true
}

/// Finds numbers by name: open addressing in memory that is never freed.
struct NameIndex {
    private struct Slot {
        var name: Text
        /// One more than the number, or 0 if the slot is free.
        var entry: UInt32
    }

    private let slots: UnsafeMutablePointer<Slot>
    private let mask: Int

    /// Of names and what they stand for; the first of equal names counts.
    init(_ names: [(Text, Int)]) {
        var size = 4
        while size < names.count * 2 { size *= 2 }
        slots = .allocate(capacity: size)
        slots.initialize(repeating: Slot(name: Text(UnsafeBufferPointer(start: nil, count: 0)), entry: 0), count: size)
        mask = size - 1
        for (name, number) in names where find(name) == nil {
            var slot = name.hash & mask
            while slots[slot].entry != 0 { slot = (slot + 1) & mask }
            slots[slot] = Slot(name: name, entry: UInt32(number + 1))
        }
    }

    func find(_ name: Text) -> Int? {
        var slot = name.hash & mask
        while slots[slot].entry != 0 {
            if slots[slot].name == name { return Int(slots[slot].entry) - 1 }
            slot = (slot + 1) & mask
        }
        return nil
    }
}
