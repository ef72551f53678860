import ProtoWire

/// Reads text into the binary form, by table, in one pass.
///
/// A singular field that comes twice is refused, as is a second member of a oneof; a map's key may come again, and then
/// the last entry counts. Source: protobuf.dev, "Text Format Language Specification".
struct TextParser {
    typealias Failure = TextScanner.Failure

    /// What leads to the place that is being read.
    enum Step {
        case field(String)
        case element(Int)
    }

    var scanner: TextScanner
    let pool: DescriptorPool?
    let options: TextFormat.ParseOptions
    var path: [Step] = []

    init(_ text: UnsafeRawBufferPointer, pool: DescriptorPool?, options: TextFormat.ParseOptions) {
        scanner = TextScanner(text)
        self.pool = pool
        self.options = options
    }

    func located(_ failure: Failure) -> TextFormatError {
        var line = 1
        var column = 1
        for byte in scanner.text[..<min(failure.offset, scanner.text.count)] {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        let path = path.reduce(into: "") { path, step in
            switch step {
            case .field(let name): path += path.isEmpty ? name : ".\(name)"
            case .element(let index): path += "[\(index)]"
            }
        }
        return TextFormatError(path: path, problem: failure.problem, line: line, column: column)
    }

    mutating func topLevel(_ table: MessageTable, _ out: inout JSONWriter) throws(Failure) {
        try fields(table, close: nil, TextFormat.maximumDepth, &out)
    }

    /// What one message has had so far.
    struct Seen {
        var fields = SeenFields()
        /// How many values each repeated field has, for the paths of errors.
        var counts: [Int: Int] = [:]
    }

    /// Fields until the closing character, or until the end.
    mutating func fields(
        _ table: MessageTable, close: Unicode.Scalar?, _ depth: Int, _ out: inout JSONWriter
    ) throws(Failure) {
        guard depth > 0 else {
            throw scanner.failure("messages are nested deeper than \(WireReader.maximumDepth) levels")
        }
        var seen = Seen()
        while true {
            scanner.skipSpace()
            if let close {
                if scanner.take(close) { return }
                guard !scanner.isAtEnd else { throw scanner.unexpected("a field or \"\(close)\"") }
            } else if scanner.isAtEnd {
                return
            }
            let place = scanner.index
            if scanner.take("[") {
                try bracketed(table, place, depth, &seen, &out)
            } else if let name = scanner.word() {
                try named(name, table, place, depth, &seen, &out)
            } else {
                throw scanner.unexpected(close.map { "a field or \"\($0)\"" } ?? "a field")
            }
            scanner.skipSpace()
            if !scanner.take(",") { _ = scanner.take(";") }
        }
    }

    private mutating func named(
        _ name: Text, _ table: MessageTable, _ place: Int, _ depth: Int, _ seen: inout Seen, _ out: inout JSONWriter
    ) throws(Failure) {
        if let field = table.field(textNamed: name) {
            return try self.field(field, of: table, place, depth, &seen, &out)
        }
        guard table.reserves(name) || options.ignoresUnknown else {
            throw scanner.failure("\(table.fullName) has no field \"\(name.string)\"", at: place)
        }
        try skipField(depth)
    }

    /// A name in brackets: an extension, or the type of what an Any holds.
    private mutating func bracketed(
        _ table: MessageTable, _ place: Int, _ depth: Int, _ seen: inout Seen, _ out: inout JSONWriter
    ) throws(Failure) {
        let name = try scanner.bracketed()
        if name.contains(UInt8(ascii: "/")) {
            return try expandedAny(name, table, place, depth, &seen, &out)
        }
        let shown = String(decoding: name, as: UTF8.self)
        if let field = table.field(named: "[\(shown)]") {
            return try self.field(field, of: table, place, depth, &seen, &out)
        }
        guard options.ignoresUnknown else {
            throw scanner.failure("\(table.fullName) has no extension \"\(shown)\"", at: place)
        }
        try skipField(depth)
    }

    private mutating func field(
        _ field: FieldTable, of table: MessageTable, _ place: Int, _ depth: Int, _ seen: inout Seen,
        _ out: inout JSONWriter
    ) throws(Failure) {
        if !field.isRepeated { try claim(field, of: table, place, &seen) }
        path.append(.field(field.raw.pointee.textName.string))
        scanner.skipSpace()
        let hasColon = scanner.take(":")
        scanner.skipSpace()
        let isMessage = field.kind.isMessage
        if !isMessage, !hasColon { throw scanner.unexpected("\":\"") }
        if field.isRepeated, scanner.take("[") {
            try list(field, depth, &seen, &out)
        } else {
            try element(field, depth, &seen, &out)
        }
        path.removeLast()
    }

    /// Notes a singular field, which may come once, and its oneof, of which one member may come.
    private func claim(
        _ field: FieldTable, of table: MessageTable, _ place: Int, _ seen: inout Seen
    ) throws(Failure) {
        let name = field.raw.pointee.textName.string
        guard seen.fields.insert(field.raw.pointee.index) else {
            throw scanner.failure("the field \"\(name)\" is given twice", at: place)
        }
        let oneof = field.raw.pointee.oneof
        if oneof >= 0, !seen.fields.insert(table.raw.pointee.fieldCount + oneof) {
            let oneofName = table.raw.pointee.oneofNames[oneof].string
            throw scanner.failure("the oneof \"\(oneofName)\" is given twice, here as \"\(name)\"", at: place)
        }
    }

    private mutating func list(
        _ field: FieldTable, _ depth: Int, _ seen: inout Seen, _ out: inout JSONWriter
    ) throws(Failure) {
        scanner.skipSpace()
        if scanner.take("]") { return }
        while true {
            scanner.skipSpace()
            try element(field, depth, &seen, &out)
            scanner.skipSpace()
            if scanner.take(",") { continue }
            guard scanner.take("]") else { throw scanner.unexpected("\",\" or \"]\"") }
            return
        }
    }

    /// One value with its tag.
    private mutating func element(
        _ field: FieldTable, _ depth: Int, _ seen: inout Seen, _ out: inout JSONWriter
    ) throws(Failure) {
        if field.isRepeated {
            let count = seen.counts[field.raw.pointee.index, default: 0]
            seen.counts[field.raw.pointee.index] = count + 1
            path.append(.element(count))
        }
        if let table = field.message {
            try message(field, table, depth, &out)
        } else {
            let mark = out.count
            out.varint(UInt64(field.tag))
            if try scalar(field, &out), !field.hasPresence, !field.isRepeated { out.truncate(to: mark) }
        }
        if field.isRepeated { path.removeLast() }
    }

    private mutating func message(
        _ field: FieldTable, _ table: MessageTable, _ depth: Int, _ out: inout JSONWriter
    ) throws(Failure) {
        let isItem = field.raw.pointee.isSetItem
        if isItem { MessageSet.open(field.number, &out) } else { out.varint(UInt64(field.tag)) }
        if field.kind == .group {
            try fields(table, close: try opened(), depth - 1, &out)
            out.varint(UInt64(field.number << 3 | 4))
        } else {
            let length = out.openLength()
            try fields(table, close: try opened(), depth - 1, &out)
            out.closeLength(length)
            if isItem { MessageSet.close(&out) }
        }
    }

    /// Takes the character that opens a message and answers the one that closes it.
    mutating func opened() throws(Failure) -> Unicode.Scalar {
        if scanner.take("{") { return "}" }
        if scanner.take("<") { return ">" }
        throw scanner.unexpected("\"{\"")
    }

    // MARK: Any

    private mutating func expandedAny(
        _ url: [UInt8], _ table: MessageTable, _ place: Int, _ depth: Int, _ seen: inout Seen, _ out: inout JSONWriter
    ) throws(Failure) {
        let shown = String(decoding: url, as: UTF8.self)
        guard table.wellKnown == .any, let urlField = table.field(number: 1), let valueField = table.field(number: 2)
        else { throw scanner.failure("only a google.protobuf.Any holds \"[\(shown)]\"", at: place) }
        guard let inner = url.withUnsafeBytes({ AnyType.find($0, in: pool) }) else {
            throw scanner.failure("the type \"\(shown)\" is not known", at: place)
        }
        try claim(urlField, of: table, place, &seen)
        try claim(valueField, of: table, place, &seen)
        path.append(.field("[\(shown)]"))
        out.varint(UInt64(urlField.tag))
        out.varint(UInt64(url.count))
        url.withUnsafeBytes { out.append($0) }
        scanner.skipSpace()
        _ = scanner.take(":")
        scanner.skipSpace()
        let mark = out.count
        out.varint(UInt64(valueField.tag))
        let length = out.openLength()
        try fields(inner, close: try opened(), depth - 1, &out)
        if out.count == length { out.truncate(to: mark) } else { out.closeLength(length) }
        path.removeLast()
    }
}

extension MessageTable {
    /// The field that text calls so: by its own name, a group also by its type's.
    func field(textNamed name: Text) -> FieldTable? {
        if let field = field(named: name) {
            if field.raw.pointee.name == name { return field }
            // The name is another field's JSON name, which text does not have; JSON names win in the index.
            for index in 0..<raw.pointee.fieldCount where self.field(at: index).raw.pointee.name == name {
                return self.field(at: index)
            }
        }
        let lowercased = name.string.lowercased()
        guard let field = field(named: lowercased), field.raw.pointee.textName == name else { return nil }
        return field
    }

    /// True if the contract reserves the name.
    func reserves(_ name: Text) -> Bool {
        (0..<raw.pointee.reservedCount).contains { raw.pointee.reservedNames[$0] == name }
    }
}
