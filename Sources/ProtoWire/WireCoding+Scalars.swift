// One coding for each scalar type of protobuf, named after it.

public enum ProtoInt32: VarintCoding {
    @inlinable public static var wireType: UInt32 { 0 }
    @inlinable public static var initial: Int32 { 0 }

    @inlinable @inline(__always)
    public static func value(_ varint: UInt64) -> Int32 {
        Int32(truncatingIfNeeded: varint)
    }

    @inlinable @inline(__always)
    public static func varint(_ value: Int32) -> UInt64 {
        UInt64(bitPattern: Int64(value))
    }
}

public enum ProtoInt64: VarintCoding {
    @inlinable public static var wireType: UInt32 { 0 }
    @inlinable public static var initial: Int64 { 0 }

    @inlinable @inline(__always)
    public static func value(_ varint: UInt64) -> Int64 {
        Int64(bitPattern: varint)
    }

    @inlinable @inline(__always)
    public static func varint(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: value)
    }
}

public enum ProtoUInt32: VarintCoding {
    @inlinable public static var wireType: UInt32 { 0 }
    @inlinable public static var initial: UInt32 { 0 }

    @inlinable @inline(__always)
    public static func value(_ varint: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: varint)
    }

    @inlinable @inline(__always)
    public static func varint(_ value: UInt32) -> UInt64 {
        UInt64(value)
    }
}

public enum ProtoUInt64: VarintCoding {
    @inlinable public static var wireType: UInt32 { 0 }
    @inlinable public static var initial: UInt64 { 0 }

    @inlinable @inline(__always)
    public static func value(_ varint: UInt64) -> UInt64 {
        varint
    }

    @inlinable @inline(__always)
    public static func varint(_ value: UInt64) -> UInt64 {
        value
    }
}

public enum ProtoSInt32: VarintCoding {
    @inlinable public static var wireType: UInt32 { 0 }
    @inlinable public static var initial: Int32 { 0 }

    @inlinable @inline(__always)
    public static func value(_ varint: UInt64) -> Int32 {
        WireReader.unzigzag(UInt32(truncatingIfNeeded: varint))
    }

    @inlinable @inline(__always)
    public static func varint(_ value: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: value << 1 ^ value >> 31))
    }
}

public enum ProtoSInt64: VarintCoding {
    @inlinable public static var wireType: UInt32 { 0 }
    @inlinable public static var initial: Int64 { 0 }

    @inlinable @inline(__always)
    public static func value(_ varint: UInt64) -> Int64 {
        WireReader.unzigzag(varint)
    }

    @inlinable @inline(__always)
    public static func varint(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: value << 1 ^ value >> 63)
    }
}

public enum ProtoFixed32: FixedCoding {
    @inlinable public static var wireType: UInt32 { 5 }
    @inlinable public static var width: Int { 4 }
    @inlinable public static var initial: UInt32 { 0 }

    @inlinable @inline(__always)
    public static func read(from reader: inout WireReader) throws(DecodeError) -> UInt32 {
        try reader.fixed32()
    }

    @inlinable @inline(__always)
    public static func write(_ value: UInt32, into writer: inout WireWriter) {
        writer.fixed32(value)
    }
}

public enum ProtoFixed64: FixedCoding {
    @inlinable public static var wireType: UInt32 { 1 }
    @inlinable public static var width: Int { 8 }
    @inlinable public static var initial: UInt64 { 0 }

    @inlinable @inline(__always)
    public static func read(from reader: inout WireReader) throws(DecodeError) -> UInt64 {
        try reader.fixed64()
    }

    @inlinable @inline(__always)
    public static func write(_ value: UInt64, into writer: inout WireWriter) {
        writer.fixed64(value)
    }
}

public enum ProtoSFixed32: FixedCoding {
    @inlinable public static var wireType: UInt32 { 5 }
    @inlinable public static var width: Int { 4 }
    @inlinable public static var initial: Int32 { 0 }

    @inlinable @inline(__always)
    public static func read(from reader: inout WireReader) throws(DecodeError) -> Int32 {
        try reader.sfixed32()
    }

    @inlinable @inline(__always)
    public static func write(_ value: Int32, into writer: inout WireWriter) {
        writer.sfixed32(value)
    }
}

public enum ProtoSFixed64: FixedCoding {
    @inlinable public static var wireType: UInt32 { 1 }
    @inlinable public static var width: Int { 8 }
    @inlinable public static var initial: Int64 { 0 }

    @inlinable @inline(__always)
    public static func read(from reader: inout WireReader) throws(DecodeError) -> Int64 {
        try reader.sfixed64()
    }

    @inlinable @inline(__always)
    public static func write(_ value: Int64, into writer: inout WireWriter) {
        writer.sfixed64(value)
    }
}

public enum ProtoFloat: FixedCoding {
    @inlinable public static var wireType: UInt32 { 5 }
    @inlinable public static var width: Int { 4 }
    @inlinable public static var initial: Float { 0 }

    @inlinable @inline(__always)
    public static func read(from reader: inout WireReader) throws(DecodeError) -> Float {
        try reader.float()
    }

    @inlinable @inline(__always)
    public static func write(_ value: Float, into writer: inout WireWriter) {
        writer.float(value)
    }
}

public enum ProtoDouble: FixedCoding {
    @inlinable public static var wireType: UInt32 { 1 }
    @inlinable public static var width: Int { 8 }
    @inlinable public static var initial: Double { 0 }

    @inlinable @inline(__always)
    public static func read(from reader: inout WireReader) throws(DecodeError) -> Double {
        try reader.double()
    }

    @inlinable @inline(__always)
    public static func write(_ value: Double, into writer: inout WireWriter) {
        writer.double(value)
    }
}

public enum ProtoBool: VarintCoding {
    @inlinable public static var wireType: UInt32 { 0 }
    @inlinable public static var initial: Bool { false }

    @inlinable @inline(__always)
    public static func value(_ varint: UInt64) -> Bool {
        varint != 0
    }

    @inlinable @inline(__always)
    public static func varint(_ value: Bool) -> UInt64 {
        value ? 1 : 0
    }
}

public enum ProtoString: ScalarCoding {
    @inlinable public static var wireType: UInt32 { 2 }
    @inlinable public static var initial: String { "" }

    @inlinable @inline(__always)
    public static func read(from reader: inout WireReader) throws(DecodeError) -> String {
        try reader.string()
    }

    @inlinable @inline(__always)
    public static func write(_ value: String, into writer: inout WireWriter) {
        writer.string(value)
    }

    @inlinable @inline(__always)
    public static func write(_ value: String, tag: UInt32, into writer: inout WireWriter) {
        writer.string(value, tag: tag)
    }
}

public enum ProtoBytes: ScalarCoding {
    @inlinable public static var wireType: UInt32 { 2 }
    @inlinable public static var initial: [UInt8] { [] }

    @inlinable @inline(__always)
    public static func read(from reader: inout WireReader) throws(DecodeError) -> [UInt8] {
        try reader.bytes()
    }

    @inlinable @inline(__always)
    public static func write(_ value: [UInt8], into writer: inout WireWriter) {
        writer.bytes(value)
    }

    @inlinable @inline(__always)
    public static func write(_ value: [UInt8], tag: UInt32, into writer: inout WireWriter) {
        writer.bytes(value, tag: tag)
    }
}
