/// The format of `message_set_wire_format`: `repeated group Item = 1 { int32 type_id = 2; bytes message = 3; }`, where the
/// type is the extension's number. Source: google/protobuf/descriptor.proto, `MessageOptions`.
enum MessageSet {
    static let item: UInt32 = 1 << 3 | 3
    static let endItem: UInt32 = 1 << 3 | 4
    static let typeID: UInt32 = 2 << 3
    static let message: UInt32 = 3 << 3 | 2
}

extension UnknownFields {
    /// Calls `body` at each field of this number, with its tag and a reader at its value.
    func visit(
        _ number: UInt32, _ isMessageSet: Bool, _ body: (UInt32, inout WireReader) throws(DecodeError) -> Void
    ) throws(DecodeError) {
        guard let stored else { return }
        try stored.withUnsafeBufferPointer { (bytes) throws(DecodeError) in
            var reader = WireReader(UnsafeRawBufferPointer(bytes))
            while let tag = try reader.nextTag() {
                if isMessageSet, tag == MessageSet.item {
                    try UnknownFields.visitItem(number, try reader.groupBytes(tag), body)
                    continue
                }
                var value = reader
                try reader.skip(tag)
                if tag >> 3 == number { try body(tag, &value) }
            }
        }
    }

    /// The type may stand behind the message, and a message may come in parts.
    private static func visitItem(
        _ number: UInt32, _ item: UnsafeRawBufferPointer,
        _ body: (UInt32, inout WireReader) throws(DecodeError) -> Void
    ) throws(DecodeError) {
        guard try typeID(item) == number else { return }
        var reader = WireReader(item)
        while let tag = try reader.nextTag() {
            var value = reader
            try reader.skip(tag)
            if tag == MessageSet.message { try body(tag, &value) }
        }
    }

    private static func typeID(_ item: UnsafeRawBufferPointer) throws(DecodeError) -> UInt32? {
        var reader = WireReader(item)
        while let tag = try reader.nextTag() {
            if tag == MessageSet.typeID { return try reader.uint32() }
            try reader.skip(tag)
        }
        return nil
    }

    /// Puts `field`, which may be nothing, where the first field of this number is, or at the end; all others of that
    /// number go. Items of a `MessageSet` count by their type.
    mutating func set(_ number: UInt32, _ field: [UInt8], isMessageSet: Bool) {
        guard let stored else {
            self = UnknownFields(bytes: field)
            return
        }
        var kept: [UInt8] = []
        kept.reserveCapacity(stored.count + field.count)
        var isPlaced = false
        stored.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            while !reader.isAtEnd {
                let start = reader.offset
                guard let found = try? UnknownFields.nextNumber(&reader, isMessageSet) else {
                    // Only bytes that were put here by hand can be broken; they stay as they are.
                    kept += bytes[start...]
                    break
                }
                if found != number {
                    kept += bytes[start..<reader.offset]
                } else if !isPlaced {
                    kept += field
                    isPlaced = true
                }
            }
        }
        self = UnknownFields(bytes: isPlaced ? kept : kept + field)
    }

    /// Passes over a field and answers its number, for an item of a `MessageSet` its type.
    private static func nextNumber(_ reader: inout WireReader, _ isMessageSet: Bool) throws(DecodeError) -> UInt32? {
        guard let tag = try reader.nextTag() else { return nil }
        guard isMessageSet, tag == MessageSet.item else {
            try reader.skip(tag)
            return tag >> 3
        }
        return try typeID(try reader.groupBytes(tag)) ?? tag >> 3
    }
}
