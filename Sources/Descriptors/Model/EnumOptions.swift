public import ProtoWire

// Restated from google/protobuf/descriptor.proto (names and numbers are its).

/// The options of an enum. Custom ones are in `unknownFields`.
public struct EnumOptions: Message {
    public var allowAlias: Bool?
    public var deprecated: Bool?
    public var deprecatedLegacyJsonFieldConflicts: Bool?
    public var features: FeatureSet?
    public var uninterpretedOption: [UninterpretedOption] = []
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.EnumOptions", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 16: allowAlias = try reader.bool()
            case 24: deprecated = try reader.bool()
            case 48: deprecatedLegacyJsonFieldConflicts = try reader.bool()
            case 58: try reader.message(&features)
            case 7994: try reader.messages(&uninterpretedOption, tag: 7994)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        writer.messages(uninterpretedOption, tag: 7994)
        if let features { writer.message(features, tag: 58) }
        if let deprecatedLegacyJsonFieldConflicts { writer.bool(deprecatedLegacyJsonFieldConflicts, tag: 48) }
        if let deprecated { writer.bool(deprecated, tag: 24) }
        if let allowAlias { writer.bool(allowAlias, tag: 16) }
    }
}

/// The options of an enum's value. Custom ones are in `unknownFields`.
public struct EnumValueOptions: Message {
    public var deprecated: Bool?
    public var features: FeatureSet?
    public var debugRedact: Bool?
    public var featureSupport: FieldOptions.FeatureSupport?
    public var uninterpretedOption: [UninterpretedOption] = []
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.EnumValueOptions", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: deprecated = try reader.bool()
            case 18: try reader.message(&features)
            case 24: debugRedact = try reader.bool()
            case 34: try reader.message(&featureSupport)
            case 7994: try reader.messages(&uninterpretedOption, tag: 7994)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        writer.messages(uninterpretedOption, tag: 7994)
        if let featureSupport { writer.message(featureSupport, tag: 34) }
        if let debugRedact { writer.bool(debugRedact, tag: 24) }
        if let features { writer.message(features, tag: 18) }
        if let deprecated { writer.bool(deprecated, tag: 8) }
    }
}
