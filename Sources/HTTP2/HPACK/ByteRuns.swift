import Glibc

/// Comparing, copying and hashing names and values.
enum ByteRuns {
    @inline(__always)
    static func areEqual(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        guard left.count > 0, let one = left.baseAddress, let other = right.baseAddress else { return true }
        return memcmp(one, other, left.count) == 0
    }

    /// Copies `bytes` to the front of `target`, which must be as long; the two may overlap.
    @inline(__always)
    static func copy(_ bytes: UnsafeBufferPointer<UInt8>, to target: UnsafeMutableBufferPointer<UInt8>) {
        precondition(bytes.count <= target.count, "a run must fit where it is copied to")
        guard let from = bytes.baseAddress, let to = target.baseAddress else { return }
        memmove(to, from, bytes.count)
    }

    /// Mixes bytes into `hash`, eight at a time. Only a hint where to compare: whoever makes two runs collide gains one
    /// comparison.
    @inline(__always)
    static func hash(_ bytes: UnsafeBufferPointer<UInt8>, into hash: inout UInt64) {
        let raw = UnsafeRawBufferPointer(bytes)
        hash ^= UInt64(raw.count)
        guard raw.count >= 8 else {
            var rest: UInt64 = 0
            for byte in raw { rest = rest << 8 | UInt64(byte) }
            hash = mix(hash ^ rest)
            return
        }
        var place = 0
        while place + 8 < raw.count {
            hash = mix(hash ^ raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        // The last eight may have been mixed in part before.
        hash = mix(hash ^ raw.loadUnaligned(fromByteOffset: raw.count - 8, as: UInt64.self))
    }

    @inline(__always)
    private static func mix(_ word: UInt64) -> UInt64 {
        let product = word &* 0x9E37_79B9_7F4A_7C15
        return product ^ product >> 29
    }
}
