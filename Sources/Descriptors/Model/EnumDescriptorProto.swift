public import ProtoWire

// Restated from google/protobuf/descriptor.proto (names and numbers are its).

/// An enum, described.
public struct EnumDescriptorProto: Message {
    public var name: String?
    public var value: [EnumValueDescriptorProto] = []
    public var options: EnumOptions?
    public var reservedRange: [EnumDescriptorProto.EnumReservedRange] = []
    public var reservedName: [String] = []
    public var visibility: SymbolVisibility?
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.EnumDescriptorProto", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: name = try reader.string()
            case 18: try reader.messages(&value, tag: 18)
            case 26: try reader.message(&options)
            case 34: try reader.messages(&reservedRange, tag: 34)
            case 42: try reader.repeated(&reservedName, tag: 42, ProtoString.self)
            case 48: visibility = try reader.enumeration() as SymbolVisibility
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        if let visibility { writer.enumeration(visibility, tag: 48) }
        writer.repeated(reservedName, tag: 42, ProtoString.self)
        writer.messages(reservedRange, tag: 34)
        if let options { writer.message(options, tag: 26) }
        writer.messages(value, tag: 18)
        if let name { writer.string(name, tag: 10) }
    }

    /// Numbers that no value may have: both ends included.
    public struct EnumReservedRange: Message {
        public var start: Int32?
        public var end: Int32?
        public var unknownFields = UnknownFields()

        public init() {}

        public static let descriptor = MessageDescriptor(
            fullName: "google.protobuf.EnumDescriptorProto.EnumReservedRange", file: GeneratedFile.descriptorProto)

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

/// A value of an enum, described.
public struct EnumValueDescriptorProto: Message {
    public var name: String?
    public var number: Int32?
    public var options: EnumValueOptions?
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.EnumValueDescriptorProto", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: name = try reader.string()
            case 16: number = try reader.int32()
            case 26: try reader.message(&options)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        if let options { writer.message(options, tag: 26) }
        if let number { writer.int32(number, tag: 16) }
        if let name { writer.string(name, tag: 10) }
    }
}
