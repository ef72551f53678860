import ProtoWire

/// Looks for required fields that are not set.
enum RequiredCheck {
    /// The path of the first required field that is missing, or nil if all are there.
    ///
    /// Only messages that hold required fields at some depth are looked at; a contract without any costs nothing.
    static func missing(
        in table: MessageTable, _ bytes: UnsafeRawBufferPointer, _ depth: Int = JSONTranscoder.maximumWireDepth
    ) throws(DecodeError) -> String? {
        guard table.raw.pointee.hasRequired else { return nil }
        guard depth > 0 else { throw DecodeError(.tooDeep, at: 0) }
        let gathered = try GatheredFields(table, bytes)
        for index in 0..<table.raw.pointee.fieldCount {
            let field = table.field(at: index)
            if gathered.found[index].isEmpty {
                if field.isRequired { return field.name }
                continue
            }
            guard let message = field.message, message.raw.pointee.hasRequired else { continue }
            if let path = try missing(in: message, of: field, gathered.found[index], depth) { return path }
        }
        return nil
    }

    static func missing(in table: MessageTable, _ bytes: [UInt8]) throws(DecodeError) -> String? {
        guard table.raw.pointee.hasRequired else { return nil }
        return try bytes.withUnsafeBufferPointer { (buffer) throws(DecodeError) in
            try missing(in: table, UnsafeRawBufferPointer(buffer))
        }
    }

    private static func missing(
        in message: MessageTable, of field: FieldTable, _ parts: [GatheredFields.Occurrence], _ depth: Int
    ) throws(DecodeError) -> String? {
        guard field.isRepeated else {
            var merged: [UInt8] = []
            for part in parts { merged += try GatheredFields.payload(field, part) }
            let path = try merged.withUnsafeBufferPointer { (buffer) throws(DecodeError) in
                try missing(in: message, UnsafeRawBufferPointer(buffer), depth - 1)
            }
            return path.map { "\(field.name).\($0)" }
        }
        for (index, part) in parts.enumerated() {
            let payload = try GatheredFields.payload(field, part)
            if let path = try missing(in: message, payload, depth - 1) { return "\(field.name)[\(index)].\(path)" }
        }
        return nil
    }
}
