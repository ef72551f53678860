import ProtoWire

// The types whose JSON form is their own.
extension JSONPrinter {
    mutating func wellKnown(
        _ table: MessageTable, _ bytes: UnsafeRawBufferPointer, _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) {
        switch table.wellKnown {
        case .timestamp: try timestamp(bytes, &out)
        case .duration: try duration(bytes, &out)
        case .fieldMask: try fieldMask(bytes, &out)
        case .wrapper: try wrapper(table, bytes, &out)
        case .structure: try structure(table, bytes, depth, &out)
        case .listValue: try list(table, bytes, depth, &out)
        case .value: try anyJSON(table, bytes, depth, &out)
        case .any: try any(bytes, depth, &out)
        case .none: preconditionFailure("plain messages are printed by their fields")
        }
    }

    /// The two fields that Timestamp and Duration have.
    private func secondsAndNanos(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> (Int64, Int32) {
        var seconds: Int64 = 0
        var nanos: Int32 = 0
        var reader = WireReader(inPlace: bytes)
        while let tag = try wire({ (r) throws(DecodeError) in try r.nextTag() }, &reader) {
            switch tag {
            case 8: seconds = try wire({ (r) throws(DecodeError) in try r.int64() }, &reader)
            case 16: nanos = try wire({ (r) throws(DecodeError) in try r.int32() }, &reader)
            default: try wire({ (r) throws(DecodeError) in try r.skip(tag) }, &reader)
            }
        }
        return (seconds, nanos)
    }

    private func timestamp(_ bytes: UnsafeRawBufferPointer, _ out: inout JSONWriter) throws(JSONError) {
        let (seconds, nanos) = try secondsAndNanos(bytes)
        guard TimeText.timestampRange.contains(seconds), 0..<1_000_000_000 ~= nanos else {
            throw JSONError(problem: "the timestamp \(seconds) s \(nanos) ns is not in the years 1 to 9999")
        }
        TimeText.timestamp(seconds, nanos, &out)
    }

    private func duration(_ bytes: UnsafeRawBufferPointer, _ out: inout JSONWriter) throws(JSONError) {
        let (seconds, nanos) = try secondsAndNanos(bytes)
        guard TimeText.durationRange.contains(seconds), -999_999_999...999_999_999 ~= nanos,
            seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0)
        else {
            throw JSONError(problem: "the duration \(seconds) s \(nanos) ns is out of range or of two signs")
        }
        TimeText.duration(seconds, nanos, &out)
    }

    private func fieldMask(_ bytes: UnsafeRawBufferPointer, _ out: inout JSONWriter) throws(JSONError) {
        out.append(UInt8(ascii: "\""))
        var isFirst = true
        var reader = WireReader(inPlace: bytes)
        while let tag = try wire({ (r) throws(DecodeError) in try r.nextTag() }, &reader) {
            guard tag == 10 else {
                try wire({ (r) throws(DecodeError) in try r.skip(tag) }, &reader)
                continue
            }
            let path = try wire({ (r) throws(DecodeError) in try r.rawBytes() }, &reader)
            if !isFirst { out.append(UInt8(ascii: ",")) }
            isFirst = false
            guard FieldMaskText.camelCase(path, &out) else {
                let text = String(decoding: path, as: UTF8.self)
                throw JSONError(problem: "the path \"\(text)\" does not survive the way to camel case and back")
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    private func wrapper(
        _ table: MessageTable, _ bytes: UnsafeRawBufferPointer, _ out: inout JSONWriter
    ) throws(JSONError) {
        let field = table.field(at: 0)
        var last: WireReader?
        var reader = WireReader(inPlace: bytes)
        while let tag = try wire({ (r) throws(DecodeError) in try r.nextTag() }, &reader) {
            if tag == field.tag { last = reader }
            try wire({ (r) throws(DecodeError) in try r.skip(tag) }, &reader)
        }
        if var last {
            _ = try scalar(field, &last, &out)
        } else {
            defaultValue(field, &out)
        }
    }

    private mutating func structure(
        _ table: MessageTable, _ bytes: UnsafeRawBufferPointer, _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) {
        let field = table.field(at: 0)
        out.append(UInt8(ascii: "{"))
        let mark = out.count
        guard restarts < JSONPrinter.maximumRestarts else {
            try distinctEntries(field, payloads(field, bytes), depth, &out)
            return out.append(UInt8(ascii: "}"))
        }
        let firstKey = keys.mark
        var reader = WireReader(inPlace: bytes)
        while let tag = try wire({ (r) throws(DecodeError) in try r.nextTag() }, &reader) {
            guard tag == field.tag else {
                try wire({ (r) throws(DecodeError) in try r.skip(tag) }, &reader)
                continue
            }
            guard try element(field, tag, &reader, firstKey, depth, &out) else {
                restarts += 1
                out.truncate(to: mark)
                keys.close(firstKey)
                try distinctEntries(field, payloads(field, bytes), depth, &out)
                break
            }
        }
        keys.close(firstKey)
        out.append(UInt8(ascii: "}"))
    }

    private func payloads(
        _ field: FieldTable, _ bytes: UnsafeRawBufferPointer
    ) throws(JSONError) -> [UnsafeRawBufferPointer] {
        var found: [UnsafeRawBufferPointer] = []
        var reader = WireReader(inPlace: bytes)
        while let tag = try wire({ (r) throws(DecodeError) in try r.nextTag() }, &reader) {
            if tag == field.tag {
                found.append(try wire({ (r) throws(DecodeError) in try r.rawBytes() }, &reader))
            } else {
                try wire({ (r) throws(DecodeError) in try r.skip(tag) }, &reader)
            }
        }
        return found
    }

    private mutating func list(
        _ table: MessageTable, _ bytes: UnsafeRawBufferPointer, _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) {
        let field = table.field(at: 0)
        out.append(UInt8(ascii: "["))
        var reader = WireReader(inPlace: bytes)
        while let tag = try wire({ (r) throws(DecodeError) in try r.nextTag() }, &reader) {
            if tag == field.tag {
                _ = try element(field, tag, &reader, keys.mark, depth, &out)
            } else {
                try wire({ (r) throws(DecodeError) in try r.skip(tag) }, &reader)
            }
        }
        out.append(UInt8(ascii: "]"))
    }

    /// A `Value`: the last of its kinds that is there.
    private mutating func anyJSON(
        _ table: MessageTable, _ bytes: UnsafeRawBufferPointer, _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) {
        var last: Occurrence?
        var merged: [UInt8]?
        var reader = WireReader(inPlace: bytes)
        while let tag = try wire({ (r) throws(DecodeError) in try r.nextTag() }, &reader) {
            if let field = table.field(number: tag >> 3), field.accepts(tag) {
                if var earlier = last, earlier.tag == tag, field.kind == .message {
                    var next = reader
                    var parts = merged ?? []
                    if merged == nil {
                        parts += try wire({ (r) throws(DecodeError) in try r.rawBytes() }, &earlier.reader)
                    }
                    parts += try wire({ (r) throws(DecodeError) in try r.rawBytes() }, &next)
                    merged = parts
                } else {
                    merged = nil
                }
                last = Occurrence(tag: tag, reader: reader)
            }
            try wire({ (r) throws(DecodeError) in try r.skip(tag) }, &reader)
        }
        guard var last, let field = table.field(number: last.tag >> 3) else { return out.append("null") }
        if let merged, let inner = field.message {
            return try buffered(merged) { (bytes) throws(JSONError) in try message(inner, bytes, depth - 1, &out) }
        }
        if field.kind == .double {
            var probe = last.reader
            guard try wire({ (r) throws(DecodeError) in try r.double() }, &probe).isFinite else {
                throw JSONError(problem: "a google.protobuf.Value has no NaN and no infinity")
            }
        }
        _ = try value(field, &last.reader, depth, &out)
    }

    private mutating func any(
        _ bytes: UnsafeRawBufferPointer, _ depth: Int, _ out: inout JSONWriter
    ) throws(JSONError) {
        var url = UnsafeRawBufferPointer(start: nil, count: 0)
        var payload = url
        var reader = WireReader(inPlace: bytes)
        while let tag = try wire({ (r) throws(DecodeError) in try r.nextTag() }, &reader) {
            switch tag {
            case 10: url = try wire({ (r) throws(DecodeError) in try r.rawBytes() }, &reader)
            case 18: payload = try wire({ (r) throws(DecodeError) in try r.rawBytes() }, &reader)
            default: try wire({ (r) throws(DecodeError) in try r.skip(tag) }, &reader)
            }
        }
        if url.isEmpty, payload.isEmpty { return out.append("{}") }
        guard let table = AnyType.find(url, in: pool) else {
            throw JSONError(problem: "the type \"\(String(decoding: url, as: UTF8.self))\" of an Any is not known")
        }
        out.append("{\"@type\":")
        guard out.quoted(url) else { throw JSONError(problem: "the type of an Any is not UTF-8") }
        if AnyType.isWrapped(table) {
            out.append(",\"value\":")
            try message(table, payload, depth - 1, &out)
        } else {
            guard depth > 1 else { throw JSONError(problem: DecodeError(.tooDeep, at: 0).description) }
            try fields(table, payload, depth - 1, &out)
        }
        out.append(UInt8(ascii: "}"))
    }
}

/// What both directions say about the type of an Any.
enum AnyType {
    /// The type that an Any's URL names: all after the last slash.
    static func find(_ url: UnsafeRawBufferPointer, in pool: DescriptorPool?) -> MessageTable? {
        guard let slash = url.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return pool?.message(String(decoding: url[(slash + 1)...], as: UTF8.self))
    }

    /// True if the JSON form of the type is not an object of its fields, and so stands under `value`.
    static func isWrapped(_ table: MessageTable) -> Bool {
        table.wellKnown != .none
    }
}
