public import ProtoWire

// Restated from google/protobuf/descriptor.proto (names and numbers are its).

/// An option that no linker has looked at yet. None are left in a linked file.
public struct UninterpretedOption: Message {
    public var name: [UninterpretedOption.NamePart] = []
    public var identifierValue: String?
    public var positiveIntValue: UInt64?
    public var negativeIntValue: Int64?
    public var doubleValue: Double?
    public var stringValue: [UInt8]?
    public var aggregateValue: String?
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.UninterpretedOption", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 18: try reader.messages(&name, tag: 18)
            case 26: identifierValue = try reader.string()
            case 32: positiveIntValue = try reader.uint64()
            case 40: negativeIntValue = try reader.int64()
            case 49: doubleValue = try reader.double()
            case 58: stringValue = try reader.bytes()
            case 66: aggregateValue = try reader.string()
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        if let aggregateValue { writer.string(aggregateValue, tag: 66) }
        if let stringValue { writer.bytes(stringValue, tag: 58) }
        if let doubleValue { writer.double(doubleValue, tag: 49) }
        if let negativeIntValue { writer.int64(negativeIntValue, tag: 40) }
        if let positiveIntValue { writer.uint64(positiveIntValue, tag: 32) }
        if let identifierValue { writer.string(identifierValue, tag: 26) }
        writer.messages(name, tag: 18)
    }

    /// One part of an option's name: `(a.b)` is an extension.
    public struct NamePart: Message {
        public var namePart: String?
        public var isExtension: Bool?
        public var unknownFields = UnknownFields()

        public init() {}

        public static let descriptor = MessageDescriptor(
            fullName: "google.protobuf.UninterpretedOption.NamePart", file: GeneratedFile.descriptorProto)

        public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 10: namePart = try reader.string()
                case 16: isExtension = try reader.bool()
                default: try reader.unknown(tag, &unknownFields)
                }
            }
        }

        public func encode(into writer: inout WireWriter) {
            writer.unknown(unknownFields)
            if let isExtension { writer.bool(isExtension, tag: 16) }
            if let namePart { writer.string(namePart, tag: 10) }
        }
    }
}
