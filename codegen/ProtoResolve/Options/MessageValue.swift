import ProtoSyntax
import ProtoWire

/// A message that options build up, field by field; it ends as bytes.
///
/// It knows nothing of generated types: options are messages like any other, and custom ones exist in the user's files alone.
struct MessageValue: Sendable {
    var slots: [Int32: FieldSlot] = [:]

    var isEmpty: Bool { slots.isEmpty }

    /// The number that a varint field holds; the last one if it is repeated.
    func varint(_ number: Int32) -> UInt64? {
        if case .varint(let value)? = slots[number]?.values.last { return value }
        return nil
    }

    func message(_ number: Int32) -> MessageValue? {
        if case .message(let value)? = slots[number]?.values.last { return value }
        return nil
    }
}

/// What one field of the message was set to.
struct FieldSlot: Sendable {
    enum Content: Sendable {
        case varint(UInt64)
        case fixed32(UInt32)
        case fixed64(UInt64)
        case bytes([UInt8])
        indirect case message(MessageValue)
    }

    /// The field or extension; what it is decides the form on the wire.
    let field: TypeRef
    var values: [Content] = []
    /// Where it was set first: the other place when it is set again.
    let span: Span
    /// Set as a whole and not through its sub-fields.
    var isWhole: Bool
    /// The field of one statement: written as the statement says, whatever the field's form on the wire is.
    var isStatement = false
    /// Another field of its oneof was set after it: it is not written, but it still counts as set.
    var isOverridden = false
}

extension MessageValue {
    /// The binary form: fields by number, as protoc writes options once they have gone through a typed message.
    func encoded(_ program: Program, retainingSource: Bool) -> [UInt8] {
        var writer = WireWriter()
        encode(into: &writer, program, retainingSource)
        return writer.array()
    }

    private func encode(into writer: inout WireWriter, _ program: Program, _ retainingSource: Bool) {
        for (number, slot) in slots.sorted(by: { $0.key > $1.key }) {
            let field = program.field(slot.field)
            if field.isSourceOnly && !retainingSource || slot.isOverridden || slot.isUnset(in: field) {
                continue
            }
            if field.isRepeated, !slot.isStatement, program.isPacked(field) {
                guard !slot.values.isEmpty else { continue }
                let mark = writer.count
                for value in slot.values.reversed() { write(value, into: &writer) }
                writer.varint(UInt64(writer.count - mark))
                writer.tag(UInt32(number) << 3 | 2)
                continue
            }
            for value in slot.values.reversed() {
                if case .message(let message) = value {
                    let isGroup = program.isDelimited(field)
                    if isGroup { writer.tag(UInt32(number) << 3 | 4) }
                    let mark = writer.count
                    message.encode(into: &writer, program, retainingSource)
                    if !isGroup { writer.varint(UInt64(writer.count - mark)) }
                    writer.tag(UInt32(number) << 3 | (isGroup ? 3 : 2))
                } else {
                    write(value, into: &writer)
                    writer.tag(UInt32(number) << 3 | value.wireType)
                }
            }
        }
    }

    private func write(_ value: FieldSlot.Content, into writer: inout WireWriter) {
        switch value {
        case .varint(let number): writer.varint(number)
        case .fixed32(let bits): writer.fixed32(bits)
        case .fixed64(let bits): writer.fixed64(bits)
        case .bytes(let bytes): writer.bytes(bytes)
        case .message: preconditionFailure("messages are written with their field")
        }
    }
}

extension OptionSet {
    /// The binary form of the options.
    ///
    /// Those of descriptor.proto are fields of a message, by number. Custom ones are unknown fields of it: protoc keeps them
    /// as they were written, one record a statement (`--retain_options`), unless it strips some of them, for which it
    /// reads them into messages and writes these.
    func encoded(_ program: Program, retainingSource: Bool) -> [UInt8] {
        guard retainingSource, written.contains(where: { $0.name.first?.isExtension ?? false }) else {
            return values.encoded(program, retainingSource: retainingSource)
        }
        var standard = values
        var records: [UInt8] = []
        for (option, path) in zip(written, paths) where option.name.first?.isExtension ?? false {
            guard let path, let content = path.content else { continue }
            var inner = content
            var record = MessageValue()
            for (depth, ref) in path.fields.reversed().enumerated() {
                guard let number = program.field(ref).number else { continue }
                record = MessageValue()
                record.slots[number] = FieldSlot(
                    field: ref, values: [inner], span: option.span, isWhole: true, isStatement: depth == 0)
                inner = .message(record)
                if depth == path.fields.count - 1 { standard.slots[number] = nil }
            }
            records += record.encoded(program, retainingSource: true)
        }
        return standard.encoded(program, retainingSource: true) + records
    }
}

extension FieldSlot {
    /// A field without presence that holds zero is not on the wire; only the entries of maps, whose fields nobody wrote
    /// down, have both of theirs always.
    func isUnset(in field: FieldDraft) -> Bool {
        guard field.features.presence == .implicit, !field.isRepeated, field.oneof == nil, !field.isExtension,
            field.syntax != nil, !isStatement
        else { return false }
        switch values.last {
        case .varint(0)?, .fixed32(0)?, .fixed64(0)?: return true
        case .bytes(let bytes)?: return bytes.isEmpty
        case .varint, .fixed32, .fixed64, .message, nil: return false
        }
    }
}

extension FieldSlot.Content {
    var wireType: UInt32 {
        switch self {
        case .varint: 0
        case .fixed64: 1
        case .bytes, .message: 2
        case .fixed32: 5
        }
    }
}

extension Program {
    /// Whether values of the repeated field lie in one run on the wire.
    func isPacked(_ field: FieldDraft) -> Bool {
        switch field.type {
        case .scalar(.string), .scalar(.bytes), .message, .group, .unknown: return false
        case .scalar, .enumeration: return field.features.repeatedEncoding == .packed
        }
    }

    /// Whether the field is a group, or what editions write instead: a delimited field that is called like its message,
    /// which is declared beside it.
    func isGroupLike(_ field: FieldDraft, _ ref: TypeRef) -> Bool {
        guard isDelimited(field) else { return false }
        let message = message(ref)
        return field.name == message.name.lowercased() && message.fullName == joined(field.scope, message.name)
    }

    /// Whether the message stands between tags, as a group, and not behind its length.
    func isDelimited(_ field: FieldDraft) -> Bool {
        if case .group = field.type { return true }
        return !field.isMap && field.features.messageEncoding == .delimited
    }
}
