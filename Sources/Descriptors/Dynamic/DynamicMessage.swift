import ProtoWire

/// A message without generated code: its type's table and its binary form.
///
/// Setting a field *appends* to the bytes. Protobuf's own rules make that mean what it should: of a singular field the
/// last value counts, parts of a sub-message merge, values of a repeated field add up. So binding a request from a
/// path, a query and a body is putting bytes after each other, and nothing is ever decoded to be changed.
public struct DynamicMessage: Sendable, Equatable {
    public let table: MessageTable
    public private(set) var bytes: [UInt8]

    public init(_ table: MessageTable, bytes: [UInt8] = []) {
        self.table = table
        self.bytes = bytes
    }

    /// Merges another message of the same type into this one.
    public mutating func merge(_ other: [UInt8]) {
        bytes += other
    }

    // MARK: Getting

    /// The value at a path of names (`course.id`), or nil if it is not set or there is no such field.
    public func value(at path: String) -> DynamicValue? {
        var message = self
        var names = path.split(separator: ".", omittingEmptySubsequences: false)
        guard let last = names.popLast() else { return nil }
        for name in names {
            guard let field = message.table.field(named: String(name)),
                case .message(let inner)? = message.value(of: field)
            else { return nil }
            message = inner
        }
        return message.table.field(named: String(last)).flatMap { message.value(of: $0) }
    }

    public func value(number: UInt32) -> DynamicValue? {
        table.field(number: number).flatMap { value(of: $0) }
    }

    public func string(at path: String) -> String? { value(at: path)?.string }
    public func message(at path: String) -> DynamicMessage? { value(at: path)?.message }

    /// The values of a repeated field; empty if it is not set.
    public func list(at path: String) -> [DynamicValue] { value(at: path)?.list ?? [] }

    /// The value of a field: the last one, all of a list, the merged parts of a message. Nil if it is not set.
    public func value(of field: FieldTable) -> DynamicValue? {
        bytes.withUnsafeBufferPointer { buffer in
            try? DynamicReader.value(of: field, in: table, UnsafeRawBufferPointer(buffer))
        }
    }

    /// The member of a oneof that is set: the last one on the wire.
    public func member(ofOneof index: Int) -> FieldTable? {
        bytes.withUnsafeBufferPointer { buffer in
            var last: FieldTable?
            var reader = WireReader(UnsafeRawBufferPointer(buffer))
            while let tag = try? reader.nextTag() {
                if let field = table.field(number: tag >> 3), field.oneofIndex == index { last = field }
                guard (try? reader.skip(tag)) != nil else { return nil }
            }
            return last
        }
    }

    // MARK: Setting

    /// Sets the field at a path from text, as a path variable or a query parameter has it.
    ///
    /// A repeated field gets one more value. Enums are given by name or number, bytes in base64, timestamps, durations,
    /// field masks and wrappers as in JSON but without quotes.
    public mutating func set(path: String, text: String) throws(BindError) {
        let fields = try fields(on: path)
        guard let leaf = fields.last else { throw BindError(path: path, problem: "the path is empty") }
        let encoded = try DynamicText.encode(text, as: leaf, path: path)
        append(encoded, under: fields.dropLast())
    }

    /// The same message with one more field set.
    public func setting(path: String, text: String) throws(BindError) -> DynamicMessage {
        var message = self
        try message.set(path: path, text: text)
        return message
    }

    /// Merges a message into the field at a path: the `body` of an HTTP rule, say.
    public mutating func merge(_ message: [UInt8], at path: String) throws(BindError) {
        append(message, under: try fields(on: path)[...])
    }

    /// Merges what `JSONTranscoder.jsonToBinary(field:…)` made of the field at a path.
    public mutating func mergeField(_ encoded: [UInt8], at path: String) throws(BindError) {
        append(encoded, under: try fields(on: path).dropLast())
    }

    /// The field at the end of a path; every one before it holds a message.
    public func field(at path: String) throws(BindError) -> FieldTable {
        guard let field = try fields(on: path).last else { throw BindError(path: path, problem: "the path is empty") }
        return field
    }

    private func fields(on path: String) throws(BindError) -> [FieldTable] {
        try table.fields(on: path)
    }

    /// Appends fields, wrapped into the messages that hold them.
    private mutating func append(_ encoded: [UInt8], under fields: ArraySlice<FieldTable>) {
        var encoded = encoded
        for field in fields.reversed() {
            var writer = JSONWriter(capacity: encoded.count + 16)
            writer.varint(UInt64(field.tag))
            if field.kind == .group {
                encoded.withUnsafeBytes { writer.append($0) }
                writer.varint(UInt64(field.number << 3 | 4))
            } else {
                writer.varint(UInt64(encoded.count))
                encoded.withUnsafeBytes { writer.append($0) }
            }
            encoded = writer.array
        }
        bytes += encoded
    }
}

extension MessageTable {
    /// The fields along a path of names (`course.id`): all but the last are singular messages.
    public func fields(on path: String) throws(BindError) -> [FieldTable] {
        var fields: [FieldTable] = []
        var table: MessageTable? = self
        for name in path.split(separator: ".", omittingEmptySubsequences: false) {
            guard let current = table else {
                let parent = fields.last?.name ?? ""
                throw BindError(path: path, problem: "\"\(parent)\" is not a message, so it has no \"\(name)\"")
            }
            guard let field = current.field(named: String(name)) else {
                throw BindError(path: path, problem: "\(current.fullName) has no field \"\(name)\"")
            }
            fields.append(field)
            table = field.isRepeated ? nil : field.message
        }
        return fields
    }
}
