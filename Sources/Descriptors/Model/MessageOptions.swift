public import ProtoWire

// Restated from google/protobuf/descriptor.proto (names and numbers are its).

/// The options of a message type. Custom ones are in `unknownFields`.
public struct MessageOptions: Message {
    public var messageSetWireFormat: Bool?
    public var noStandardDescriptorAccessor: Bool?
    public var deprecated: Bool?
    public var mapEntry: Bool?
    public var deprecatedLegacyJsonFieldConflicts: Bool?
    public var features: FeatureSet?
    public var uninterpretedOption: [UninterpretedOption] = []
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.MessageOptions", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: messageSetWireFormat = try reader.bool()
            case 16: noStandardDescriptorAccessor = try reader.bool()
            case 24: deprecated = try reader.bool()
            case 56: mapEntry = try reader.bool()
            case 88: deprecatedLegacyJsonFieldConflicts = try reader.bool()
            case 98: try reader.message(&features)
            case 7994: try reader.messages(&uninterpretedOption, tag: 7994)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        writer.messages(uninterpretedOption, tag: 7994)
        if let features { writer.message(features, tag: 98) }
        if let deprecatedLegacyJsonFieldConflicts { writer.bool(deprecatedLegacyJsonFieldConflicts, tag: 88) }
        if let mapEntry { writer.bool(mapEntry, tag: 56) }
        if let deprecated { writer.bool(deprecated, tag: 24) }
        if let noStandardDescriptorAccessor { writer.bool(noStandardDescriptorAccessor, tag: 16) }
        if let messageSetWireFormat { writer.bool(messageSetWireFormat, tag: 8) }
    }
}

/// The options of a oneof. Custom ones are in `unknownFields`.
public struct OneofOptions: Message {
    public var features: FeatureSet?
    public var uninterpretedOption: [UninterpretedOption] = []
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.OneofOptions", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.message(&features)
            case 7994: try reader.messages(&uninterpretedOption, tag: 7994)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        writer.messages(uninterpretedOption, tag: 7994)
        if let features { writer.message(features, tag: 10) }
    }
}

/// The options of an extension range.
public struct ExtensionRangeOptions: Message {
    public var declaration: [ExtensionRangeOptions.Declaration] = []
    public var verification: ExtensionRangeOptions.VerificationState?
    public var features: FeatureSet?
    public var uninterpretedOption: [UninterpretedOption] = []
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.ExtensionRangeOptions", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 18: try reader.messages(&declaration, tag: 18)
            case 24: verification = try reader.enumeration() as ExtensionRangeOptions.VerificationState
            case 402: try reader.message(&features)
            case 7994: try reader.messages(&uninterpretedOption, tag: 7994)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        writer.messages(uninterpretedOption, tag: 7994)
        if let features { writer.message(features, tag: 402) }
        if let verification { writer.enumeration(verification, tag: 24) }
        writer.messages(declaration, tag: 18)
    }

    /// Whether a range takes extensions that it does not declare.
    public struct VerificationState: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let declaration = VerificationState(rawValue: 0)
        public static let unverified = VerificationState(rawValue: 1)
    }

    /// An extension that a range expects.
    public struct Declaration: Message {
        public var number: Int32?
        public var fullName: String?
        public var type: String?
        public var reserved: Bool?
        public var repeated: Bool?
        public var unknownFields = UnknownFields()

        public init() {}

        public static let descriptor = MessageDescriptor(
            fullName: "google.protobuf.ExtensionRangeOptions.Declaration", file: GeneratedFile.descriptorProto)

        public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 8: number = try reader.int32()
                case 18: fullName = try reader.string()
                case 26: type = try reader.string()
                case 40: reserved = try reader.bool()
                case 48: repeated = try reader.bool()
                default: try reader.unknown(tag, &unknownFields)
                }
            }
        }

        public func encode(into writer: inout WireWriter) {
            writer.unknown(unknownFields)
            if let repeated { writer.bool(repeated, tag: 48) }
            if let reserved { writer.bool(reserved, tag: 40) }
            if let type { writer.string(type, tag: 26) }
            if let fullName { writer.string(fullName, tag: 18) }
            if let number { writer.int32(number, tag: 8) }
        }
    }
}
