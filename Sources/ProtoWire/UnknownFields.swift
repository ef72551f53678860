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

    @usableFromInline
    mutating func append(_ field: UnsafeRawBufferPointer) {
        if stored == nil { stored = [] }
        stored?.append(contentsOf: field)
    }
}
