/// Fields that were on the wire but not in the contract: their bytes, tags included, in the order of arrival.
public struct UnknownFields: Sendable, Equatable {
    /// Nil when there are none, which is nearly always: an empty set costs one word and no reference count.
    @usableFromInline var stored: [UInt8]?

    @inlinable
    public init() {
        stored = nil
    }

    @inlinable
    public init(bytes: [UInt8]) {
        stored = bytes.isEmpty ? nil : bytes
    }

    @inlinable public var isEmpty: Bool { stored == nil }

    /// The fields in the binary format.
    @inlinable public var bytes: [UInt8] { stored ?? [] }

    /// Keeps a field: its tag, and its value as it came.
    @usableFromInline
    mutating func append(_ tag: UInt32, _ value: UnsafeRawBufferPointer) {
        var field = stored.take() ?? []
        var rest = tag
        while rest >= 0x80 {
            field.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        field.append(UInt8(rest))
        field.append(contentsOf: value)
        stored = field
    }
}
