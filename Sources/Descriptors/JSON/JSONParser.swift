import ProtoWire

/// Reads JSON text into the binary form, by table, in one pass.
///
/// The grammar is RFC 8259's to the letter: no comments, no trailing commas, no single quotes. A key that comes twice
/// is refused, as is a second member of a oneof, because two readers could disagree about which one counts.
struct JSONParser: ~Copyable {
    /// What went wrong and where; the line and the path are found later.
    struct Failure: Error {
        let problem: String
        let offset: Int
    }

    let text: UnsafeRawBufferPointer
    let start: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>
    var next: UnsafePointer<UInt8>
    let pool: DescriptorPool?
    let options: JSONTranscoder.ParseOptions
    /// The last string that had escapes.
    var unescaped = JSONWriter(capacity: 64)

    init(_ text: UnsafeRawBufferPointer, pool: DescriptorPool?, options: JSONTranscoder.ParseOptions) {
        self.text = text
        start = Text(text.assumingMemoryBound(to: UInt8.self)).start
        end = start + text.count
        next = start
        self.pool = pool
        self.options = options
    }

    func located(_ failure: Failure) -> JSONError {
        JSONError(failure.problem, in: text, at: failure.offset)
    }

    mutating func topLevel(_ table: MessageTable, _ out: inout JSONWriter) throws(Failure) {
        skipSpace()
        try message(table, JSONTranscoder.maximumDepth, &out)
        try finish()
    }

    mutating func topLevel(field: FieldTable, _ out: inout JSONWriter) throws(Failure) {
        skipSpace()
        try member(field, JSONTranscoder.maximumDepth, &out)
        try finish()
    }

    private mutating func finish() throws(Failure) {
        skipSpace()
        guard next == end else { throw unexpected("the end of the text") }
    }

    // MARK: Messages

    mutating func message(_ table: MessageTable, _ depth: Int, _ out: inout JSONWriter) throws(Failure) {
        guard depth > 0 else { throw failure("messages are nested deeper than \(WireReader.maximumDepth) levels") }
        guard table.wellKnown == .none else { return try wellKnown(table, depth, &out) }
        try fields(table, depth, isAny: false, &out)
    }

    /// An object of fields. In an Any, `@type` is among them.
    mutating func fields(
        _ table: MessageTable, _ depth: Int, isAny: Bool, _ out: inout JSONWriter
    ) throws(Failure) {
        try expect("{", orSay: "an object")
        skipSpace()
        if take("}") { return }
        var seen = SeenFields()
        var predicted = 0
        while true {
            skipSpace()
            let keyStart = next
            if let field = try key(of: table, predicted, isAny: isAny) {
                predicted = field.raw.pointee.index + 1
                guard seen.insert(field.raw.pointee.index) else {
                    throw failure("the field \"\(field.jsonName)\" is given twice", at: keyStart)
                }
                skipSpace()
                let oneof = field.raw.pointee.oneof
                if oneof >= 0, !isAbsent(field), !seen.insert(table.raw.pointee.fieldCount + oneof) {
                    let name = table.raw.pointee.oneofNames[oneof].string
                    throw failure("the oneof \"\(name)\" is given twice, here as \"\(field.jsonName)\"", at: keyStart)
                }
                try member(field, depth, &out)
            } else {
                skipSpace()
                try skipValue(depth)
            }
            skipSpace()
            if take(",") { continue }
            guard take("}") else { throw unexpected("\",\" or \"}\"") }
            return
        }
    }

    /// The next key and its colon: the field that it names, or nil if that is unknown and may be.
    ///
    /// Most objects have their keys in the order of the contract, so the next field's key is compared in place first.
    @inline(__always)
    private mutating func key(of table: MessageTable, _ predicted: Int, isAny: Bool) throws(Failure) -> FieldTable? {
        if predicted < table.raw.pointee.fieldCount {
            let field = table.field(at: predicted)
            let key = field.raw.pointee.jsonKey
            if end - next >= key.count, memoryEqual(next, key.start, key.count) {
                next += key.count
                return field
            }
        }
        return try searchedKey(of: table, isAny: isAny)
    }

    private mutating func searchedKey(of table: MessageTable, isAny: Bool) throws(Failure) -> FieldTable? {
        let keyStart = next
        guard next < end, next.pointee == UInt8(ascii: "\"") else { throw unexpected("a key") }
        let name = try string()
        let field = table.field(named: Text(name.assumingMemoryBound(to: UInt8.self)))
        if field == nil, !options.ignoresUnknown {
            let shown = String(decoding: name, as: UTF8.self)
            guard isAny, shown == "@type" || (shown == "value" && table.raw.pointee.fieldCount == 0) else {
                throw failure("\(table.fullName) has no field \"\(shown)\"", at: keyStart)
            }
        }
        skipSpace()
        try expect(":", orSay: "\":\"")
        return field
    }

    /// True if the value that follows is a `null` that means "not set".
    private func isAbsent(_ field: FieldTable) -> Bool {
        next < end && next.pointee == UInt8(ascii: "n") && !hasNull(field)
    }

    /// True if `null` is a value of the field, not its absence.
    private func hasNull(_ field: FieldTable) -> Bool {
        if field.isRepeated { return false }
        return isNullable(field)
    }

    private func isNullable(_ field: FieldTable) -> Bool {
        field.message?.wellKnown == .value || field.enumeration?.raw.pointee.isNull == true
    }

    /// A field's value, whatever the field is, with its tag.
    mutating func member(_ field: FieldTable, _ depth: Int, _ out: inout JSONWriter) throws(Failure) {
        if isAbsent(field) { return try expectWord("null") }
        if field.isMap { return try map(field, depth, &out) }
        if field.isRepeated { return try list(field, depth, &out) }
        let mark = out.count
        if try !value(field, depth, &out), !field.hasPresence { out.truncate(to: mark) }
    }

    /// One value with its tag. False if it is the default of its type; nothing is written if it is dropped.
    @discardableResult
    private mutating func value(
        _ field: FieldTable, _ depth: Int, _ out: inout JSONWriter
    ) throws(Failure) -> Bool {
        let mark = out.count
        out.varint(UInt64(field.tag))
        guard let table = field.message else {
            switch try scalar(field, &out) {
            case .written: return true
            case .isDefault: return false
            case .dropped:
                out.truncate(to: mark)
                return true
            }
        }
        guard field.raw.pointee.isFramed else {
            try unframed(field, table, depth, mark, &out)
            return true
        }
        let length = out.openLength()
        try message(table, depth - field.raw.pointee.jsonLevels, &out)
        out.closeLength(length)
        return true
    }

    /// A group or an item of a message set, written from `mark` on.
    private mutating func unframed(
        _ field: FieldTable, _ table: MessageTable, _ depth: Int, _ mark: Int, _ out: inout JSONWriter
    ) throws(Failure) {
        if field.kind == .group {
            try message(table, depth - 1, &out)
            return out.varint(UInt64(field.number << 3 | 4))
        }
        out.truncate(to: mark)
        MessageSet.open(field.number, &out)
        let length = out.openLength()
        try message(table, depth - 1, &out)
        out.closeLength(length)
        MessageSet.close(&out)
    }

    mutating func list(_ field: FieldTable, _ depth: Int, _ out: inout JSONWriter) throws(Failure) {
        try expect("[", orSay: "a list")
        skipSpace()
        if take("]") { return }
        let mark = out.count
        var length = 0
        if field.isPacked {
            out.varint(UInt64(field.packedTag))
            length = out.openLength()
        }
        while true {
            skipSpace()
            if next < end, next.pointee == UInt8(ascii: "n"), !isNullable(field) {
                throw failure("a list has no null among its values")
            }
            if field.isPacked {
                let place = out.count
                if try scalar(field, &out) == .dropped { out.truncate(to: place) }
            } else {
                try value(field, depth, &out)
            }
            skipSpace()
            if take(",") { continue }
            guard take("]") else { throw unexpected("\",\" or \"]\"") }
            break
        }
        guard field.isPacked else { return }
        if out.count == length { out.truncate(to: mark) } else { out.closeLength(length) }
    }

    mutating func map(_ field: FieldTable, _ depth: Int, _ out: inout JSONWriter) throws(Failure) {
        try expect("{", orSay: "an object")
        skipSpace()
        if take("}") { return }
        let (keyField, valueField) = field.entry
        var keys = KeySet()
        while true {
            skipSpace()
            let keyStart = next
            guard next < end, next.pointee == UInt8(ascii: "\"") else { throw unexpected("a key") }
            let mark = out.count
            out.varint(UInt64(field.tag))
            let length = out.openLength()
            out.varint(UInt64(keyField.tag))
            let first = out.count
            try mapKey(keyField, &out)
            let last = out.count
            skipSpace()
            try expect(":", orSay: "\":\"")
            skipSpace()
            if next < end, next.pointee == UInt8(ascii: "n"), !isNullable(valueField) {
                throw failure("a map has no null among its values")
            }
            let place = out.count
            try value(valueField, depth - 1, &out)
            if out.count == place {
                out.truncate(to: mark)
            } else {
                let moved = out.closeLength(length)
                guard keys.insert(first + moved, last + moved, in: out) else {
                    throw failure("the key is given twice", at: keyStart)
                }
            }
            skipSpace()
            if take(",") { continue }
            guard take("}") else { throw unexpected("\",\" or \"}\"") }
            return
        }
    }
}

/// The keys of a map so far: compared one by one while they are few, in a set when they are many.
private struct KeySet {
    private var spans: [(first: Int, last: Int)] = []
    private var many: Set<[UInt8]> = []
    private static let few = 24

    /// False if the bytes between two places of the output are a key already.
    mutating func insert(_ first: Int, _ last: Int, in out: borrowing JSONWriter) -> Bool {
        if !many.isEmpty { return many.insert(bytes(first, last, out)).inserted }
        for span in spans where span.last - span.first == last - first {
            if memoryEqual(out.base + span.first, out.base + first, last - first) { return false }
        }
        spans.append((first, last))
        if spans.count > KeySet.few {
            for span in spans { many.insert(bytes(span.first, span.last, out)) }
        }
        return true
    }

    private func bytes(_ first: Int, _ last: Int, _ out: borrowing JSONWriter) -> [UInt8] {
        Array(out.bytes[first..<last])
    }
}
