public import ProtoWire

// Restated from google/protobuf/descriptor.proto (names and numbers are its).

/// The options of a field. Custom ones are in `unknownFields`.
public struct FieldOptions: Message {
    public var ctype: FieldOptions.CType?
    public var packed: Bool?
    public var deprecated: Bool?
    public var lazy: Bool?
    public var jstype: FieldOptions.JSType?
    public var weak: Bool?
    public var unverifiedLazy: Bool?
    public var debugRedact: Bool?
    public var retention: FieldOptions.OptionRetention?
    public var targets: [FieldOptions.OptionTargetType] = []
    public var editionDefaults: [FieldOptions.EditionDefault] = []
    public var features: FeatureSet?
    public var featureSupport: FieldOptions.FeatureSupport?
    public var uninterpretedOption: [UninterpretedOption] = []
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.FieldOptions", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: ctype = try reader.enumeration() as FieldOptions.CType
            case 16: packed = try reader.bool()
            case 24: deprecated = try reader.bool()
            case 40: lazy = try reader.bool()
            case 48: jstype = try reader.enumeration() as FieldOptions.JSType
            case 80: weak = try reader.bool()
            case 120: unverifiedLazy = try reader.bool()
            case 128: debugRedact = try reader.bool()
            case 136: retention = try reader.enumeration() as FieldOptions.OptionRetention
            case 152: try reader.repeated(&targets, tag: 152, ProtoEnumOf<FieldOptions.OptionTargetType>.self)
            case 154: try reader.packed(&targets, ProtoEnumOf<FieldOptions.OptionTargetType>.self)
            case 162: try reader.messages(&editionDefaults, tag: 162)
            case 170: try reader.message(&features)
            case 178: try reader.message(&featureSupport)
            case 7994: try reader.messages(&uninterpretedOption, tag: 7994)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        writer.messages(uninterpretedOption, tag: 7994)
        if let featureSupport { writer.message(featureSupport, tag: 178) }
        if let features { writer.message(features, tag: 170) }
        writer.messages(editionDefaults, tag: 162)
        writer.repeated(targets, tag: 152, ProtoEnumOf<FieldOptions.OptionTargetType>.self)
        if let retention { writer.enumeration(retention, tag: 136) }
        if let debugRedact { writer.bool(debugRedact, tag: 128) }
        if let unverifiedLazy { writer.bool(unverifiedLazy, tag: 120) }
        if let weak { writer.bool(weak, tag: 80) }
        if let jstype { writer.enumeration(jstype, tag: 48) }
        if let lazy { writer.bool(lazy, tag: 40) }
        if let deprecated { writer.bool(deprecated, tag: 24) }
        if let packed { writer.bool(packed, tag: 16) }
        if let ctype { writer.enumeration(ctype, tag: 8) }
    }

    /// The C++ type of a string field.
    public struct CType: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let string = CType(rawValue: 0)
        public static let cord = CType(rawValue: 1)
        public static let stringPiece = CType(rawValue: 2)
    }

    /// The JavaScript type of a 64-bit field.
    public struct JSType: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let normal = JSType(rawValue: 0)
        public static let string = JSType(rawValue: 1)
        public static let number = JSType(rawValue: 2)
    }

    /// Whether an option stays in descriptors at run time.
    public struct OptionRetention: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let unknown = OptionRetention(rawValue: 0)
        public static let runtime = OptionRetention(rawValue: 1)
        public static let source = OptionRetention(rawValue: 2)
    }

    /// What an option may be set on.
    public struct OptionTargetType: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let unknown = OptionTargetType(rawValue: 0)
        public static let file = OptionTargetType(rawValue: 1)
        public static let extensionRange = OptionTargetType(rawValue: 2)
        public static let message = OptionTargetType(rawValue: 3)
        public static let field = OptionTargetType(rawValue: 4)
        public static let oneof = OptionTargetType(rawValue: 5)
        public static let `enum` = OptionTargetType(rawValue: 6)
        public static let enumEntry = OptionTargetType(rawValue: 7)
        public static let service = OptionTargetType(rawValue: 8)
        public static let method = OptionTargetType(rawValue: 9)
    }

    /// The default of a feature in an edition.
    public struct EditionDefault: Message {
        public var value: String?
        public var edition: Edition?
        public var unknownFields = UnknownFields()

        public init() {}

        public static let descriptor = MessageDescriptor(
            fullName: "google.protobuf.FieldOptions.EditionDefault", file: GeneratedFile.descriptorProto)

        public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 18: value = try reader.string()
                case 24: edition = try reader.enumeration() as Edition
                default: try reader.unknown(tag, &unknownFields)
                }
            }
        }

        public func encode(into writer: inout WireWriter) {
            writer.unknown(unknownFields)
            if let edition { writer.enumeration(edition, tag: 24) }
            if let value { writer.string(value, tag: 18) }
        }
    }

    /// The editions in which a feature may be used.
    public struct FeatureSupport: Message {
        public var editionIntroduced: Edition?
        public var editionDeprecated: Edition?
        public var deprecationWarning: String?
        public var editionRemoved: Edition?
        public var removalError: String?
        public var unknownFields = UnknownFields()

        public init() {}

        public static let descriptor = MessageDescriptor(
            fullName: "google.protobuf.FieldOptions.FeatureSupport", file: GeneratedFile.descriptorProto)

        public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 8: editionIntroduced = try reader.enumeration() as Edition
                case 16: editionDeprecated = try reader.enumeration() as Edition
                case 26: deprecationWarning = try reader.string()
                case 32: editionRemoved = try reader.enumeration() as Edition
                case 42: removalError = try reader.string()
                default: try reader.unknown(tag, &unknownFields)
                }
            }
        }

        public func encode(into writer: inout WireWriter) {
            writer.unknown(unknownFields)
            if let removalError { writer.string(removalError, tag: 42) }
            if let editionRemoved { writer.enumeration(editionRemoved, tag: 32) }
            if let deprecationWarning { writer.string(deprecationWarning, tag: 26) }
            if let editionDeprecated { writer.enumeration(editionDeprecated, tag: 16) }
            if let editionIntroduced { writer.enumeration(editionIntroduced, tag: 8) }
        }
    }
}
