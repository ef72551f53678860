import Glibc

/// What may be the key of a map: integers, booleans and strings.
///
/// It has its own equality because `String`'s is canonical equivalence: two keys that differ on the wire could be one.
public protocol ProtoMapKey: Hashable, Sendable {
    static func same(_ left: Self, _ right: Self) -> Bool
    static func feed(_ key: Self, to hasher: inout Hasher)
    /// The order of keys in deterministic output: numbers by value, false before true, strings by their bytes.
    static func precedes(_ left: Self, _ right: Self) -> Bool
    /// The key in a path: a string in quotes.
    static func shown(_ key: Self) -> String
}

extension ProtoMapKey {
    @inlinable @inline(__always)
    public static func same(_ left: Self, _ right: Self) -> Bool { left == right }

    @inlinable @inline(__always)
    public static func feed(_ key: Self, to hasher: inout Hasher) { hasher.combine(key) }

    public static func shown(_ key: Self) -> String { "\(key)" }
}

extension ProtoMapKey where Self: Comparable {
    @inlinable
    public static func precedes(_ left: Self, _ right: Self) -> Bool { left < right }
}

extension Bool: ProtoMapKey {
    @inlinable
    public static func precedes(_ left: Bool, _ right: Bool) -> Bool { !left && right }
}

extension Int32: ProtoMapKey {}
extension Int64: ProtoMapKey {}
extension UInt32: ProtoMapKey {}
extension UInt64: ProtoMapKey {}

extension String: ProtoMapKey {
    /// Compares bytes.
    @inlinable @inline(__always)
    public static func same(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && sameBytes(left, right)
    }

    @usableFromInline
    static func sameBytes(_ left: String, _ right: String) -> Bool {
        let count = left.utf8.count
        let equal: Bool?? = left.utf8.withContiguousStorageIfAvailable { left in
            right.utf8.withContiguousStorageIfAvailable { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return true }
                return memcmp(left, right, count) == 0
            }
        }
        return (equal ?? nil) ?? left.utf8.elementsEqual(right.utf8)
    }

    @inlinable
    public static func feed(_ key: String, to hasher: inout Hasher) {
        let fed: Void? = key.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        if fed == nil {
            for byte in key.utf8 { hasher.combine(byte) }
        }
    }

    @inlinable
    public static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    public static func shown(_ key: String) -> String { key.debugDescription }
}
