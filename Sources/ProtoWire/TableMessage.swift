/// A message whose numbers, texts and bytes are read and written by a table, and only what a table cannot say by code.
///
/// Contracts ask for it by `option optimize_for = CODE_SIZE`. The bytes are the same as with code for each field; a field
/// costs twelve bytes of the table and a search in it.
public protocol TableMessage: Message {
    /// A row for each field, in the order of the numbers.
    static var layout: [FieldLayout] { get }

    /// Reads a field that the table leaves to code, or that is in no row.
    mutating func mergeField(_ tag: UInt32, from reader: inout WireReader) throws(DecodeError)

    /// Writes a field that the table leaves to code.
    func encodeField(_ fieldNumber: UInt32, into writer: inout WireWriter)
}

/// A field of a `TableMessage`: how it is written, and where its property lies.
public struct FieldLayout: Sendable {
    public enum Shape: UInt8, Sendable {
        /// Absent when it has its default.
        case implicit
        /// An optional.
        case explicit
        /// An array with a tag for each value.
        case repeated
        /// An array of numbers under one tag.
        case packed
        /// Whatever else: code reads and writes it.
        case code
    }

    public enum Scalar: UInt8, Sendable {
        case int32, int64, uint32, uint64, sint32, sint64, fixed32, fixed64, sfixed32, sfixed64, float, double, bool
        case string, bytes
        /// An open enum, which is an `Int32` in memory.
        case enumeration
        case none
    }

    @usableFromInline let number: UInt32
    @usableFromInline let shape: Shape
    @usableFromInline let scalar: Scalar
    /// In the struct. The compiler knows it, so the table is constant data.
    @usableFromInline let offset: UInt32

    @inlinable @inline(__always)
    public init(_ number: UInt32, _ shape: Shape, _ scalar: Scalar, _ offset: Int?) {
        guard let offset else { preconditionFailure("a property of a table's row lies in the struct itself") }
        self.number = number
        self.shape = shape
        self.scalar = scalar
        self.offset = UInt32(truncatingIfNeeded: offset)
    }

    @inlinable @inline(__always)
    public init(code number: UInt32) {
        self.init(number, .code, .none, 0)
    }
}

extension TableMessage {
    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        let layout = Self.layout
        var place = 0
        while let tag = try reader.nextTag() {
            // Fields come in the order of their numbers, so the next row is the right one most of the time.
            var left = layout.count
            while left > 0, layout[place].number != tag >> 3 {
                place = place + 1 < layout.count ? place + 1 : 0
                left -= 1
            }
            guard left > 0, layout[place].accepts(tag) else {
                try mergeField(tag, from: &reader)
                continue
            }
            let row = layout[place]
            let failure = withUnsafeMutablePointer(to: &self) { row.read(tag, UnsafeMutableRawPointer($0), &reader) }
            if let failure { throw failure }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        withUnsafePointer(to: self) { message in
            for row in Self.layout.reversed() {
                if row.shape == .code {
                    encodeField(row.number, into: &writer)
                } else {
                    row.write(UnsafeRawPointer(message), &writer)
                }
            }
        }
    }
}
