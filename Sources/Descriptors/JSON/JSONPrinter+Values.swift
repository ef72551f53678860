import ProtoWire

extension JSONPrinter {
    /// What came of a value.
    enum Written {
        case written
        /// It is written, and it is what the field has anyway.
        case isDefault
        /// It has no JSON form: a number that a closed enum does not name. Nothing is written.
        case dropped
    }

    /// One value of a field, which is where the reader stands.
    mutating func value(
        _ field: FieldTable, _ reader: inout WireReader, _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) -> Written {
        do {
            guard field.kind.isMessage, let table = field.message else { return try scalar(field, &reader, &out) }
            let bytes = try wire(
                { (r) throws(DecodeError) in
                    field.kind == .group ? try r.groupBytes(field.tag) : try r.rawBytes()
                }, &reader)
            try message(table, bytes, depth - field.raw.pointee.jsonLevels, &out)
            return .written
        } catch {
            throw error.inside(field.jsonName)
        }
    }

    func scalar(
        _ field: FieldTable, _ reader: inout WireReader, _ out: inout JSONWriter
    ) throws(JSONError) -> Written {
        switch field.kind {
        case .int32, .sint32, .sfixed32, .uint32, .fixed32, .int64, .sint64, .sfixed64, .uint64, .fixed64:
            return try integer(field.kind, &reader, quoted: false, &out) ? .isDefault : .written
        case .bool:
            let value = try wire({ (r) throws(DecodeError) in try r.bool() }, &reader)
            out.append(value ? "true" : "false" as StaticString)
            return value ? .written : .isDefault
        case .double:
            let value = try wire({ (r) throws(DecodeError) in try r.double() }, &reader)
            out.number(value)
            return value.bitPattern == 0 ? .isDefault : .written
        case .float:
            let value = try wire({ (r) throws(DecodeError) in try r.float() }, &reader)
            out.number(value)
            return value.bitPattern == 0 ? .isDefault : .written
        case .string:
            let bytes = try wire({ (r) throws(DecodeError) in try r.rawBytes() }, &reader)
            guard out.quoted(bytes) else { throw JSONError(problem: "the string is not UTF-8") }
            return bytes.isEmpty ? .isDefault : .written
        case .bytes:
            let bytes = try wire({ (r) throws(DecodeError) in try r.rawBytes() }, &reader)
            out.base64(bytes)
            return bytes.isEmpty ? .isDefault : .written
        case .enumeration:
            return enumeration(field, try wire({ (r) throws(DecodeError) in try r.int32() }, &reader), &out)
        case .message, .group: preconditionFailure("a message is not a scalar")
        }
    }

    private func enumeration(_ field: FieldTable, _ number: Int32, _ out: inout JSONWriter) -> Written {
        guard let table = field.enumeration else { preconditionFailure("an enum field has an enum") }
        if table.raw.pointee.isNull {
            out.append("null")
        } else if let name = table.value(of: number)?.pointee.jsonName {
            if options.usesEnumNumbers {
                out.decimal(Int64(number))
            } else {
                out.append(UInt8(ascii: "\""))
                out.append(name)
                out.append(UInt8(ascii: "\""))
            }
        } else if table.isClosed {
            return .dropped
        } else {
            out.decimal(Int64(number))
        }
        return number == 0 ? .isDefault : .written
    }

    /// An integer: those of 64 bits are strings in JSON, and every one is as a map's key. True if it is 0.
    private func integer(
        _ kind: FieldKind, _ reader: inout WireReader, quoted: Bool, _ out: inout JSONWriter
    ) throws(JSONError) -> Bool {
        let value: Int64
        switch kind {
        case .int32: value = Int64(try wire({ (r) throws(DecodeError) in try r.int32() }, &reader))
        case .sint32: value = Int64(try wire({ (r) throws(DecodeError) in try r.sint32() }, &reader))
        case .sfixed32: value = Int64(try wire({ (r) throws(DecodeError) in try r.sfixed32() }, &reader))
        case .uint32: value = Int64(try wire({ (r) throws(DecodeError) in try r.uint32() }, &reader))
        case .fixed32: value = Int64(try wire({ (r) throws(DecodeError) in try r.fixed32() }, &reader))
        case .int64: value = try wire({ (r) throws(DecodeError) in try r.int64() }, &reader)
        case .sint64: value = try wire({ (r) throws(DecodeError) in try r.sint64() }, &reader)
        case .sfixed64: value = try wire({ (r) throws(DecodeError) in try r.sfixed64() }, &reader)
        case .fixed64:
            value = Int64(bitPattern: try wire({ (r) throws(DecodeError) in try r.fixed64() }, &reader))
        default: value = try wire({ (r) throws(DecodeError) in try r.int64() }, &reader)
        }
        let isWide: Bool
        switch kind {
        case .int64, .sint64, .sfixed64, .uint64, .fixed64: isWide = true
        default: isWide = false
        }
        if isWide || quoted { out.append(UInt8(ascii: "\"")) }
        if kind == .uint64 || kind == .fixed64 {
            out.decimal(UInt64(bitPattern: value))
        } else {
            out.decimal(value)
        }
        if isWide || quoted { out.append(UInt8(ascii: "\"")) }
        return value == 0
    }

    /// What a scalar has that was not set.
    func defaultValue(_ field: FieldTable, _ out: inout JSONWriter) {
        switch field.kind {
        case .int64, .sint64, .sfixed64, .uint64, .fixed64: out.append("\"0\"")
        case .bool: out.append("false")
        case .string, .bytes: out.append("\"\"")
        case .enumeration: _ = enumeration(field, field.enumeration?.defaultNumber ?? 0, &out)
        case .message, .group: out.append("null")
        default: out.append(UInt8(ascii: "0"))
        }
    }

    // MARK: Maps

    /// The parts of a map's entry, where they lie.
    struct Entry {
        var key: WireReader?
        var value: WireReader?
        /// The value's payloads one after the other, if a message came in several: that merges them.
        var merged: [UInt8]?
    }

    func entry(_ field: FieldTable, _ bytes: UnsafeRawBufferPointer) throws(JSONError) -> Entry {
        let (key, value) = field.entry
        var found = Entry()
        var reader = WireReader(inPlace: bytes)
        while let tag = try wire({ (r) throws(DecodeError) in try r.nextTag() }, &reader) {
            if tag == key.tag {
                found.key = reader
            } else if tag == value.tag {
                if let earlier = found.value, value.kind == .message {
                    if found.merged == nil { found.merged = try payload(earlier) }
                    found.merged? += try payload(reader)
                }
                found.value = reader
            }
            try wire({ (r) throws(DecodeError) in try r.skip(tag) }, &reader)
        }
        return found
    }

    private func payload(_ reader: WireReader) throws(JSONError) -> [UInt8] {
        var reader = reader
        return Array(try wire({ (r) throws(DecodeError) in try r.rawBytes() }, &reader))
    }

    /// The key as JSON has it: always a string.
    func mapKey(_ key: FieldTable, _ entry: Entry, _ out: inout JSONWriter) throws(JSONError) {
        guard var reader = entry.key else {
            switch key.kind {
            case .string: out.append("\"\"")
            case .bool: out.append("\"false\"")
            default: out.append("\"0\"")
            }
            return
        }
        switch key.kind {
        case .string: _ = try scalar(key, &reader, &out)
        case .bool:
            out.append(UInt8(ascii: "\""))
            _ = try scalar(key, &reader, &out)
            out.append(UInt8(ascii: "\""))
        default: _ = try integer(key.kind, &reader, quoted: true, &out)
        }
    }

    /// One entry. False, with the output in no good state, if its key is there already.
    mutating func mapEntry(
        _ field: FieldTable, _ bytes: UnsafeRawBufferPointer, _ firstKey: Int, _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) -> Bool {
        do {
            let entry = try entry(field, bytes)
            let mark = out.count
            out.separate()
            let start = out.count
            try mapKey(field.entry.key, entry, &out)
            let span = OpenKeys.Span(start: start, count: out.count - start)
            guard !keys.contains(span, since: firstKey, in: out) else { return false }
            if try mapValue(field.entry.value, entry, depth, &out) == .dropped {
                out.truncate(to: mark)
            } else {
                keys.append(span, since: firstKey, in: out)
            }
            return true
        } catch {
            throw error.inside(field.jsonName)
        }
    }

    mutating func mapValue(
        _ field: FieldTable, _ entry: Entry, _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) -> Written {
        out.append(UInt8(ascii: ":"))
        if let merged = entry.merged, let table = field.message {
            try buffered(merged) { (bytes) throws(JSONError) in try message(table, bytes, depth - 1, &out) }
            return .written
        }
        if var reader = entry.value {
            return try value(field, &reader, depth, &out)
        }
        if let table = field.message {
            try message(table, UnsafeRawBufferPointer(start: nil, count: 0), depth - 1, &out)
        } else {
            defaultValue(field, &out)
        }
        return .written
    }

    func buffered<Value>(
        _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(JSONError) -> Value
    ) throws(JSONError) -> Value {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in try body(UnsafeRawBufferPointer(buffer)) }
    }
}
