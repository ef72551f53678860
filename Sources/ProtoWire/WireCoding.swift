/// How one kind of value is written on the wire: a name for it that generic code can take as an argument.
///
/// `int32`, `sint32` and `sfixed32` are all `Int32` in Swift, so the Swift type alone does not say it.
public protocol WireCoding {
    associatedtype Value: Sendable, Equatable

    /// The low three bits of the field's tag.
    static var wireType: UInt32 { get }
    /// What a map entry without the value has.
    static var initial: Value { get }
    /// Reads a value; a message is merged into what is there.
    static func read(into value: inout Value, from reader: inout WireReader) throws(DecodeError)
    /// Writes a value without a tag.
    static func write(_ value: Value, into writer: inout WireWriter)
}

/// A coding of scalars, which may be elements of repeated fields.
public protocol ScalarCoding: WireCoding {
    /// The size of every value, or 0 if they differ.
    static var fixedWidth: Int { get }
    static func read(from reader: inout WireReader) throws(DecodeError) -> Value
}

extension ScalarCoding {
    @inlinable public static var fixedWidth: Int { 0 }

    @inlinable @inline(__always)
    public static func read(into value: inout Value, from reader: inout WireReader) throws(DecodeError) {
        value = try read(from: &reader)
    }
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
}

/// The coding of an enum.
public enum ProtoEnumOf<Value: ProtoEnum>: ScalarCoding {
    @inlinable public static var wireType: UInt32 { 0 }
    @inlinable public static var initial: Value { Value() }

    @inlinable @inline(__always)
    public static func read(from reader: inout WireReader) throws(DecodeError) -> Value {
        try reader.enumeration()
    }

    @inlinable @inline(__always)
    public static func write(_ value: Value, into writer: inout WireWriter) {
        writer.int32(value.rawValue)
    }
}
