import ProtoWire

extension JSONParser {
    /// What came of a scalar.
    enum Written {
        case written
        case isDefault
        /// A name that the enum does not have, while unknown ones are passed over.
        case dropped
    }

    mutating func number() throws(Failure) -> JSONNumber {
        let rest = UnsafeRawBufferPointer(start: next, count: end - next)
        guard let number = JSONNumber(prefixOf: rest) else { throw unexpected("a value") }
        next += number.text.count
        return number
    }

    /// A scalar's value without a tag.
    mutating func scalar(_ field: FieldTable, _ out: inout JSONWriter) throws(Failure) -> Written {
        switch field.kind {
        case .string:
            let bytes = try quoted("a string")
            out.varint(UInt64(bytes.count))
            out.append(bytes)
            return bytes.isEmpty ? .isDefault : .written
        case .bytes:
            let place = next
            guard let bytes = Base64.decode(try quoted("base64")) else {
                next = place
                throw unexpected("base64")
            }
            out.varint(UInt64(bytes.count))
            bytes.withUnsafeBytes { out.append($0) }
            return bytes.isEmpty ? .isDefault : .written
        case .bool:
            if takeWord("true") {
                out.append(1)
                return .written
            }
            guard takeWord("false") else { throw unexpected("true or false") }
            out.append(0)
            return .isDefault
        case .enumeration: return try enumeration(field, &out)
        case .double, .float: return try floating(field.kind, &out)
        case .message, .group: preconditionFailure("a message is not a scalar")
        default: return try integer(field.kind, numberOrText(field.kind), &out)
        }
    }

    private mutating func quoted(_ expected: String) throws(Failure) -> UnsafeRawBufferPointer {
        guard next < end, next.pointee == UInt8(ascii: "\"") else { throw unexpected(expected) }
        return try string()
    }

    /// A number, which may be quoted.
    private mutating func numberOrText(_ kind: FieldKind) throws(Failure) -> (JSONNumber, UnsafePointer<UInt8>) {
        let place = next
        if next < end, next.pointee == UInt8(ascii: "\"") {
            let bytes = try string()
            guard let number = JSONNumber(prefixOf: bytes), number.text.count == bytes.count else {
                next = place
                throw unexpected(kind.phrase)
            }
            return (number, place)
        }
        let rest = UnsafeRawBufferPointer(start: next, count: end - next)
        guard let number = JSONNumber(prefixOf: rest) else { throw unexpected(kind.phrase) }
        next += number.text.count
        return (number, place)
    }

    private mutating func integer(
        _ kind: FieldKind, _ given: (number: JSONNumber, place: UnsafePointer<UInt8>),
        _ out: inout JSONWriter
    ) throws(Failure) -> Written {
        guard let magnitude = given.number.wholeMagnitude else {
            throw notAn(kind, given.number, given.place)
        }
        let isNegative = given.number.isNegative
        switch kind {
        case .uint32, .fixed32:
            guard magnitude <= UInt64(UInt32.max), !isNegative || magnitude == 0 else {
                throw notAn(kind, given.number, given.place)
            }
        case .uint64, .fixed64:
            guard !isNegative || magnitude == 0 else { throw notAn(kind, given.number, given.place) }
        case .int32, .sint32, .sfixed32:
            guard magnitude <= 1 << 31 - (isNegative ? 0 : 1) else { throw notAn(kind, given.number, given.place) }
        default:
            guard magnitude <= 1 << 63 - (isNegative ? 0 : 1) else { throw notAn(kind, given.number, given.place) }
        }
        let value = isNegative ? Int64(truncatingIfNeeded: 0 &- magnitude) : Int64(truncatingIfNeeded: magnitude)
        switch kind {
        case .sint32, .sint64: out.varint(UInt64(bitPattern: value << 1 ^ value >> 63))
        case .fixed32, .sfixed32: out.fixed32(UInt32(truncatingIfNeeded: value))
        case .fixed64, .sfixed64: out.fixed64(UInt64(bitPattern: value))
        default: out.varint(UInt64(bitPattern: value))
        }
        return magnitude == 0 ? .isDefault : .written
    }

    private func notAn(_ kind: FieldKind, _ number: JSONNumber, _ place: UnsafePointer<UInt8>) -> Failure {
        failure("expected \(kind.phrase), found \(String(decoding: number.text, as: UTF8.self))", at: place)
    }

    private mutating func floating(_ kind: FieldKind, _ out: inout JSONWriter) throws(Failure) -> Written {
        let place = next
        if next < end, next.pointee == UInt8(ascii: "\"") {
            let special: Double? =
                switch String(decoding: try string(), as: UTF8.self) {
                case "NaN": .nan
                case "Infinity": .infinity
                case "-Infinity": -.infinity
                default: nil
                }
            if let special {
                if kind == .double { out.fixed64(special.bitPattern) } else { out.fixed32(Float(special).bitPattern) }
                return .written
            }
            next = place
        }
        let (number, _) = try numberOrText(kind)
        if kind == .double {
            let value = number.double
            guard value.isFinite else { throw notAn(kind, number, place) }
            out.fixed64(value.bitPattern)
            return value.bitPattern == 0 ? .isDefault : .written
        }
        let value = number.float
        guard value.isFinite else { throw notAn(kind, number, place) }
        out.fixed32(value.bitPattern)
        return value.bitPattern == 0 ? .isDefault : .written
    }

    private mutating func enumeration(_ field: FieldTable, _ out: inout JSONWriter) throws(Failure) -> Written {
        guard let table = field.enumeration else { preconditionFailure("an enum field has an enum") }
        if table.raw.pointee.isNull, takeWord("null") {
            out.append(0)
            return .isDefault
        }
        let place = next
        if next < end, next.pointee == UInt8(ascii: "\"") {
            let name = try string()
            guard let number = table.number(jsonName: Text(name.assumingMemoryBound(to: UInt8.self))) else {
                if options.ignoresUnknown { return .dropped }
                let shown = String(decoding: name, as: UTF8.self)
                throw failure("\(table.fullName) has no value \"\(shown)\"", at: place)
            }
            out.varint(UInt64(bitPattern: Int64(number)))
            return number == 0 ? .isDefault : .written
        }
        guard next < end, next.pointee &- 0x30 < 10 || next.pointee == UInt8(ascii: "-") else {
            throw unexpected("a value of \(table.fullName)")
        }
        let number = try number()
        guard let magnitude = number.wholeMagnitude, magnitude <= 1 << 31 - (number.isNegative ? 0 : 1) else {
            throw notAn(.int32, number, place)
        }
        let value = number.isNegative ? -Int64(magnitude) : Int64(magnitude)
        if table.isClosed, table.text(of: Int32(value)) == nil {
            if options.ignoresUnknown { return .dropped }
            throw failure("\(table.fullName) has no value \(value)", at: place)
        }
        out.varint(UInt64(bitPattern: value))
        return value == 0 ? .isDefault : .written
    }

    /// A map's key, which is always quoted, as the value of the entry's first field.
    mutating func mapKey(_ field: FieldTable, _ out: inout JSONWriter) throws(Failure) {
        let place = next
        switch field.kind {
        case .string: _ = try scalar(field, &out)
        case .bool:
            let text = Text(try string().assumingMemoryBound(to: UInt8.self)).string
            guard text == "true" || text == "false" else {
                next = place
                throw unexpected("\"true\" or \"false\"")
            }
            out.append(text == "true" ? 1 : 0)
        default: _ = try integer(field.kind, numberOrText(field.kind), &out)
        }
    }
}
