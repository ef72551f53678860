import ProtoWire

/// Writes a message's binary form anew, by table: the form that equal messages share.
///
/// Fields stand in the order of their numbers, maps in the order of their keys, repeated scalars packed as the contract
/// says, parts of a message merged, defaults without presence left out, unknown fields last. It checks all that a
/// generated type's decoder checks, so it is also how a message without one is validated.
struct CanonicalWriter {
    func message(
        _ table: MessageTable, _ bytes: UnsafeRawBufferPointer, _ depth: Int, _ out: inout JSONWriter
    ) throws(DecodeError) {
        guard depth > 0 else { throw DecodeError(.tooDeep, at: 0) }
        let gathered = try GatheredFields(table, bytes)
        var late = JSONWriter(capacity: 0)
        for index in 0..<table.raw.pointee.fieldCount where !gathered.found[index].isEmpty {
            try self.field(table.field(at: index), gathered.found[index], depth, &out, unknown: &late)
        }
        for field in gathered.unknown { out.append(field) }
        out.append(late.bytes)
    }

    /// A field from all its occurrences; what turns out to be no value of its enum goes to the unknown fields.
    private func field(
        _ field: FieldTable, _ occurrences: [GatheredFields.Occurrence], _ depth: Int, _ out: inout JSONWriter,
        unknown: inout JSONWriter
    ) throws(DecodeError) {
        if field.isMap { return try map(field, occurrences, depth, &out, unknown: &unknown) }
        if field.kind.isMessage {
            guard field.isRepeated else { return try message(field, occurrences, depth, &out) }
            for occurrence in occurrences { try message(field, [occurrence], depth, &out) }
            return
        }
        guard field.isRepeated else {
            guard var last = occurrences.last else { return }
            // Text that is not UTF-8 is refused even if a later value takes its place.
            for occurrence in occurrences.dropLast() where field.kind == .string {
                var skipped = occurrence
                var nowhere = JSONWriter(capacity: 0)
                _ = try scalar(field, &skipped.reader, &nowhere)
            }
            let mark = out.count
            out.varint(UInt64(field.tag))
            if try scalar(field, &last.reader, &out), !field.hasPresence { out.truncate(to: mark) }
            return
        }
        try list(field, GatheredFields.values(field, occurrences), &out, unknown: &unknown)
    }

    private func list(
        _ field: FieldTable, _ values: [GatheredFields.Occurrence], _ out: inout JSONWriter,
        unknown: inout JSONWriter
    ) throws(DecodeError) {
        let mark = out.count
        if field.isPacked { out.varint(UInt64(field.packedTag)) }
        let length = field.isPacked ? out.openLength() : out.count
        for var value in values {
            if let enumeration = field.enumeration, enumeration.isClosed {
                var peeked = value.reader
                let number = try peeked.int32()
                guard enumeration.text(of: number) != nil else {
                    unknown.varint(UInt64(field.tag))
                    unknown.varint(UInt64(bitPattern: Int64(number)))
                    continue
                }
            }
            if !field.isPacked { out.varint(UInt64(field.tag)) }
            _ = try scalar(field, &value.reader, &out)
        }
        guard field.isPacked else { return }
        if out.count == length { out.truncate(to: mark) } else { out.closeLength(length) }
    }

    private func message(
        _ field: FieldTable, _ parts: [GatheredFields.Occurrence], _ depth: Int, _ out: inout JSONWriter
    ) throws(DecodeError) {
        guard let table = field.message else { preconditionFailure("a message field has a type") }
        let isItem = field.raw.pointee.isSetItem
        if isItem { MessageSet.open(field.number, &out) } else { out.varint(UInt64(field.tag)) }
        let length = field.kind == .group ? out.count : out.openLength()
        var payloads: [UnsafeRawBufferPointer] = []
        for part in parts { payloads.append(try GatheredFields.payload(field, part)) }
        if payloads.count == 1 {
            try message(table, payloads[0], depth - 1, &out)
        } else {
            // Parts of a message merge, and that is what their bytes one after the other mean.
            var merged: [UInt8] = []
            for payload in payloads { merged += payload }
            try merged.withUnsafeBufferPointer { (buffer) throws(DecodeError) in
                try message(table, UnsafeRawBufferPointer(buffer), depth - 1, &out)
            }
        }
        if field.kind == .group {
            out.varint(UInt64(field.number << 3 | 4))
        } else {
            out.closeLength(length)
            if isItem { MessageSet.close(&out) }
        }
    }

    private func map(
        _ field: FieldTable, _ occurrences: [GatheredFields.Occurrence], _ depth: Int, _ out: inout JSONWriter,
        unknown: inout JSONWriter
    ) throws(DecodeError) {
        guard depth > 1 else { throw DecodeError(.tooDeep, at: 0) }
        let (key, value) = field.entry
        let map = try MapEntries(field, occurrences)
        for entry in map.entries {
            out.varint(UInt64(field.tag))
            let length = out.openLength()
            // Both fields are written even if they are defaults, as every implementation does.
            if var last = entry.fields[key].last {
                out.varint(UInt64(key.tag))
                _ = try scalar(key, &last.reader, &out)
            } else {
                zero(key, &out)
            }
            if entry.fields[value].isEmpty {
                zero(value, &out)
            } else if value.kind.isMessage {
                try message(value, entry.fields[value], depth - 1, &out)
            } else if var last = entry.fields[value].last {
                out.varint(UInt64(value.tag))
                _ = try scalar(value, &last.reader, &out)
            }
            out.closeLength(length)
        }
        for payload in map.unknown {
            unknown.varint(UInt64(field.tag))
            unknown.varint(UInt64(payload.count))
            unknown.append(payload)
        }
    }

    /// A field of an entry that was not there. An enum's default is its first value, which is zero unless it is closed.
    private func zero(_ field: FieldTable, _ out: inout JSONWriter) {
        out.varint(UInt64(field.tag))
        switch field.kind.wireType {
        case 1: out.fixed64(0)
        case 5: out.fixed32(0)
        default: out.varint(UInt64(bitPattern: Int64(field.enumeration?.defaultNumber ?? 0)))
        }
    }

    /// A scalar without its tag. True if it is the default of its kind.
    private func scalar(
        _ field: FieldTable, _ reader: inout WireReader, _ out: inout JSONWriter
    ) throws(DecodeError) -> Bool {
        switch field.kind.wireType {
        case 1:
            let bits = try reader.fixed64()
            out.fixed64(bits)
            return bits == 0
        case 5:
            let bits = try reader.fixed32()
            out.fixed32(bits)
            return bits == 0
        case 0:
            let value = varint(field.kind, try reader.varint())
            out.varint(value)
            return value == 0
        default:
            let bytes = try reader.rawBytes()
            if field.kind == .string, field.raw.pointee.checksUTF8, !UTF8Text.isValid(bytes) {
                throw DecodeError(.invalidUTF8, at: reader.offset - bytes.count)
            }
            out.varint(UInt64(bytes.count))
            out.append(bytes)
            return bytes.isEmpty
        }
    }

    /// What is left of a varint in its kind: other encoders may give more bits than a kind has.
    private func varint(_ kind: FieldKind, _ value: UInt64) -> UInt64 {
        switch kind {
        case .bool: value == 0 ? 0 : 1
        case .int32, .enumeration: UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: value)))
        case .uint32, .sint32: UInt64(UInt32(truncatingIfNeeded: value))
        default: value
        }
    }
}
