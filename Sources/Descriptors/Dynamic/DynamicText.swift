import ProtoWire

/// Turns text, as URLs have it, into a field's binary form.
enum DynamicText {
    /// The field with its tag.
    static func encode(_ text: String, as field: FieldTable, path: String) throws(BindError) -> [UInt8] {
        guard !field.isMap else { throw BindError(path: path, problem: "a map cannot be given as text") }
        guard let message = field.message else { return try scalar(text, field, path) }
        switch message.wellKnown {
        case .timestamp, .duration: return try time(text, message, field, path)
        case .wrapper:
            return framed(try scalar(text, message.field(at: 0), path), field)
        case .fieldMask, .value, .structure, .listValue, .any, .none: break
        }
        guard message.wellKnown == .fieldMask else {
            throw BindError(path: path, problem: "\(message.fullName) cannot be given as text; name one of its fields")
        }
        return try fieldMask(text, field, path)
    }

    private static func framed(_ message: [UInt8], _ field: FieldTable) -> [UInt8] {
        var writer = JSONWriter(capacity: message.count + 12)
        writer.varint(UInt64(field.tag))
        writer.varint(UInt64(message.count))
        message.withUnsafeBytes { writer.append($0) }
        return writer.array
    }

    /// Both fields are written even if they are zero, so that a later value replaces an earlier one wholly.
    private static func time(
        _ text: String, _ message: MessageTable, _ field: FieldTable, _ path: String
    ) throws(BindError) -> [UInt8] {
        let isTimestamp = message.wellKnown == .timestamp
        let parsed = Array(text.utf8).withUnsafeBytes {
            isTimestamp ? TimeText.parseTimestamp($0) : TimeText.parseDuration($0)
        }
        guard let (seconds, nanos) = parsed else {
            let form = isTimestamp ? "a timestamp such as 2025-01-31T12:00:00Z" : "a duration such as 1.5s"
            throw BindError(path: path, problem: "expected \(form), found \"\(text)\"")
        }
        var writer = JSONWriter(capacity: 32)
        writer.append(8)
        writer.varint(UInt64(bitPattern: seconds))
        writer.append(16)
        writer.varint(UInt64(bitPattern: Int64(nanos)))
        return framed(writer.array, field)
    }

    private static func fieldMask(_ text: String, _ field: FieldTable, _ path: String) throws(BindError) -> [UInt8] {
        var writer = JSONWriter(capacity: text.utf8.count + 16)
        for part in text.split(separator: ",") {
            // URLs have both spellings; the message has snake case alone.
            let name = Array(part.utf8)
            let isSnake = name.contains(UInt8(ascii: "_"))
            guard let snake = isSnake ? name : name.withUnsafeBytes({ FieldMaskText.snakeCase($0) }) else {
                throw BindError(path: path, problem: "expected field names with commas, found \"\(text)\"")
            }
            writer.append(10)
            writer.varint(UInt64(snake.count))
            snake.withUnsafeBytes { writer.append($0) }
        }
        return framed(writer.array, field)
    }

    /// A scalar with its tag: read by JSON's own reader, so text and JSON agree on every number.
    private static func scalar(_ text: String, _ field: FieldTable, _ path: String) throws(BindError) -> [UInt8] {
        var writer = JSONWriter(capacity: text.utf8.count + 16)
        writer.varint(UInt64(field.tag))
        if field.kind == .string {
            writer.varint(UInt64(text.utf8.count))
            writer.append(text)
            return writer.array
        }
        let bytes = Array(text.utf8)
        if field.kind == .bytes {
            guard let decoded = Base64.decode(text) else {
                throw BindError(path: path, problem: "expected base64, found \"\(text)\"")
            }
            writer.varint(UInt64(decoded.count))
            decoded.withUnsafeBytes { writer.append($0) }
            return writer.array
        }
        let isName = field.kind == .enumeration && bytes.first.map { $0 > UInt8(ascii: "9") } == true
        let isWord = (field.kind == .double || field.kind == .float) && ["NaN", "Infinity", "-Infinity"].contains(text)
        let json = isName || isWord ? [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")] : bytes
        // A name with a quote or a backslash would be read as something else than it is.
        guard !(isName && (bytes.contains(0x22) || bytes.contains(0x5C))) else { throw wrong(field, text, path) }
        let isRead = json.withUnsafeBytes { buffer in
            var parser = JSONParser(buffer, pool: nil, options: JSONTranscoder.ParseOptions())
            guard bytes.first != UInt8(ascii: "\""), (try? parser.scalar(field, &writer)) != nil else { return false }
            return parser.next == parser.end
        }
        guard isRead else { throw wrong(field, text, path) }
        return writer.array
    }

    private static func wrong(_ field: FieldTable, _ text: String, _ path: String) -> BindError {
        let expected = field.enumeration.map { "a value of \($0.fullName)" } ?? "a value of type \(field.kind.name)"
        return BindError(path: path, problem: "expected \(expected), found \"\(text)\"")
    }
}
