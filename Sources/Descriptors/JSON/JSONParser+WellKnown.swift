import ProtoWire

// The types whose JSON form is their own.
extension JSONParser {
    mutating func wellKnown(_ table: MessageTable, _ depth: Int, _ out: inout JSONWriter) throws(Failure) {
        switch table.wellKnown {
        case .timestamp: try time(TimeText.parseTimestamp, "a timestamp such as \"2025-01-31T12:00:00Z\"", &out)
        case .duration: try time(TimeText.parseDuration, "a duration such as \"1.5s\"", &out)
        case .fieldMask: try fieldMask(&out)
        case .wrapper:
            let mark = out.count
            let field = table.field(at: 0)
            out.varint(UInt64(field.tag))
            if try scalar(field, &out) != .written { out.truncate(to: mark) }
        // The object of a Struct is one level, which `message` has counted.
        case .structure: try map(table.field(at: 0), depth + 1, &out)
        case .listValue: try list(table.field(at: 0), depth, &out)
        case .value: try anyJSON(table, depth, &out)
        case .any: try any(depth, &out)
        case .none: preconditionFailure("plain messages are read by their fields")
        }
    }

    private mutating func time(
        _ parse: (UnsafeRawBufferPointer) -> (seconds: Int64, nanos: Int32)?, _ expected: String,
        _ out: inout JSONWriter
    ) throws(Failure) {
        guard next < end, next.pointee == UInt8(ascii: "\"") else { throw unexpected(expected) }
        let place = next
        guard let (seconds, nanos) = parse(try string()) else {
            next = place
            throw unexpected(expected)
        }
        if seconds != 0 {
            out.append(8)
            out.varint(UInt64(bitPattern: seconds))
        }
        if nanos != 0 {
            out.append(16)
            out.varint(UInt64(bitPattern: Int64(nanos)))
        }
    }

    private mutating func fieldMask(_ out: inout JSONWriter) throws(Failure) {
        guard next < end, next.pointee == UInt8(ascii: "\"") else { throw unexpected("a field mask") }
        let place = next
        let text = try string()
        guard !text.isEmpty else { return }
        for path in text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            guard !path.isEmpty, let snake = FieldMaskText.snakeCase(UnsafeRawBufferPointer(rebasing: path)) else {
                next = place
                throw unexpected("a field mask such as \"title,createTime\"")
            }
            out.append(10)
            out.varint(UInt64(snake.count))
            snake.withUnsafeBytes { out.append($0) }
        }
    }

    /// Any JSON at all, as a `google.protobuf.Value`.
    private mutating func anyJSON(_ table: MessageTable, _ depth: Int, _ out: inout JSONWriter) throws(Failure) {
        guard next < end else { throw unexpected("a value") }
        switch next.pointee {
        case UInt8(ascii: "n"):
            try expectWord("null")
            out.append("\u{08}\u{00}")
        case UInt8(ascii: "t"), UInt8(ascii: "f"):
            guard let flag = takeWord("true") ? true : takeWord("false") ? false : nil else {
                throw unexpected("a value")
            }
            out.append(4 << 3)
            out.append(flag ? 1 : 0)
        case UInt8(ascii: "\""):
            let text = try string()
            out.append(3 << 3 | 2)
            out.varint(UInt64(text.count))
            out.append(text)
        case UInt8(ascii: "{"): try nested(table, 5, depth, &out)
        case UInt8(ascii: "["): try nested(table, 6, depth, &out)
        default:
            let place = next
            let value = try number().double
            guard value.isFinite else {
                next = place
                throw unexpected("a number that a double can hold")
            }
            out.append(2 << 3 | 1)
            out.fixed64(value.bitPattern)
        }
    }

    private mutating func nested(
        _ table: MessageTable, _ number: UInt32, _ depth: Int, _ out: inout JSONWriter
    ) throws(Failure) {
        guard let inner = table.field(number: number)?.message else {
            preconditionFailure("Value has lists and structs")
        }
        out.varint(UInt64(number << 3 | 2))
        let length = out.openLength()
        try message(inner, depth - 1, &out)
        out.closeLength(length)
    }

    // MARK: Any

    private mutating func any(_ depth: Int, _ out: inout JSONWriter) throws(Failure) {
        guard next < end, next.pointee == UInt8(ascii: "{") else { throw unexpected("an object with \"@type\"") }
        let object = next
        guard let (url, place) = try typeURL(depth) else {
            next = object + 1
            skipSpace()
            guard take("}") else { throw failure("an Any needs \"@type\"", at: object) }
            return
        }
        next = object
        let found = url.withUnsafeBytes { AnyType.find($0, in: pool) }
        guard let table = found else {
            throw failure("the type \"\(String(decoding: url, as: UTF8.self))\" is not known", at: place)
        }
        out.append(10)
        out.varint(UInt64(url.count))
        url.withUnsafeBytes { out.append($0) }
        let mark = out.count
        out.append(18)
        let length = out.openLength()
        if AnyType.isWrapped(table) {
            try wrappedAny(table, depth, &out)
        } else {
            guard depth > 1 else { throw failure("messages are nested deeper than \(WireReader.maximumDepth) levels") }
            try fields(table, depth - 1, isAny: true, &out)
        }
        if out.count == length { out.truncate(to: mark) } else { out.closeLength(length) }
    }

    /// The value of `@type` in the object that starts here, and where it stands. It may be the last key, so all are
    /// looked at.
    private mutating func typeURL(_ depth: Int) throws(Failure) -> ([UInt8], UnsafePointer<UInt8>)? {
        next += 1
        var found: ([UInt8], UnsafePointer<UInt8>)?
        skipSpace()
        if take("}") { return nil }
        while true {
            skipSpace()
            guard next < end, next.pointee == UInt8(ascii: "\"") else { throw unexpected("a key") }
            let keyStart = next
            let isType = try string().elementsEqual("@type".utf8)
            skipSpace()
            try expect(":", orSay: "\":\"")
            skipSpace()
            if isType {
                guard found == nil else { throw failure("\"@type\" is given twice", at: keyStart) }
                guard next < end, next.pointee == UInt8(ascii: "\"") else { throw unexpected("a type's URL") }
                let place = next
                found = (Array(try string()), place)
            } else {
                try skipValue(depth)
            }
            skipSpace()
            if take(",") { continue }
            guard take("}") else { throw unexpected("\",\" or \"}\"") }
            return found
        }
    }

    /// `{"@type": …, "value": …}`: the form of types whose JSON is not an object of fields.
    private mutating func wrappedAny(_ table: MessageTable, _ depth: Int, _ out: inout JSONWriter) throws(Failure) {
        next += 1
        var isGiven = false
        while true {
            skipSpace()
            let keyStart = next
            let name = String(decoding: try string(), as: UTF8.self)
            skipSpace()
            try expect(":", orSay: "\":\"")
            skipSpace()
            if name == "value" {
                guard !isGiven else { throw failure("\"value\" is given twice", at: keyStart) }
                isGiven = true
                try message(table, depth - 1, &out)
            } else if name == "@type" || options.ignoresUnknown {
                try skipValue(depth)
            } else {
                throw failure("an Any of \(table.fullName) has \"@type\" and \"value\", not \"\(name)\"", at: keyStart)
            }
            skipSpace()
            if take(",") { continue }
            try expect("}", orSay: "\",\" or \"}\"")
            guard isGiven else { throw failure("an Any of \(table.fullName) needs \"value\"", at: keyStart) }
            return
        }
    }
}
