public import ProtoWire

// Restated from google/protobuf/descriptor.proto (names and numbers are its).

/// A message type, described.
public struct DescriptorProto: Message {
    public var name: String?
    public var field: [FieldDescriptorProto] = []
    public var nestedType: [DescriptorProto] = []
    public var enumType: [EnumDescriptorProto] = []
    public var extensionRange: [DescriptorProto.ExtensionRange] = []
    public var `extension`: [FieldDescriptorProto] = []
    public var options: MessageOptions?
    public var oneofDecl: [OneofDescriptorProto] = []
    public var reservedRange: [DescriptorProto.ReservedRange] = []
    public var reservedName: [String] = []
    public var visibility: SymbolVisibility?
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.DescriptorProto", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: name = try reader.string()
            case 18: try reader.messages(&field, tag: 18)
            case 26: try reader.messages(&nestedType, tag: 26)
            case 34: try reader.messages(&enumType, tag: 34)
            case 42: try reader.messages(&extensionRange, tag: 42)
            case 50: try reader.messages(&`extension`, tag: 50)
            case 58: try reader.message(&options)
            case 66: try reader.messages(&oneofDecl, tag: 66)
            case 74: try reader.messages(&reservedRange, tag: 74)
            case 82: try reader.repeated(&reservedName, tag: 82, ProtoString.self)
            case 88: visibility = try reader.enumeration() as SymbolVisibility
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        if let visibility { writer.enumeration(visibility, tag: 88) }
        writer.repeated(reservedName, tag: 82, ProtoString.self)
        writer.messages(reservedRange, tag: 74)
        writer.messages(oneofDecl, tag: 66)
        if let options { writer.message(options, tag: 58) }
        writer.messages(`extension`, tag: 50)
        writer.messages(extensionRange, tag: 42)
        writer.messages(enumType, tag: 34)
        writer.messages(nestedType, tag: 26)
        writer.messages(field, tag: 18)
        if let name { writer.string(name, tag: 10) }
    }

    /// Field numbers that other files may use for extensions: `start` included, `end` not.
    public struct ExtensionRange: Message {
        public var start: Int32?
        public var end: Int32?
        public var options: ExtensionRangeOptions?
        public var unknownFields = UnknownFields()

        public init() {}

        public static let descriptor = MessageDescriptor(
            fullName: "google.protobuf.DescriptorProto.ExtensionRange", file: GeneratedFile.descriptorProto)

        public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 8: start = try reader.int32()
                case 16: end = try reader.int32()
                case 26: try reader.message(&options)
                default: try reader.unknown(tag, &unknownFields)
                }
            }
        }

        public func encode(into writer: inout WireWriter) {
            writer.unknown(unknownFields)
            if let options { writer.message(options, tag: 26) }
            if let end { writer.int32(end, tag: 16) }
            if let start { writer.int32(start, tag: 8) }
        }
    }

    /// Field numbers that no field may have: `start` included, `end` not.
    public struct ReservedRange: Message {
        public var start: Int32?
        public var end: Int32?
        public var unknownFields = UnknownFields()

        public init() {}

        public static let descriptor = MessageDescriptor(
            fullName: "google.protobuf.DescriptorProto.ReservedRange", file: GeneratedFile.descriptorProto)

        public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 8: start = try reader.int32()
                case 16: end = try reader.int32()
                default: try reader.unknown(tag, &unknownFields)
                }
            }
        }

        public func encode(into writer: inout WireWriter) {
            writer.unknown(unknownFields)
            if let end { writer.int32(end, tag: 16) }
            if let start { writer.int32(start, tag: 8) }
        }
    }
}

/// A oneof, described. Its fields name it by its index.
public struct OneofDescriptorProto: Message {
    public var name: String?
    public var options: OneofOptions?
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.OneofDescriptorProto", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: name = try reader.string()
            case 18: try reader.message(&options)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        if let options { writer.message(options, tag: 18) }
        if let name { writer.string(name, tag: 10) }
    }
}
