import ProtoWire

extension TextPrinter {
    /// What came of a scalar.
    enum Written {
        case written
        case isDefault
        /// A number that its enum does not name.
        case unnamed
    }

    func scalar(
        _ field: FieldTable, _ reader: inout WireReader, _ out: inout JSONWriter
    ) throws(DecodeError) -> Written {
        switch field.kind {
        case .int32: return integer(Int64(try reader.int32()), &out)
        case .sint32: return integer(Int64(try reader.sint32()), &out)
        case .sfixed32: return integer(Int64(try reader.sfixed32()), &out)
        case .int64: return integer(try reader.int64(), &out)
        case .sint64: return integer(try reader.sint64(), &out)
        case .sfixed64: return integer(try reader.sfixed64(), &out)
        case .uint32: return integer(Int64(try reader.uint32()), &out)
        case .fixed32: return integer(Int64(try reader.fixed32()), &out)
        case .uint64: return unsigned(try reader.uint64(), &out)
        case .fixed64: return unsigned(try reader.fixed64(), &out)
        case .bool:
            let value = try reader.bool()
            out.append(value ? "true" : "false" as StaticString)
            return value ? .written : .isDefault
        case .double:
            let value = try reader.double()
            if value.isFinite { out.number(value) } else { special(value, &out) }
            return value.bitPattern == 0 ? .isDefault : .written
        case .float:
            let value = try reader.float()
            if value.isFinite { out.number(value) } else { special(Double(value), &out) }
            return value.bitPattern == 0 ? .isDefault : .written
        case .enumeration: return enumeration(field, try reader.int32(), &out)
        case .string, .bytes:
            let bytes = try reader.rawBytes()
            let isText = field.kind == .string && UTF8Text.isValid(bytes)
            if field.kind == .string, !isText, field.raw.pointee.checksUTF8 {
                throw DecodeError(.invalidUTF8, at: reader.offset - bytes.count)
            }
            quoted(bytes, isText: isText, &out)
            return bytes.isEmpty ? .isDefault : .written
        case .message, .group: preconditionFailure("a message is not a scalar")
        }
    }

    /// What a map's entry has that was not there.
    func zero(_ field: FieldTable, _ out: inout JSONWriter) {
        switch field.kind {
        case .string, .bytes: out.append("\"\"")
        case .bool: out.append("false")
        case .enumeration: _ = enumeration(field, field.enumeration?.defaultNumber ?? 0, &out)
        default: out.append(UInt8(ascii: "0"))
        }
    }

    private func integer(_ value: Int64, _ out: inout JSONWriter) -> Written {
        out.decimal(value)
        return value == 0 ? .isDefault : .written
    }

    private func unsigned(_ value: UInt64, _ out: inout JSONWriter) -> Written {
        out.decimal(value)
        return value == 0 ? .isDefault : .written
    }

    private func special(_ value: Double, _ out: inout JSONWriter) {
        out.append(value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" as StaticString)
    }

    private func enumeration(_ field: FieldTable, _ number: Int32, _ out: inout JSONWriter) -> Written {
        guard let table = field.enumeration else { preconditionFailure("an enum field has an enum") }
        guard let name = table.text(of: number) else {
            out.decimal(Int64(number))
            return .unnamed
        }
        out.append(name)
        return number == 0 ? .isDefault : .written
    }

    /// A string in quotes. Text keeps its characters; bytes that are none are octal escapes.
    func quoted(_ bytes: UnsafeRawBufferPointer, isText: Bool, _ out: inout JSONWriter) {
        out.append(UInt8(ascii: "\""))
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n"): out.append("\\n")
            case UInt8(ascii: "\r"): out.append("\\r")
            case UInt8(ascii: "\t"): out.append("\\t")
            case UInt8(ascii: "\""): out.append("\\\"")
            case UInt8(ascii: "'"): out.append("\\'")
            case UInt8(ascii: "\\"): out.append("\\\\")
            case 0x20..<0x7F: out.append(byte)
            case 0x80... where isText: out.append(byte)
            default:
                // Always three digits, since a digit may follow.
                out.append(UInt8(ascii: "\\"))
                out.append(UInt8(ascii: "0") + byte >> 6)
                out.append(UInt8(ascii: "0") + byte >> 3 & 7)
                out.append(UInt8(ascii: "0") + byte & 7)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    // MARK: Any

    /// `[type.googleapis.com/pkg.Type] { … }`, or false if the type is not known or the value is none of it.
    func expandedAny(
        _ table: MessageTable, _ gathered: GatheredFields, _ indent: Int, _ depth: Int, _ out: inout JSONWriter
    ) -> Bool {
        guard let urlField = table.field(number: 1), let valueField = table.field(number: 2), gathered.unknown.isEmpty,
            var urlPart = gathered[urlField].last, let url = try? urlPart.reader.rawBytes(),
            url.allSatisfy(TextScanner.isURLCharacter), let inner = AnyType.find(url, in: pool)
        else { return false }
        var payload = UnsafeRawBufferPointer(start: nil, count: 0)
        if var part = gathered[valueField].last {
            guard let bytes = try? part.reader.rawBytes() else { return false }
            payload = bytes
        }
        let mark = out.count
        begin(indent, &out)
        out.append(UInt8(ascii: "["))
        out.append(url)
        out.append("] {")
        end(&out)
        do {
            try message(inner, payload, indent: indent + 1, depth - 1, &out)
        } catch {
            out.truncate(to: mark)
            return false
        }
        close(indent, &out)
        return true
    }

    // MARK: Unknown fields

    /// How deep bytes of unknown meaning are read as messages.
    static var guessedDepth: Int { 10 }

    /// Fields by their numbers. False, with nothing written, if the bytes are no fields.
    func unknownFields(
        _ bytes: UnsafeRawBufferPointer, _ indent: Int, _ depth: Int, _ out: inout JSONWriter
    ) -> Bool {
        let mark = out.count
        do {
            var reader = WireReader(inPlace: bytes)
            while let tag = try reader.nextTag() {
                try unknownField(tag, &reader, indent, depth, &out)
            }
            return true
        } catch {
            out.truncate(to: mark)
            return false
        }
    }

    private func unknownField(
        _ tag: UInt32, _ reader: inout WireReader, _ indent: Int, _ depth: Int, _ out: inout JSONWriter
    ) throws(DecodeError) {
        guard tag >> 3 != 0 else { throw DecodeError(.invalidTag, at: reader.offset) }
        begin(indent, &out)
        out.decimal(UInt64(tag >> 3))
        switch tag & 7 {
        case 0:
            out.append(": ")
            out.decimal(try reader.varint())
        case 1:
            out.append(": 0x")
            hexadecimal(try reader.fixed64(), 16, &out)
        case 5:
            out.append(": 0x")
            hexadecimal(UInt64(try reader.fixed32()), 8, &out)
        case 2:
            let payload = try reader.rawBytes()
            let mark = out.count
            if !payload.isEmpty, depth > 0 {
                out.append(" {")
                end(&out)
                if unknownFields(payload, indent + 1, depth - 1, &out) { return close(indent, &out) }
                out.truncate(to: mark)
            }
            out.append(": ")
            quoted(payload, isText: false, &out)
        case 3:
            let payload = try reader.groupBytes(tag)
            out.append(" {")
            end(&out)
            if depth > 0 { _ = unknownFields(payload, indent + 1, depth - 1, &out) }
            return close(indent, &out)
        default: throw DecodeError(.invalidTag, at: reader.offset)
        }
        end(&out)
    }

    private func hexadecimal(_ value: UInt64, _ digits: Int, _ out: inout JSONWriter) {
        for place in (0..<digits).reversed() {
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(place * 4) & 15)
            out.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
