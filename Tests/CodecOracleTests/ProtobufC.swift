import CProtobufC
import Descriptors

/// libprotobuf-c as an oracle for any schema: its descriptors are plain C structs, so they are built at run time from ours.
///
/// It reads a message into memory that it lays out by those descriptors and writes it back in the order of the field
/// numbers. The memory of the descriptors is never freed: the library may keep pointers into it.
struct ProtobufC {
    private var made: [String: UnsafeMutablePointer<ProtobufCMessageDescriptor>] = [:]

    /// Nil if the library does not take the bytes, else what it writes for what it read.
    mutating func rewritten(_ bytes: [UInt8], of table: MessageTable) -> [UInt8]? {
        let descriptor = descriptor(of: table)
        guard let message = protobuf_c_message_unpack(descriptor, nil, bytes.count, bytes) else { return nil }
        defer { protobuf_c_message_free_unpacked(message, nil) }
        let size = protobuf_c_message_get_packed_size(message)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = buffer.baseAddress.map { protobuf_c_message_pack(message, $0) } ?? 0
        }
    }

    private mutating func descriptor(of table: MessageTable) -> UnsafeMutablePointer<ProtobufCMessageDescriptor> {
        if let known = made[table.fullName] { return known }
        let descriptor = UnsafeMutablePointer<ProtobufCMessageDescriptor>.allocate(capacity: 1)
        descriptor.initialize(to: ProtobufCMessageDescriptor())
        made[table.fullName] = descriptor
        var layout = Layout()
        let fields = table.fields.map { field(of: $0, &layout) }
        descriptor.pointee.magic = 0x28AA_EEF9  // PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC
        descriptor.pointee.name = text(table.fullName)
        descriptor.pointee.short_name = descriptor.pointee.name
        descriptor.pointee.c_name = descriptor.pointee.name
        descriptor.pointee.package_name = text("")
        descriptor.pointee.sizeof_message = layout.size
        descriptor.pointee.n_fields = UInt32(fields.count)
        descriptor.pointee.fields = immortal(fields)
        descriptor.pointee.fields_sorted_by_name = immortal(
            table.fields.enumerated().sorted { $0.element.name < $1.element.name }.map { UInt32($0.offset) })
        let ranges = ranges(of: table.fields.map { Int32($0.number) })
        descriptor.pointee.n_field_ranges = UInt32(ranges.count - 1)
        descriptor.pointee.field_ranges = immortal(ranges)
        return descriptor
    }

    /// Runs of consecutive numbers, and one entry behind them that says how many fields there are.
    private func ranges(of numbers: [Int32]) -> [ProtobufCIntRange] {
        var ranges: [ProtobufCIntRange] = []
        for (index, number) in numbers.enumerated() where index == 0 || numbers[index - 1] + 1 != number {
            ranges.append(ProtobufCIntRange(start_value: number, orig_index: UInt32(index)))
        }
        return ranges + [ProtobufCIntRange(start_value: 0, orig_index: UInt32(numbers.count))]
    }

    private mutating func field(of field: FieldTable, _ layout: inout Layout) -> ProtobufCFieldDescriptor {
        var made = ProtobufCFieldDescriptor()
        made.name = text(field.name)
        made.id = field.number
        made.type = ProtobufC.type(of: field.kind)
        if let message = field.message { made.descriptor = UnsafeRawPointer(descriptor(of: message)) }
        let isPointer = field.kind == .string || field.message != nil
        let width = field.kind == .bytes ? 16 : isPointer ? 8 : ProtobufC.width(of: field.kind)
        if field.isRepeated {
            made.label = PROTOBUF_C_LABEL_REPEATED
            made.quantifier_offset = layout.place(8)
            made.offset = layout.place(8)
            made.flags = field.isPacked ? UInt32(PROTOBUF_C_FIELD_FLAG_PACKED.rawValue) : 0
        } else if let oneof = field.oneofIndex {
            made.label = PROTOBUF_C_LABEL_OPTIONAL
            made.flags = UInt32(PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue)
            (made.quantifier_offset, made.offset) = layout.place(oneof: oneof)
        } else {
            made.label =
                field.isRequired
                ? PROTOBUF_C_LABEL_REQUIRED : field.hasPresence ? PROTOBUF_C_LABEL_OPTIONAL : PROTOBUF_C_LABEL_NONE
            // Only numbers and bytes have a word of their own that says whether they are there.
            if field.hasPresence, !field.isRequired, !isPointer { made.quantifier_offset = layout.place(4) }
            made.offset = layout.place(width)
        }
        return made
    }

    /// Where the members of the C struct lie. It begins with a `ProtobufCMessage`.
    private struct Layout {
        var size = MemoryLayout<ProtobufCMessage>.stride
        private var oneofs: [Int: (UInt32, UInt32)] = [:]

        mutating func place(_ width: Int) -> UInt32 {
            let offset = (size + width - 1) / width * width
            size = (offset + width + 7) / 8 * 8
            return UInt32(offset)
        }

        /// The word that says which member is set, and the union; the largest member is bytes.
        mutating func place(oneof index: Int) -> (UInt32, UInt32) {
            if let known = oneofs[index] { return known }
            let placed = (place(4), place(16))
            oneofs[index] = placed
            return placed
        }
    }

    private func text(_ text: String) -> UnsafePointer<CChar> {
        immortal(text.utf8CString.map { $0 })
    }

    private func immortal<Element>(_ elements: [Element]) -> UnsafePointer<Element> {
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        memory.initialize(from: elements, count: elements.count)
        return UnsafePointer(memory)
    }

    private static func width(of kind: FieldKind) -> Int {
        switch kind {
        case .double, .int64, .uint64, .fixed64, .sfixed64, .sint64: 8
        default: 4
        }
    }

    private static func type(of kind: FieldKind) -> ProtobufCType {
        switch kind {
        case .double: PROTOBUF_C_TYPE_DOUBLE
        case .float: PROTOBUF_C_TYPE_FLOAT
        case .int64: PROTOBUF_C_TYPE_INT64
        case .uint64: PROTOBUF_C_TYPE_UINT64
        case .int32: PROTOBUF_C_TYPE_INT32
        case .fixed64: PROTOBUF_C_TYPE_FIXED64
        case .fixed32: PROTOBUF_C_TYPE_FIXED32
        case .bool: PROTOBUF_C_TYPE_BOOL
        case .string: PROTOBUF_C_TYPE_STRING
        case .message: PROTOBUF_C_TYPE_MESSAGE
        case .bytes: PROTOBUF_C_TYPE_BYTES
        case .uint32: PROTOBUF_C_TYPE_UINT32
        case .enumeration: PROTOBUF_C_TYPE_ENUM
        case .sfixed32: PROTOBUF_C_TYPE_SFIXED32
        case .sfixed64: PROTOBUF_C_TYPE_SFIXED64
        case .sint32: PROTOBUF_C_TYPE_SINT32
        case .sint64: PROTOBUF_C_TYPE_SINT64
        case .group: preconditionFailure("libprotobuf-c has no groups; schemas with them are not given to it")
        }
    }
}
