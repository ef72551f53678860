import ProtoWire

/// Writes the JSON form of a message in one pass over its binary form.
///
/// The pass relies on what encoders do: each field's values stand together. A list or a map stays open while its field
/// goes on. If a field comes again after others, or two members of a oneof are there, or a map has a key twice, the
/// text of that message is taken back and written again by `grouped`, which gathers first.
struct JSONPrinter {
    let pool: DescriptorPool?
    let options: JSONTranscoder.PrintOptions

    var keys = OpenKeys()
    /// How often a message's text was taken back so far.
    var restarts = 0

    /// After so many restarts every message is gathered first.
    ///
    /// A message that is written twice writes all that it holds twice: a hundred messages in each other, each in a bad
    /// order, would take 2¹⁰⁰ steps. With this bound the work is at most that of 164 passes (these, and one for each
    /// message that is open when it is reached).
    static var maximumRestarts: Int { 64 }

    init(pool: DescriptorPool?, options: JSONTranscoder.PrintOptions) {
        self.pool = pool
        self.options = options
    }

    mutating func message(
        _ table: MessageTable, _ bytes: UnsafeRawBufferPointer, _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) {
        guard depth > 0 else { throw JSONError(problem: DecodeError(.tooDeep, at: 0).description) }
        guard table.wellKnown == .none else { return try wellKnown(table, bytes, depth, &out) }
        out.append(UInt8(ascii: "{"))
        try fields(table, bytes, depth, &out)
        out.append(UInt8(ascii: "}"))
    }

    /// The members of a message's object, after the brace that is already there.
    mutating func fields(
        _ table: MessageTable, _ bytes: UnsafeRawBufferPointer, _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) {
        let mark = out.count
        let openKeys = keys.mark
        if restarts < JSONPrinter.maximumRestarts, !table.raw.pointee.isMessageSet {
            if try streamed(table, bytes, depth, &out) { return }
            restarts += 1
            out.truncate(to: mark)
            keys.close(openKeys)
        }
        try grouped(table, bytes, depth, &out)
    }

    /// False if the fields must be gathered first.
    private mutating func streamed(
        _ table: MessageTable, _ bytes: UnsafeRawBufferPointer, _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) -> Bool {
        var reader = WireReader(inPlace: bytes)
        var seen = SeenFields()
        var open: OpenField?
        while let tag = try wire({ (r) throws(DecodeError) in try r.nextTag() }, &reader) {
            guard let field = table.field(number: tag >> 3), field.accepts(tag) else {
                try wire({ (r) throws(DecodeError) in try r.skip(tag) }, &reader)
                continue
            }
            if let current = open, current.field == field {
                guard try element(field, tag, &reader, current.firstKey, depth, &out) else { return false }
                continue
            }
            if let current = open { close(current, &out) }
            open = nil
            guard seen.insert(field.raw.pointee.index) else { return false }
            let oneof = field.raw.pointee.oneof
            guard oneof < 0 || seen.insert(table.raw.pointee.fieldCount + oneof) else { return false }
            let mark = out.count
            key(field, &out)
            if field.isRepeated {
                out.append(field.isMap ? UInt8(ascii: "{") : UInt8(ascii: "["))
                open = OpenField(field: field, mark: mark, firstKey: keys.mark)
                guard try element(field, tag, &reader, keys.mark, depth, &out) else { return false }
            } else if try !single(field, tag, &reader, depth, &out) {
                out.truncate(to: mark)
            }
        }
        if let current = open { close(current, &out) }
        if options.emitsDefaults { defaults(table, seen, &out) }
        return true
    }

    /// A list or a map whose bracket is open.
    private struct OpenField {
        let field: FieldTable
        let mark: Int
        let firstKey: Int
    }

    /// Closes a list or a map, or takes it back if nothing came of its values.
    private mutating func close(_ open: OpenField, _ out: inout JSONWriter) {
        keys.close(open.firstKey)
        let last = out.base[out.count - 1]
        if last == UInt8(ascii: "[") || last == UInt8(ascii: "{"), !options.emitsDefaults {
            out.truncate(to: open.mark)
        } else {
            out.append(open.field.isMap ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        }
    }

    @inline(__always)
    func key(_ field: FieldTable, _ out: inout JSONWriter) {
        out.separate()
        out.append(options.usesOriginalNames ? field.raw.pointee.originalKey : field.raw.pointee.jsonKey)
    }

    /// One value of a list, all values of a packed one, or one entry of a map. False if a map's key is there already.
    mutating func element(
        _ field: FieldTable, _ tag: UInt32, _ reader: inout WireReader, _ firstKey: Int, _ depth: Int,
        _ out: inout JSONWriter
    ) throws(JSONError) -> Bool {
        if field.isMap {
            let entry = try wire({ (r) throws(DecodeError) in try r.rawBytes() }, &reader)
            return try mapEntry(field, entry, firstKey, depth, &out)
        }
        if tag & 7 == 2, field.kind.isPackable {
            let payload = try wire({ (r) throws(DecodeError) in try r.rawBytes() }, &reader)
            var values = WireReader(inPlace: payload)
            while !values.isAtEnd { try listed(field, &values, depth, &out) }
            return true
        }
        try listed(field, &reader, depth, &out)
        return true
    }

    private mutating func listed(
        _ field: FieldTable, _ reader: inout WireReader, _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) {
        let mark = out.count
        out.separate()
        if try value(field, &reader, depth, &out) == .dropped { out.truncate(to: mark) }
    }

    /// A singular field's value. False if JSON leaves it out.
    private mutating func single(
        _ field: FieldTable, _ tag: UInt32, _ reader: inout WireReader, _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) -> Bool {
        switch try value(field, &reader, depth, &out) {
        case .written: true
        case .dropped: false
        case .isDefault: field.hasPresence || options.emitsDefaults
        }
    }

    /// Fields without presence that were not there, lists and maps included.
    private func defaults(_ table: MessageTable, _ seen: SeenFields, _ out: inout JSONWriter) {
        for index in 0..<table.raw.pointee.fieldCount where !seen.contains(index) {
            defaultMember(table.field(at: index), &out)
        }
    }

    func defaultMember(_ field: FieldTable, _ out: inout JSONWriter) {
        guard !field.hasPresence, !field.isExtension else { return }
        key(field, &out)
        if field.isRepeated {
            out.append(field.isMap ? "{}" : "[]")
        } else {
            defaultValue(field, &out)
        }
    }

    /// Runs a step of the reader and gives its error JSON's form.
    @inline(__always)
    func wire<Value>(
        _ step: (inout WireReader) throws(DecodeError) -> Value, _ reader: inout WireReader
    ) throws(JSONError) -> Value {
        do {
            return try step(&reader)
        } catch {
            throw JSONError(problem: error.description)
        }
    }
}
