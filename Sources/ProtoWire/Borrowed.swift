/// A value that cannot be copied by accident.
///
/// To call something on an element of an array the compiler copies it first, with a retain for each of its references,
/// because the call might change the array. Seen through this type, which has no copies, the same memory can only be
/// borrowed. Whoever makes one keeps the memory alive and unchanged.
@frozen
@usableFromInline
struct Borrowed<Value>: ~Copyable {
    @usableFromInline let value: Value
}

extension Borrowed {
    @inlinable @inline(__always)
    borrowing func write<Coding: WireCoding>(
        tag: UInt32, _: Coding.Type, into writer: inout WireWriter
    ) where Coding.Value == Value {
        Coding.write(value, tag: tag, into: &writer)
    }
}

extension Borrowed where Value: Message {
    @inlinable @inline(__always)
    borrowing func encode(into writer: inout WireWriter) {
        value.encode(into: &writer)
    }
}

extension Borrowed {
    @inlinable @inline(__always)
    borrowing func writeEntry<Key: WireCoding, Content: WireCoding>(
        _: Key.Type, _: Content.Type, into writer: inout WireWriter
    ) where Key.Value: ProtoMapKey, Value == ProtoMap<Key.Value, Content.Value>.Entry {
        Content.write(value.value, tag: 2 << 3 | Content.wireType, into: &writer)
        Key.write(value.key, tag: 1 << 3 | Key.wireType, into: &writer)
    }
}

extension Array {
    /// Calls `body` with each element where it lies, the last first.
    @inlinable @inline(__always)
    func forEachBorrowedBackwards(_ body: (borrowing Borrowed<Element>) -> Void) {
        withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: Borrowed<Element>.self) else { return }
            var index = count
            while index > 0 {
                index -= 1
                body(start[index])
            }
        }
    }
}
