import ProtoWire

/// Finds the value of one field in a message's binary form.
enum DynamicReader {
    static func value(
        of field: FieldTable, in table: MessageTable, _ bytes: UnsafeRawBufferPointer
    ) throws(DecodeError) -> DynamicValue? {
        var list: [DynamicValue] = []
        var parts: [UInt8]?
        var last: DynamicValue?
        var reader = WireReader(bytes)
        while let tag = try reader.nextTag() {
            guard tag >> 3 == field.number else {
                // Another member of the same oneof takes this one's place.
                if let oneof = field.oneofIndex, table.field(number: tag >> 3)?.oneofIndex == oneof {
                    last = nil
                    parts = nil
                }
                try reader.skip(tag)
                continue
            }
            if tag & 7 == 2, field.isRepeated, field.kind.isPackable {
                var values = WireReader(try reader.rawBytes())
                while !values.isAtEnd { list.append(try scalar(field, &values)) }
            } else if tag != field.tag {
                try reader.skip(tag)
            } else if field.kind.isMessage {
                let payload = field.kind == .group ? try reader.groupBytes(tag) : try reader.rawBytes()
                if field.isRepeated {
                    list.append(try element(field, payload))
                } else {
                    parts = (parts ?? []) + payload
                }
            } else {
                let value = try scalar(field, &reader)
                if field.isRepeated { list.append(value) } else { last = value }
            }
        }
        if field.isMap { return list.isEmpty ? nil : .map(entries(list)) }
        if field.isRepeated { return list.isEmpty ? nil : .list(list) }
        if let parts, let message = field.message { return .message(DynamicMessage(message, bytes: parts)) }
        return last
    }

    private static func element(
        _ field: FieldTable, _ payload: UnsafeRawBufferPointer
    ) throws(DecodeError) -> DynamicValue {
        guard let table = field.message else { preconditionFailure("a message field has a type") }
        return .message(DynamicMessage(table, bytes: Array(payload)))
    }

    private static func entries(_ list: [DynamicValue]) -> [DynamicValue.Entry] {
        list.compactMap { item in
            guard case .message(let entry) = item else { return nil }
            let fields = (entry.table.field(at: 0), entry.table.field(at: 1))
            return DynamicValue.Entry(
                key: entry.value(of: fields.0) ?? initial(fields.0),
                value: entry.value(of: fields.1) ?? initial(fields.1))
        }
    }

    /// What a field has that was not set.
    static func initial(_ field: FieldTable) -> DynamicValue {
        switch field.kind {
        case .bool: .bool(false)
        case .string: .string("")
        case .bytes: .bytes([])
        case .double, .float: .double(0)
        case .uint32, .uint64, .fixed32, .fixed64: .unsigned(0)
        case .enumeration:
            .enumeration(
                field.enumeration?.defaultNumber ?? 0,
                name: field.enumeration?.name(of: field.enumeration?.defaultNumber ?? 0))
        case .message, .group:
            field.message.map { .message(DynamicMessage($0)) } ?? .bytes([])
        default: .integer(0)
        }
    }

    private static func scalar(_ field: FieldTable, _ reader: inout WireReader) throws(DecodeError) -> DynamicValue {
        switch field.kind {
        case .double: return .double(try reader.double())
        case .float: return .double(Double(try reader.float()))
        case .int32: return .integer(Int64(try reader.int32()))
        case .int64: return .integer(try reader.int64())
        case .sint32: return .integer(Int64(try reader.sint32()))
        case .sint64: return .integer(try reader.sint64())
        case .sfixed32: return .integer(Int64(try reader.sfixed32()))
        case .sfixed64: return .integer(try reader.sfixed64())
        case .uint32: return .unsigned(UInt64(try reader.uint32()))
        case .uint64: return .unsigned(try reader.uint64())
        case .fixed32: return .unsigned(UInt64(try reader.fixed32()))
        case .fixed64: return .unsigned(try reader.fixed64())
        case .bool: return .bool(try reader.bool())
        case .string: return .string(try reader.string())
        case .bytes: return .bytes(try reader.bytes())
        case .enumeration:
            let number = try reader.int32()
            return .enumeration(number, name: field.enumeration?.name(of: number))
        case .message, .group: preconditionFailure("a message is not a scalar")
        }
    }
}
