import ProtoWire

extension TextParser {
    /// A scalar without its tag. True if it is the default of its kind.
    mutating func scalar(_ field: FieldTable, _ out: inout JSONWriter) throws(Failure) -> Bool {
        switch field.kind {
        case .string, .bytes: return try text(field, &out)
        case .bool: return try bool(&out)
        case .double, .float: return try floating(field.kind, &out)
        case .enumeration: return try enumeration(field, &out)
        case .message, .group: preconditionFailure("a message is not a scalar")
        default: return try integer(field.kind, &out)
        }
    }

    private mutating func text(_ field: FieldTable, _ out: inout JSONWriter) throws(Failure) -> Bool {
        let place = scanner.index
        let bytes = try scanner.strings("a string")
        if field.kind == .string, field.raw.pointee.checksUTF8, !bytes.withUnsafeBytes({ UTF8Text.isValid($0) }) {
            throw scanner.failure("the string is not UTF-8", at: place)
        }
        out.varint(UInt64(bytes.count))
        bytes.withUnsafeBytes { out.append($0) }
        return bytes.isEmpty
    }

    private mutating func bool(_ out: inout JSONWriter) throws(Failure) -> Bool {
        let place = scanner.index
        let value: Bool?
        if let word = scanner.word() {
            switch word.string {
            case "true", "True", "t": value = true
            case "false", "False", "f": value = false
            default: value = nil
            }
        } else {
            let number = try scanner.number("true or false")
            value = number.magnitude == 1 ? true : number.magnitude == 0 ? false : nil
        }
        guard let value else {
            scanner.index = place
            throw scanner.unexpected("true or false")
        }
        out.append(value ? 1 : 0)
        return !value
    }

    /// A minus, which may stand apart from its number.
    private mutating func minus() -> Bool {
        guard scanner.take("-") else { return false }
        scanner.skipSpace()
        return true
    }

    private mutating func integer(_ kind: FieldKind, _ out: inout JSONWriter) throws(Failure) -> Bool {
        let place = scanner.index
        let isNegative = minus()
        let number = try scanner.number(kind.phrase)
        let limit: UInt64 =
            switch kind {
            case .uint32, .fixed32: isNegative ? 0 : UInt64(UInt32.max)
            case .uint64, .fixed64: isNegative ? 0 : UInt64.max
            case .int32, .sint32, .sfixed32: 1 << 31 - (isNegative ? 0 : 1)
            default: 1 << 63 - (isNegative ? 0 : 1)
            }
        guard let magnitude = number.magnitude, magnitude <= limit else {
            let shown = String(decoding: scanner.text[place..<scanner.index], as: UTF8.self)
            throw scanner.failure("expected \(kind.phrase), found \(shown)", at: place)
        }
        let value = isNegative ? Int64(truncatingIfNeeded: 0 &- magnitude) : Int64(truncatingIfNeeded: magnitude)
        switch kind {
        case .sint32, .sint64: out.varint(UInt64(bitPattern: value << 1 ^ value >> 63))
        case .fixed32, .sfixed32: out.fixed32(UInt32(truncatingIfNeeded: value))
        case .fixed64, .sfixed64: out.fixed64(UInt64(bitPattern: value))
        default: out.varint(UInt64(bitPattern: value))
        }
        return magnitude == 0
    }

    private mutating func floating(_ kind: FieldKind, _ out: inout JSONWriter) throws(Failure) -> Bool {
        let place = scanner.index
        let isNegative = minus()
        var double = 0.0
        var float = Float(0)
        if let word = scanner.word() {
            switch word.string.lowercased() {
            case "inf", "infinity": double = .infinity
            case "nan": double = .nan
            default:
                scanner.index = place
                throw scanner.unexpected("a number, inf or nan")
            }
            float = Float(double)
        } else {
            let number = try scanner.number(kind.phrase)
            guard number.form == .decimal || number.form == .float else {
                throw scanner.failure("a \(kind.name) is neither octal nor hexadecimal", at: place)
            }
            // A number that is too large is infinite, and one that is too small is zero.
            double = Double(number.digits) ?? .infinity
            float = Float(number.digits) ?? .infinity
        }
        if isNegative, !double.isNaN {
            double.negate()
            float.negate()
        }
        if kind == .double {
            out.fixed64(double.bitPattern)
            return double.bitPattern == 0
        }
        out.fixed32(float.bitPattern)
        return float.bitPattern == 0
    }

    private mutating func enumeration(_ field: FieldTable, _ out: inout JSONWriter) throws(Failure) -> Bool {
        guard let table = field.enumeration else { preconditionFailure("an enum field has an enum") }
        let place = scanner.index
        if let name = scanner.word() {
            guard let number = table.number(named: name) else {
                throw scanner.failure("\(table.fullName) has no value \"\(name.string)\"", at: place)
            }
            out.varint(UInt64(bitPattern: Int64(number)))
            return number == 0
        }
        let isNegative = minus()
        let number = try scanner.number("a value of \(table.fullName)")
        guard let magnitude = number.magnitude, magnitude <= 1 << 31 - (isNegative ? 0 : 1) else {
            throw scanner.failure("expected a value of \(table.fullName), found \(number.digits)", at: place)
        }
        let value = isNegative ? -Int64(magnitude) : Int64(magnitude)
        if table.isClosed, table.text(of: Int32(value)) == nil {
            throw scanner.failure("\(table.fullName) has no value \(value)", at: place)
        }
        out.varint(UInt64(bitPattern: value))
        return value == 0
    }

    // MARK: Passing over

    /// Passes over a field whose name is behind: it is reserved, or unknown and may be. It must be well-formed.
    mutating func skipField(_ depth: Int) throws(Failure) {
        scanner.skipSpace()
        let hasColon = scanner.take(":")
        scanner.skipSpace()
        if scanner.take("[") {
            scanner.skipSpace()
            if scanner.take("]") { return }
            while true {
                scanner.skipSpace()
                try skipValue(depth)
                scanner.skipSpace()
                if scanner.take(",") { continue }
                guard scanner.take("]") else { throw scanner.unexpected("\",\" or \"]\"") }
                return
            }
        }
        if !hasColon, scanner.peek != UInt8(ascii: "{"), scanner.peek != UInt8(ascii: "<") {
            throw scanner.unexpected("\":\"")
        }
        try skipValue(depth)
    }

    private mutating func skipValue(_ depth: Int) throws(Failure) {
        if scanner.peek == UInt8(ascii: "{") || scanner.peek == UInt8(ascii: "<") {
            return try skipMessage(close: try opened(), depth - 1)
        }
        if scanner.startsString {
            _ = try scanner.strings("a value")
            return
        }
        _ = minus()
        if scanner.word() == nil { _ = try scanner.number("a value") }
    }

    private mutating func skipMessage(close: Unicode.Scalar, _ depth: Int) throws(Failure) {
        guard depth > 0 else {
            throw scanner.failure("messages are nested deeper than \(WireReader.maximumDepth) levels")
        }
        while true {
            scanner.skipSpace()
            if scanner.take(close) { return }
            if scanner.take("[") {
                _ = try scanner.bracketed()
            } else if scanner.word() == nil {
                throw scanner.unexpected("a field or \"\(close)\"")
            }
            try skipField(depth)
            scanner.skipSpace()
            if !scanner.take(",") { _ = scanner.take(";") }
        }
    }
}
