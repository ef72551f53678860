public import ProtoWire

// Restated from google/protobuf/descriptor.proto (names and numbers are its).

/// A field or an extension, described.
public struct FieldDescriptorProto: Message {
    public var name: String?
    public var extendee: String?
    public var number: Int32?
    public var label: FieldDescriptorProto.Label?
    public var type: FieldDescriptorProto.Kind?
    public var typeName: String?
    public var defaultValue: String?
    public var options: FieldOptions?
    public var oneofIndex: Int32?
    public var jsonName: String?
    public var proto3Optional: Bool?
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.FieldDescriptorProto", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: name = try reader.string()
            case 18: extendee = try reader.string()
            case 24: number = try reader.int32()
            case 32: label = try reader.enumeration() as FieldDescriptorProto.Label
            case 40: type = try reader.enumeration() as FieldDescriptorProto.Kind
            case 50: typeName = try reader.string()
            case 58: defaultValue = try reader.string()
            case 66: try reader.message(&options)
            case 72: oneofIndex = try reader.int32()
            case 82: jsonName = try reader.string()
            case 136: proto3Optional = try reader.bool()
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        if let proto3Optional { writer.bool(proto3Optional, tag: 136) }
        if let jsonName { writer.string(jsonName, tag: 82) }
        if let oneofIndex { writer.int32(oneofIndex, tag: 72) }
        if let options { writer.message(options, tag: 66) }
        if let defaultValue { writer.string(defaultValue, tag: 58) }
        if let typeName { writer.string(typeName, tag: 50) }
        if let type { writer.enumeration(type, tag: 40) }
        if let label { writer.enumeration(label, tag: 32) }
        if let number { writer.int32(number, tag: 24) }
        if let extendee { writer.string(extendee, tag: 18) }
        if let name { writer.string(name, tag: 10) }
    }

    /// The type of a field as the contract names it: `TYPE_INT32` is `.int32`.
    public struct Kind: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let double = Kind(rawValue: 1)
        public static let float = Kind(rawValue: 2)
        public static let int64 = Kind(rawValue: 3)
        public static let uint64 = Kind(rawValue: 4)
        public static let int32 = Kind(rawValue: 5)
        public static let fixed64 = Kind(rawValue: 6)
        public static let fixed32 = Kind(rawValue: 7)
        public static let bool = Kind(rawValue: 8)
        public static let string = Kind(rawValue: 9)
        public static let group = Kind(rawValue: 10)
        public static let message = Kind(rawValue: 11)
        public static let bytes = Kind(rawValue: 12)
        public static let uint32 = Kind(rawValue: 13)
        public static let `enum` = Kind(rawValue: 14)
        public static let sfixed32 = Kind(rawValue: 15)
        public static let sfixed64 = Kind(rawValue: 16)
        public static let sint32 = Kind(rawValue: 17)
        public static let sint64 = Kind(rawValue: 18)
    }

    /// How often a field may occur.
    public struct Label: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let optional = Label(rawValue: 1)
        public static let repeated = Label(rawValue: 3)
        public static let required = Label(rawValue: 2)
    }
}
