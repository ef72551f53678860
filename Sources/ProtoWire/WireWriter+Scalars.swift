extension WireWriter {
    // Each value has two forms: alone, for packed fields and map entries, and with its tag, for fields.

    @inlinable @inline(__always)
    public mutating func int32(_ value: Int32) {
        varint(UInt64(bitPattern: Int64(value)))
    }

    @inlinable @inline(__always)
    public mutating func int64(_ value: Int64) {
        varint(UInt64(bitPattern: value))
    }

    @inlinable @inline(__always)
    public mutating func uint32(_ value: UInt32) {
        varint(UInt64(value))
    }

    @inlinable @inline(__always)
    public mutating func uint64(_ value: UInt64) {
        varint(value)
    }

    @inlinable @inline(__always)
    public mutating func sint32(_ value: Int32) {
        varint(UInt64(UInt32(bitPattern: value << 1 ^ value >> 31)))
    }

    @inlinable @inline(__always)
    public mutating func sint64(_ value: Int64) {
        varint(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    @inlinable @inline(__always)
    public mutating func sfixed32(_ value: Int32) {
        fixed32(UInt32(bitPattern: value))
    }

    @inlinable @inline(__always)
    public mutating func sfixed64(_ value: Int64) {
        fixed64(UInt64(bitPattern: value))
    }

    @inlinable @inline(__always)
    public mutating func float(_ value: Float) {
        fixed32(value.bitPattern)
    }

    @inlinable @inline(__always)
    public mutating func double(_ value: Double) {
        fixed64(value.bitPattern)
    }

    @inlinable @inline(__always)
    public mutating func bool(_ value: Bool) {
        varint(value ? 1 : 0)
    }

    @inlinable @inline(__always)
    public mutating func int32(_ value: Int32, tag: UInt32) {
        varint(UInt64(bitPattern: Int64(value)), tag: tag)
    }

    @inlinable @inline(__always)
    public mutating func int64(_ value: Int64, tag: UInt32) {
        varint(UInt64(bitPattern: value), tag: tag)
    }

    @inlinable @inline(__always)
    public mutating func uint32(_ value: UInt32, tag: UInt32) {
        varint(UInt64(value), tag: tag)
    }

    @inlinable @inline(__always)
    public mutating func uint64(_ value: UInt64, tag: UInt32) {
        varint(value, tag: tag)
    }

    @inlinable @inline(__always)
    public mutating func sint32(_ value: Int32, tag: UInt32) {
        varint(UInt64(UInt32(bitPattern: value << 1 ^ value >> 31)), tag: tag)
    }

    @inlinable @inline(__always)
    public mutating func sint64(_ value: Int64, tag: UInt32) {
        varint(UInt64(bitPattern: value << 1 ^ value >> 63), tag: tag)
    }

    @inlinable @inline(__always)
    public mutating func sfixed32(_ value: Int32, tag: UInt32) {
        fixed32(UInt32(bitPattern: value), tag: tag)
    }

    @inlinable @inline(__always)
    public mutating func sfixed64(_ value: Int64, tag: UInt32) {
        fixed64(UInt64(bitPattern: value), tag: tag)
    }

    @inlinable @inline(__always)
    public mutating func float(_ value: Float, tag: UInt32) {
        fixed32(value.bitPattern, tag: tag)
    }

    @inlinable @inline(__always)
    public mutating func double(_ value: Double, tag: UInt32) {
        fixed64(value.bitPattern, tag: tag)
    }

    @inlinable @inline(__always)
    public mutating func bool(_ value: Bool, tag: UInt32) {
        varint(value ? 1 : 0, tag: tag)
    }

    @inlinable @inline(__always)
    public mutating func enumeration(_ value: some ProtoEnum) {
        int32(value.rawValue)
    }

    @inlinable @inline(__always)
    public mutating func enumeration(_ value: some ProtoEnum, tag: UInt32) {
        int32(value.rawValue, tag: tag)
    }
}
