import ProtoWire

/// Writes the text form of a message, by table, from its binary form: fields in the order of their numbers, maps in the
/// order of their keys.
struct TextPrinter {
    let pool: DescriptorPool?
    let options: TextFormat.PrintOptions

    /// The fields of a message, each on its line.
    func message(
        _ table: MessageTable, _ bytes: UnsafeRawBufferPointer, indent: Int, _ depth: Int, _ out: inout JSONWriter
    ) throws(DecodeError) {
        guard depth > 0 else { throw DecodeError(.tooDeep, at: 0) }
        let gathered = try GatheredFields(table, bytes)
        if table.wellKnown == .any, options.expandsAny, expandedAny(table, gathered, indent, depth, &out) { return }
        var unknown = gathered.unknown
        for index in 0..<table.raw.pointee.fieldCount where !gathered.found[index].isEmpty {
            let field = table.field(at: index)
            if field.isMap {
                let map = try MapEntries(field, gathered.found[index])
                for entry in map.entries { try mapEntry(field, entry, indent, depth, &out) }
                unknown += map.unknown
            } else {
                try self.field(field, gathered.found[index], indent, depth, &out)
            }
        }
        if options.printsUnknown {
            for field in unknown { _ = unknownFields(field, indent, TextPrinter.guessedDepth, &out) }
        }
    }

    private func field(
        _ field: FieldTable, _ occurrences: [GatheredFields.Occurrence], _ indent: Int, _ depth: Int,
        _ out: inout JSONWriter
    ) throws(DecodeError) {
        if field.kind.isMessage {
            guard field.isRepeated else { return try message(field, occurrences, indent, depth, &out) }
            for occurrence in occurrences { try message(field, [occurrence], indent, depth, &out) }
            return
        }
        for var value in field.isRepeated ? try GatheredFields.values(field, occurrences) : occurrences.suffix(1) {
            let mark = out.count
            begin(indent, &out)
            out.append(field.raw.pointee.textName)
            out.append(": ")
            switch try scalar(field, &value.reader, &out) {
            case .written: break
            case .isDefault:
                if !field.isRepeated, !field.hasPresence {
                    out.truncate(to: mark)
                    continue
                }
            case .unnamed:
                if field.enumeration?.isClosed == true {
                    out.truncate(to: mark)
                    continue
                }
            }
            end(&out)
        }
    }

    private func message(
        _ field: FieldTable, _ parts: [GatheredFields.Occurrence], _ indent: Int, _ depth: Int,
        _ out: inout JSONWriter
    ) throws(DecodeError) {
        guard let table = field.message else { preconditionFailure("a message field has a type") }
        open(field.raw.pointee.textName, indent, &out)
        if parts.count == 1 {
            let payload = try GatheredFields.payload(field, parts[0])
            try message(table, payload, indent: indent + 1, depth - 1, &out)
        } else {
            // Parts of a message merge, and that is what their bytes one after the other mean.
            var merged: [UInt8] = []
            for part in parts { merged += try GatheredFields.payload(field, part) }
            try merged.withUnsafeBufferPointer { (buffer) throws(DecodeError) in
                try message(table, UnsafeRawBufferPointer(buffer), indent: indent + 1, depth - 1, &out)
            }
        }
        close(indent, &out)
    }

    /// An entry of a map, with both its fields even if they are defaults.
    private func mapEntry(
        _ field: FieldTable, _ entry: MapEntries.Entry, _ indent: Int, _ depth: Int, _ out: inout JSONWriter
    ) throws(DecodeError) {
        let (key, value) = field.entry
        open(field.raw.pointee.textName, indent, &out)
        for part in [key, value] {
            if part.kind.isMessage {
                try message(part, entry.fields[part], indent + 1, depth - 1, &out)
                continue
            }
            begin(indent + 1, &out)
            out.append(part.raw.pointee.textName)
            out.append(": ")
            if var last = entry.fields[part].last {
                _ = try scalar(part, &last.reader, &out)
            } else {
                zero(part, &out)
            }
            end(&out)
        }
        close(indent, &out)
    }

    // MARK: Lines

    func begin(_ indent: Int, _ out: inout JSONWriter) {
        guard !options.isSingleLine else { return }
        for _ in 0..<indent { out.append("  ") }
    }

    func end(_ out: inout JSONWriter) {
        out.append(options.isSingleLine ? UInt8(ascii: " ") : UInt8(ascii: "\n"))
    }

    func open(_ name: Text, _ indent: Int, _ out: inout JSONWriter) {
        begin(indent, &out)
        out.append(name)
        out.append(" {")
        end(&out)
    }

    func close(_ indent: Int, _ out: inout JSONWriter) {
        begin(indent, &out)
        out.append(UInt8(ascii: "}"))
        end(&out)
    }
}
