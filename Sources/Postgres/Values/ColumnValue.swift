public import Timebase

/// A type that a column can be read as. Answers come in binary form (PostgreSQL 15, the `send` functions).
public protocol ColumnValue: Sendable {
    init(reading cell: Cell) throws(CellMismatch)
}

/// One value of an answer: its bytes (nil is NULL) and the id of its type. It lives only while it is being read.
public struct Cell {
    let bytes: UnsafeRawBufferPointer?
    let type: UInt32

    /// The bytes, if there is a value and its type is one of `types`.
    func bytes(_ types: UInt32..., expecting expected: String) throws(CellMismatch) -> UnsafeRawBufferPointer {
        guard let bytes else { throw CellMismatch(reason: "expected \(expected), found NULL") }
        guard types.contains(type) else { throw mismatch(expected) }
        return bytes
    }

    func mismatch(_ expected: String) -> CellMismatch {
        CellMismatch(reason: "expected \(expected), found \(TypeID.name(type))")
    }

    /// The whole value as one big-endian number.
    func number<Number: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, as: Number.Type = Number.self
    ) throws(CellMismatch) -> Number {
        guard bytes.count == MemoryLayout<Number>.size else {
            throw CellMismatch(reason: "a \(TypeID.name(type)) of \(bytes.count) bytes")
        }
        return Number(bigEndian: bytes.loadUnaligned(as: Number.self))
    }
}

/// What was wrong with a cell, as the end of a sentence.
public struct CellMismatch: Error, Sendable {
    public let reason: String
}

/// The ids of the types that are read here: fixed numbers of the server's catalogue (pg_type.dat).
enum TypeID {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let oid: UInt32 = 26
    static let json: UInt32 = 114
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let unknown: UInt32 = 705
    static let int4Array: UInt32 = 1007
    static let textArray: UInt32 = 1009
    static let varcharArray: UInt32 = 1015
    static let int8Array: UInt32 = 1016
    static let bpchar: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let timestamp: UInt32 = 1114
    static let timestamptz: UInt32 = 1184
    static let uuid: UInt32 = 2950
    static let uuidArray: UInt32 = 2951
    static let jsonb: UInt32 = 3802
    /// Types from here on were made by `CREATE TYPE` or an extension.
    static let firstOwn: UInt32 = 16_384

    private static let names: [UInt32: String] = [
        bool: "bool", bytea: "bytea", name: "name", int8: "int8", int2: "int2", int4: "int4", text: "text", oid: "oid",
        json: "json", float4: "float4", float8: "float8", unknown: "unknown", int4Array: "int4[]", textArray: "text[]",
        varcharArray: "varchar[]", int8Array: "int8[]", bpchar: "char", varchar: "varchar", timestamp: "timestamp",
        timestamptz: "timestamptz", uuid: "uuid", uuidArray: "uuid[]", jsonb: "jsonb", 1700: "numeric", 1082: "date",
    ]

    static func name(_ type: UInt32) -> String {
        names[type] ?? "type \(type)"
    }
}

extension String: ColumnValue {
    /// Texts, JSON, UUIDs, and values of enums, whose binary form is their label.
    public init(reading cell: Cell) throws(CellMismatch) {
        guard let bytes = cell.bytes else { throw CellMismatch(reason: "expected text, found NULL") }
        switch cell.type {
        case TypeID.text, TypeID.varchar, TypeID.bpchar, TypeID.name, TypeID.json, TypeID.unknown,
            TypeID.firstOwn...:
            self = String(decoding: bytes, as: UTF8.self)
        case TypeID.jsonb:
            self = String(decoding: bytes.dropFirst(), as: UTF8.self)  // the first byte is the format's version
        case TypeID.uuid:
            self = try UniqueID(reading: cell).description
        default:
            throw cell.mismatch("text")
        }
    }
}

extension Int64: ColumnValue {
    public init(reading cell: Cell) throws(CellMismatch) {
        let bytes = try cell.bytes(
            TypeID.int8, TypeID.int4, TypeID.int2, TypeID.oid, expecting: "an integer")
        switch cell.type {
        case TypeID.int8: self = try cell.number(bytes)
        case TypeID.int4: self = Int64(try cell.number(bytes, as: Int32.self))
        case TypeID.int2: self = Int64(try cell.number(bytes, as: Int16.self))
        default: self = Int64(try cell.number(bytes, as: UInt32.self))
        }
    }
}

extension Int: ColumnValue {
    public init(reading cell: Cell) throws(CellMismatch) {
        self = Int(try Int64(reading: cell))
    }
}

extension Int32: ColumnValue {
    public init(reading cell: Cell) throws(CellMismatch) {
        let wide = try Int64(reading: cell)
        guard let value = Int32(exactly: wide) else {
            throw CellMismatch(reason: "\(wide) does not fit into 32 bits")
        }
        self = value
    }
}

extension Double: ColumnValue {
    public init(reading cell: Cell) throws(CellMismatch) {
        let bytes = try cell.bytes(TypeID.float8, TypeID.float4, expecting: "a floating-point number")
        if cell.type == TypeID.float8 {
            self = Double(bitPattern: try cell.number(bytes))
        } else {
            self = Double(Float(bitPattern: try cell.number(bytes)))
        }
    }
}

extension Bool: ColumnValue {
    public init(reading cell: Cell) throws(CellMismatch) {
        self = try cell.number(try cell.bytes(TypeID.bool, expecting: "bool"), as: UInt8.self) != 0
    }
}

extension UniqueID: ColumnValue {
    public init(reading cell: Cell) throws(CellMismatch) {
        let bytes = try cell.bytes(TypeID.uuid, expecting: "uuid")
        guard bytes.count == 16 else { throw CellMismatch(reason: "a uuid of \(bytes.count) bytes") }
        self.init(
            high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}

extension WallTime: ColumnValue {
    public init(reading cell: Cell) throws(CellMismatch) {
        let bytes = try cell.bytes(TypeID.timestamptz, TypeID.timestamp, expecting: "timestamptz")
        guard let time = Timestamps.time(try cell.number(bytes)) else {
            throw CellMismatch(reason: "the time is infinite")
        }
        self = time
    }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
    public init(reading cell: Cell) throws(CellMismatch) {
        self = cell.bytes == nil ? nil : try Wrapped(reading: cell)
    }
}
