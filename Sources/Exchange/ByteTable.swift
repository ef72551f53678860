import Glibc

/// Values by the bytes of their keys, looked up without making a string of what came over the wire.
///
/// Keys come from contracts and configuration alone, so nobody outside can choose them to collide. Open addressing; at most
/// half of the slots are taken.
///
/// Hashes, keys and values lie apart: a look compares numbers, then one run of bytes, and counts no reference but that of the
/// value it answers.
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
            let place = index.insert(key)
            if place < values.count {
                values[place] = value
            } else {
                values.append(value)
            }
        }
    }
}

/// The keys of a `ByteTable`, each with the place of its value: 0, 1, 2, ... in the order in which they came.
@usableFromInline
struct ByteIndex {
    /// Of the key in each slot; 0 for an empty one.
    private var hashes: [UInt64]
    /// Which key each slot has.
    private var places: [Int]
    private var keys: [UInt8] = []
    /// Where each key ends in `keys`.
    private var ends: [Int] = []

    init() {
        hashes = Array(repeating: 0, count: 16)
        places = Array(repeating: 0, count: 16)
    }

    @usableFromInline
    func find(_ key: UnsafeBufferPointer<UInt8>) -> Int? {
        let index = slot(of: key, Self.hash(key))
        return hashes[index] == 0 ? nil : places[index]
    }

    /// The key's place, which is the next one if it is new.
    mutating func insert(_ key: UnsafeBufferPointer<UInt8>) -> Int {
        if (ends.count + 1) * 2 > hashes.count { grow() }
        let hash = Self.hash(key)
        let index = slot(of: key, hash)
        guard hashes[index] == 0 else { return places[index] }
        hashes[index] = hash
        places[index] = ends.count
        keys.append(contentsOf: key)
        ends.append(keys.count)
        return ends.count - 1
    }

    /// Where the key is, or the empty slot where it would be. Half of the slots are empty, so the search ends.
    private func slot(of key: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> Int {
        var index = Int(truncatingIfNeeded: hash) & (hashes.count - 1)
        while hashes[index] != 0 {
            if hashes[index] == hash, isKey(places[index], key) { return index }
            index = (index + 1) & (hashes.count - 1)
        }
        return index
    }

    private func isKey(_ place: Int, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = place == 0 ? 0 : ends[place - 1]
        guard ends[place] - start == key.count else { return false }
        return keys.withUnsafeBufferPointer { keys in
            guard let keys = keys.baseAddress, let key = UnsafeRawBufferPointer(key).baseAddress else { return true }
            return memcmp(keys + start, key, ends[place] - start) == 0
        }
    }

    private mutating func grow() {
        let (oldHashes, oldPlaces) = (hashes, places)
        hashes = Array(repeating: 0, count: oldHashes.count * 2)
        places = Array(repeating: 0, count: oldHashes.count * 2)
        for (hash, place) in zip(oldHashes, oldPlaces) where hash != 0 {
            var index = Int(truncatingIfNeeded: hash) & (hashes.count - 1)
            while hashes[index] != 0 { index = (index + 1) & (hashes.count - 1) }
            hashes[index] = hash
            places[index] = place
        }
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
