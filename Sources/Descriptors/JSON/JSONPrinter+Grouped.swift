import ProtoWire

// The careful way: everything is gathered by field before anything is written, so it may come in any order.
extension JSONPrinter {
    typealias Occurrence = GatheredFields.Occurrence

    mutating func grouped(
        _ table: MessageTable, _ bytes: UnsafeRawBufferPointer, _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) {
        let found = try gather(table, bytes)
        for index in 0..<table.raw.pointee.fieldCount {
            let field = table.field(at: index)
            if found[index].isEmpty {
                if options.emitsDefaults { defaultMember(field, &out) }
                continue
            }
            let mark = out.count
            key(field, &out)
            let isKept = try gathered(field, found[index], depth, &out)
            if !isKept { out.truncate(to: mark) }
        }
    }

    private func gather(
        _ table: MessageTable, _ bytes: UnsafeRawBufferPointer
    ) throws(JSONError) -> [[Occurrence]] {
        do {
            return try GatheredFields(table, bytes).found
        } catch {
            throw JSONError(problem: error.description)
        }
    }

    /// A field's value from all its occurrences. False if JSON leaves it out.
    private mutating func gathered(
        _ field: FieldTable, _ occurrences: [Occurrence], _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) -> Bool {
        if field.isMap {
            out.append(UInt8(ascii: "{"))
            var entries: [UnsafeRawBufferPointer] = []
            for var occurrence in occurrences {
                entries.append(try wire({ (r) throws(DecodeError) in try r.rawBytes() }, &occurrence.reader))
            }
            try distinctEntries(field, entries, depth, &out)
            out.append(UInt8(ascii: "}"))
            return true
        }
        if field.isRepeated {
            out.append(UInt8(ascii: "["))
            for var occurrence in occurrences {
                _ = try element(field, occurrence.tag, &occurrence.reader, keys.mark, depth, &out)
            }
            let isEmpty = out.base[out.count - 1] == UInt8(ascii: "[")
            out.append(UInt8(ascii: "]"))
            return !isEmpty || options.emitsDefaults
        }
        if occurrences.count > 1, field.kind.isMessage, let table = field.message {
            // Messages that come in several parts merge, and that is what their bytes one after the other mean.
            var merged: [UInt8] = []
            for var occurrence in occurrences {
                merged += try wire(
                    { (r) throws(DecodeError) in
                        field.kind == .group ? try r.groupBytes(occurrence.tag) : try r.rawBytes()
                    }, &occurrence.reader)
            }
            try buffered(merged) { (bytes) throws(JSONError) in try message(table, bytes, depth - 1, &out) }
            return true
        }
        guard var last = occurrences.last else { return false }
        switch try value(field, &last.reader, depth, &out) {
        case .written: return true
        case .dropped: return false
        case .isDefault: return field.hasPresence || options.emitsDefaults
        }
    }

    /// The entries of a map, of equal keys the last one alone.
    mutating func distinctEntries(
        _ field: FieldTable, _ payloads: [UnsafeRawBufferPointer], _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) {
        let (key, value) = field.entry
        var last: [[UInt8]: Int] = [:]
        var entries: [(key: [UInt8], entry: Entry)] = []
        var scratch = JSONWriter(capacity: 64)
        for payload in payloads {
            let entry = try entry(field, payload)
            scratch.truncate(to: 0)
            try mapKey(key, entry, &scratch)
            last[scratch.array] = entries.count
            entries.append((scratch.array, entry))
        }
        for (index, item) in entries.enumerated() where last[item.key] == index {
            let mark = out.count
            out.separate()
            item.key.withUnsafeBytes { out.append($0) }
            if try mapValue(value, item.entry, depth, &out) == .dropped { out.truncate(to: mark) }
        }
    }

    /// One field of a message without its name; what it has by default if it is not there.
    mutating func loneField(
        _ field: FieldTable, _ table: MessageTable, _ bytes: UnsafeRawBufferPointer, _ depth: Int,
        _ out: inout JSONWriter
    ) throws(JSONError) {
        let found = try gather(table, bytes)[field.raw.pointee.index]
        let mark = out.count
        if !found.isEmpty {
            _ = try gathered(field, found, depth, &out)
        }
        if out.count == mark {
            if field.isRepeated {
                out.append(field.isMap ? "{}" : "[]")
            } else {
                defaultValue(field, &out)
            }
        }
    }
}
