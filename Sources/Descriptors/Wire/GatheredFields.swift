import ProtoWire

/// The fields of one message's binary form, by number: what reading it in any order comes to.
///
/// Of a oneof only the last member is left. A number that a closed enum does not name counts as unknown, as does a value
/// of another wire type than its field's. Source: protobuf.dev, "Encoding", and "Enum Behavior".
struct GatheredFields {
    /// A value where it lies, and the tag that it came with.
    struct Occurrence {
        let tag: UInt32
        /// Stands at the value, after its tag.
        var reader: WireReader
    }

    /// By the field's index.
    private(set) var found: [[Occurrence]]
    /// With their tags, where they lie.
    private(set) var unknown: [UnsafeRawBufferPointer] = []

    subscript(field: FieldTable) -> [Occurrence] { found[field.raw.pointee.index] }

    init(_ table: MessageTable, _ bytes: UnsafeRawBufferPointer) throws(DecodeError) {
        found = [[Occurrence]](repeating: [], count: table.raw.pointee.fieldCount)
        var winners = [Int](repeating: -1, count: table.raw.pointee.oneofCount)
        var reader = WireReader(inPlace: bytes)
        while true {
            let start = reader.offset
            guard let tag = try reader.nextTag() else { break }
            guard let (field, occurrence) = try GatheredFields.known(tag, reader, in: table) else {
                try reader.skip(tag)
                unknown.append(UnsafeRawBufferPointer(rebasing: bytes[start..<reader.offset]))
                continue
            }
            let index = field.raw.pointee.index
            let oneof = field.raw.pointee.oneof
            if oneof >= 0 {
                if winners[oneof] >= 0, winners[oneof] != index { found[winners[oneof]] = [] }
                winners[oneof] = index
            }
            found[index].append(occurrence)
            try reader.skip(tag)
        }
    }

    /// The field that a value belongs to, if it is one that the contract knows.
    private static func known(
        _ tag: UInt32, _ reader: WireReader, in table: MessageTable
    ) throws(DecodeError) -> (FieldTable, Occurrence)? {
        if tag == MessageSet.openTag, table.raw.pointee.isMessageSet {
            guard let (number, message) = try MessageSet.item(reader), let field = table.field(number: number) else {
                return nil
            }
            return field.raw.pointee.isSetItem ? (field, Occurrence(tag: field.tag, reader: message)) : nil
        }
        guard let field = table.field(number: tag >> 3), field.accepts(tag) else { return nil }
        if !field.isRepeated, let enumeration = field.enumeration, enumeration.isClosed {
            var value = reader
            guard enumeration.text(of: try value.int32()) != nil else { return nil }
        }
        return (field, Occurrence(tag: tag, reader: reader))
    }

    /// The bytes of one message, without its tag, its length or the tag that closes it.
    static func payload(_ field: FieldTable, _ part: Occurrence) throws(DecodeError) -> UnsafeRawBufferPointer {
        var reader = part.reader
        return field.kind == .group ? try reader.groupBytes(part.tag) : try reader.rawBytes()
    }

    /// The values of a repeated scalar, one by one, whether they came packed or not.
    static func values(_ field: FieldTable, _ occurrences: [Occurrence]) throws(DecodeError) -> [Occurrence] {
        guard field.kind.isPackable, occurrences.contains(where: { $0.tag & 7 == 2 }) else { return occurrences }
        var values: [Occurrence] = []
        for var occurrence in occurrences {
            guard occurrence.tag & 7 == 2 else {
                values.append(occurrence)
                continue
            }
            var packed = WireReader(inPlace: try occurrence.reader.rawBytes())
            while !packed.isAtEnd {
                values.append(Occurrence(tag: field.tag, reader: packed))
                try packed.skip(field.tag)
            }
        }
        return values
    }
}

/// The wire form of `option message_set_wire_format = true`: each extension is a group 1 of its number and its message.
///
///     repeated group Item = 1 { required int32 type_id = 2; required bytes message = 3; }
enum MessageSet {
    static let openTag: UInt32 = 1 << 3 | 3
    static let closeTag: UInt32 = 1 << 3 | 4
    private static let typeTag: UInt32 = 2 << 3
    private static let messageTag: UInt32 = 3 << 3 | 2

    /// The number of an item, and a reader at its message; the two may come in either order. The given reader stands
    /// after the tag that opens the item.
    static func item(_ item: WireReader) throws(DecodeError) -> (number: UInt32, message: WireReader)? {
        var reader = item
        var number: UInt32?
        var message: WireReader?
        while let tag = try reader.nextTag(), tag != closeTag {
            if tag == typeTag, number == nil {
                number = try reader.uint32()
                continue
            }
            if tag == messageTag, message == nil { message = reader }
            try reader.skip(tag)
        }
        guard let number, let message else { return nil }
        return (number, message)
    }

    /// Writes what stands before an item's message.
    static func open(_ number: UInt32, _ out: inout JSONWriter) {
        out.varint(UInt64(openTag))
        out.varint(UInt64(typeTag))
        out.varint(UInt64(number))
        out.varint(UInt64(messageTag))
    }

    static func close(_ out: inout JSONWriter) {
        out.varint(UInt64(closeTag))
    }
}
