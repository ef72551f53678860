/// A type whose arrays a column can be read as: the values of an SQL array, or the bytes of a `bytea`.
public protocol ArrayElement: Sendable {
    static func array(reading cell: Cell) throws(CellMismatch) -> [Self]
}

extension Array: ColumnValue where Element: ArrayElement {
    public init(reading cell: Cell) throws(CellMismatch) {
        self = try Element.array(reading: cell)
    }
}

extension UInt8: ArrayElement {
    public static func array(reading cell: Cell) throws(CellMismatch) -> [UInt8] {
        Array(try cell.bytes(TypeID.bytea, expecting: "bytea"))
    }
}

extension ArrayElement where Self: ColumnValue {
    /// The binary form of an array (PostgreSQL 15, `array_send`): how many dimensions, a flag for NULLs, the element's type,
    /// for each dimension its length and lower bound, and each element with its length, -1 for NULL.
    public static func array(reading cell: Cell) throws(CellMismatch) -> [Self] {
        let bytes = try cell.bytes(
            TypeID.textArray, TypeID.varcharArray, TypeID.int4Array, TypeID.int8Array, TypeID.uuidArray,
            expecting: "an array")
        var reader = ArrayReader(rest: bytes)
        let dimensions = try reader.int()
        _ = try reader.int()
        let type = UInt32(bitPattern: try reader.int())
        if dimensions == 0 { return [] }
        guard dimensions == 1 else { throw CellMismatch(reason: "an array of \(dimensions) dimensions") }
        let count = Int(try reader.int())
        _ = try reader.int()
        // An element takes four bytes at least: a count beyond that is a lie and must not reserve memory.
        guard count >= 0, count <= bytes.count / 4 else { throw CellMismatch(reason: "an array cut short") }
        var elements: [Self] = []
        elements.reserveCapacity(count)
        for _ in 0..<count {
            let length = Int(try reader.int())
            let value = length < 0 ? nil : try reader.take(length)
            elements.append(try Self(reading: Cell(bytes: value, type: type)))
        }
        return elements
    }
}

extension String: ArrayElement {}
extension Int64: ArrayElement {}
extension Int32: ArrayElement {}
extension UniqueID: ArrayElement {}
extension Optional: ArrayElement where Wrapped: ColumnValue {}

/// Walks through the bytes of an array.
private struct ArrayReader {
    var rest: UnsafeRawBufferPointer

    mutating func int() throws(CellMismatch) -> Int32 {
        Int32(bigEndian: try take(4).loadUnaligned(as: Int32.self))
    }

    mutating func take(_ count: Int) throws(CellMismatch) -> UnsafeRawBufferPointer {
        guard count <= rest.count else { throw CellMismatch(reason: "an array cut short") }
        let taken = UnsafeRawBufferPointer(rebasing: rest[..<count])
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        return taken
    }
}
