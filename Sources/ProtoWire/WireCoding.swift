/// How one kind of value is written on the wire: a name for it that generic code can take as an argument.
///
/// `int32`, `sint32` and `sfixed32` are all `Int32` in Swift, so the Swift type alone does not say it.
public protocol WireCoding: SendableMetatype {
    associatedtype Value: Sendable, Equatable

    /// The low three bits of the field's tag.
    static var wireType: UInt32 { get }
    /// What a map entry without the value has.
    static var initial: Value { get }
    /// Reads a value; a message is merged into what is there.
    static func read(into value: inout Value, from reader: inout WireReader) throws(DecodeError)
    /// Writes a value without a tag.
    static func write(_ value: Value, into writer: inout WireWriter)
    /// Writes a value and its tag.
    static func write(_ value: Value, tag: UInt32, into writer: inout WireWriter)
}

extension WireCoding {
    @inlinable @inline(__always)
    public static func write(_ value: Value, tag: UInt32, into writer: inout WireWriter) {
        write(value, into: &writer)
        writer.tag(tag)
    }
}

/// A coding of scalars, which may be elements of repeated fields.
public protocol ScalarCoding: WireCoding {
    static func read(from reader: inout WireReader) throws(DecodeError) -> Value
}

extension ScalarCoding {
    @inlinable @inline(__always)
    public static func read(into value: inout Value, from reader: inout WireReader) throws(DecodeError) {
        value = try read(from: &reader)
    }
}

/// A coding as varints: integers, booleans and enums.
public protocol VarintCoding: ScalarCoding {
    static func value(_ varint: UInt64) -> Value
    static func varint(_ value: Value) -> UInt64
}

extension VarintCoding {
    @inlinable @inline(__always)
    public static func read(from reader: inout WireReader) throws(DecodeError) -> Value {
        value(try reader.varint())
    }

    @inlinable @inline(__always)
    public static func write(_ value: Value, into writer: inout WireWriter) {
        writer.varint(varint(value))
    }

    @inlinable @inline(__always)
    public static func write(_ value: Value, tag: UInt32, into writer: inout WireWriter) {
        writer.varint(varint(value), tag: tag)
    }
}

/// A coding in four or eight bytes, which are the value's own bytes in memory.
///
/// That holds on little-endian machines, the only ones that Swift for Linux runs on.
public protocol FixedCoding: ScalarCoding where Value: BitwiseCopyable {
    static var width: Int { get }
}

/// The coding of a sub-message as a map's value.
public enum ProtoMessageOf<Value: Message>: WireCoding {
    @inlinable public static var wireType: UInt32 { 2 }
    @inlinable public static var initial: Value { Value() }

    @inlinable
    public static func read(into value: inout Value, from reader: inout WireReader) throws(DecodeError) {
        try reader.message(&value)
    }

    @inlinable
    public static func write(_ value: Value, into writer: inout WireWriter) {
        writer.message(value)
    }

    @inlinable
    public static func write(_ value: Value, tag: UInt32, into writer: inout WireWriter) {
        writer.message(value, tag: tag)
    }
}

/// The coding of an enum.
public enum ProtoEnumOf<Value: ProtoEnum>: VarintCoding {
    @inlinable public static var wireType: UInt32 { 0 }
    @inlinable public static var initial: Value { Value() }

    @inlinable @inline(__always)
    public static func value(_ varint: UInt64) -> Value {
        Value(rawValue: Int32(truncatingIfNeeded: varint))
    }

    @inlinable @inline(__always)
    public static func varint(_ value: Value) -> UInt64 {
        UInt64(bitPattern: Int64(value.rawValue))
    }
}
