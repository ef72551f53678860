public import ProtoWire

// Restated from google/protobuf/descriptor.proto (names and numbers are its).

/// What editions say in place of proto2 and proto3.
public struct FeatureSet: Message {
    public var fieldPresence: FeatureSet.FieldPresence?
    public var enumType: FeatureSet.EnumType?
    public var repeatedFieldEncoding: FeatureSet.RepeatedFieldEncoding?
    public var utf8Validation: FeatureSet.Utf8Validation?
    public var messageEncoding: FeatureSet.MessageEncoding?
    public var jsonFormat: FeatureSet.JsonFormat?
    public var enforceNamingStyle: FeatureSet.EnforceNamingStyle?
    public var defaultSymbolVisibility: FeatureSet.VisibilityFeature.DefaultSymbolVisibility?
    public var enforceProtoLimits: FeatureSet.ProtoLimitsFeature.EnforceProtoLimits?
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.FeatureSet", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: fieldPresence = try reader.enumeration() as FeatureSet.FieldPresence
            case 16: enumType = try reader.enumeration() as FeatureSet.EnumType
            case 24: repeatedFieldEncoding = try reader.enumeration() as FeatureSet.RepeatedFieldEncoding
            case 32: utf8Validation = try reader.enumeration() as FeatureSet.Utf8Validation
            case 40: messageEncoding = try reader.enumeration() as FeatureSet.MessageEncoding
            case 48: jsonFormat = try reader.enumeration() as FeatureSet.JsonFormat
            case 56: enforceNamingStyle = try reader.enumeration() as FeatureSet.EnforceNamingStyle
            case 64:
                defaultSymbolVisibility =
                    try reader.enumeration() as FeatureSet.VisibilityFeature.DefaultSymbolVisibility
            case 72: enforceProtoLimits = try reader.enumeration() as FeatureSet.ProtoLimitsFeature.EnforceProtoLimits
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        if let enforceProtoLimits { writer.enumeration(enforceProtoLimits, tag: 72) }
        if let defaultSymbolVisibility { writer.enumeration(defaultSymbolVisibility, tag: 64) }
        if let enforceNamingStyle { writer.enumeration(enforceNamingStyle, tag: 56) }
        if let jsonFormat { writer.enumeration(jsonFormat, tag: 48) }
        if let messageEncoding { writer.enumeration(messageEncoding, tag: 40) }
        if let utf8Validation { writer.enumeration(utf8Validation, tag: 32) }
        if let repeatedFieldEncoding { writer.enumeration(repeatedFieldEncoding, tag: 24) }
        if let enumType { writer.enumeration(enumType, tag: 16) }
        if let fieldPresence { writer.enumeration(fieldPresence, tag: 8) }
    }

    /// Whether a field knows that it was set.
    public struct FieldPresence: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let fieldPresenceUnknown = FieldPresence(rawValue: 0)
        public static let explicit = FieldPresence(rawValue: 1)
        public static let implicit = FieldPresence(rawValue: 2)
        public static let legacyRequired = FieldPresence(rawValue: 3)
    }

    /// Whether an enum takes numbers that it does not name.
    public struct EnumType: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let enumTypeUnknown = EnumType(rawValue: 0)
        public static let open = EnumType(rawValue: 1)
        public static let closed = EnumType(rawValue: 2)
    }

    /// Whether repeated scalars are packed.
    public struct RepeatedFieldEncoding: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let repeatedFieldEncodingUnknown = RepeatedFieldEncoding(rawValue: 0)
        public static let packed = RepeatedFieldEncoding(rawValue: 1)
        public static let expanded = RepeatedFieldEncoding(rawValue: 2)
    }

    /// Whether strings are checked.
    public struct Utf8Validation: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let utf8ValidationUnknown = Utf8Validation(rawValue: 0)
        public static let verify = Utf8Validation(rawValue: 2)
        public static let none = Utf8Validation(rawValue: 3)
    }

    /// Whether sub-messages have a length or are groups.
    public struct MessageEncoding: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let messageEncodingUnknown = MessageEncoding(rawValue: 0)
        public static let lengthPrefixed = MessageEncoding(rawValue: 1)
        public static let delimited = MessageEncoding(rawValue: 2)
    }

    /// Whether a message must work as JSON.
    public struct JsonFormat: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let jsonFormatUnknown = JsonFormat(rawValue: 0)
        public static let allow = JsonFormat(rawValue: 1)
        public static let legacyBestEffort = JsonFormat(rawValue: 2)
    }

    /// Which names are refused.
    public struct EnforceNamingStyle: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let enforceNamingStyleUnknown = EnforceNamingStyle(rawValue: 0)
        public static let style2024 = EnforceNamingStyle(rawValue: 1)
        public static let styleLegacy = EnforceNamingStyle(rawValue: 2)
        public static let style2026 = EnforceNamingStyle(rawValue: 3)
    }

    /// Holds the visibility that symbols have by default.
    public struct VisibilityFeature: Message {
        public var unknownFields = UnknownFields()

        public init() {}

        public static let descriptor = MessageDescriptor(
            fullName: "google.protobuf.FeatureSet.VisibilityFeature", file: GeneratedFile.descriptorProto)

        public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
            while let tag = try reader.nextTag() {
                try reader.unknown(tag, &unknownFields)
            }
        }

        public func encode(into writer: inout WireWriter) {
            writer.unknown(unknownFields)
        }

        /// The visibility that symbols have by default.
        public struct DefaultSymbolVisibility: ProtoEnum {
            public let rawValue: Int32

            @inlinable
            public init(rawValue: Int32) {
                self.rawValue = rawValue
            }

            public static let defaultSymbolVisibilityUnknown = DefaultSymbolVisibility(rawValue: 0)
            public static let exportAll = DefaultSymbolVisibility(rawValue: 1)
            public static let exportTopLevel = DefaultSymbolVisibility(rawValue: 2)
            public static let localAll = DefaultSymbolVisibility(rawValue: 3)
            public static let strict = DefaultSymbolVisibility(rawValue: 4)
        }
    }

    /// Holds whether the limits of the language are enforced.
    public struct ProtoLimitsFeature: Message {
        public var unknownFields = UnknownFields()

        public init() {}

        public static let descriptor = MessageDescriptor(
            fullName: "google.protobuf.FeatureSet.ProtoLimitsFeature", file: GeneratedFile.descriptorProto)

        public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
            while let tag = try reader.nextTag() {
                try reader.unknown(tag, &unknownFields)
            }
        }

        public func encode(into writer: inout WireWriter) {
            writer.unknown(unknownFields)
        }

        /// Whether the limits of the language are enforced.
        public struct EnforceProtoLimits: ProtoEnum {
            public let rawValue: Int32

            @inlinable
            public init(rawValue: Int32) {
                self.rawValue = rawValue
            }

            public static let protoLimitsUnknown = EnforceProtoLimits(rawValue: 0)
            public static let legacyNoExplicitLimits = EnforceProtoLimits(rawValue: 1)
            public static let protoLimits2026 = EnforceProtoLimits(rawValue: 2)
        }
    }
}

/// The features of each edition.
public struct FeatureSetDefaults: Message {
    public var defaults: [FeatureSetDefaults.FeatureSetEditionDefault] = []
    public var minimumEdition: Edition?
    public var maximumEdition: Edition?
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.FeatureSetDefaults", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.messages(&defaults, tag: 10)
            case 32: minimumEdition = try reader.enumeration() as Edition
            case 40: maximumEdition = try reader.enumeration() as Edition
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        if let maximumEdition { writer.enumeration(maximumEdition, tag: 40) }
        if let minimumEdition { writer.enumeration(minimumEdition, tag: 32) }
        writer.messages(defaults, tag: 10)
    }

    /// The features of one edition.
    public struct FeatureSetEditionDefault: Message {
        public var edition: Edition?
        public var overridableFeatures: FeatureSet?
        public var fixedFeatures: FeatureSet?
        public var unknownFields = UnknownFields()

        public init() {}

        public static let descriptor = MessageDescriptor(
            fullName: "google.protobuf.FeatureSetDefaults.FeatureSetEditionDefault", file: GeneratedFile.descriptorProto
        )

        public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 24: edition = try reader.enumeration() as Edition
                case 34: try reader.message(&overridableFeatures)
                case 42: try reader.message(&fixedFeatures)
                default: try reader.unknown(tag, &unknownFields)
                }
            }
        }

        public func encode(into writer: inout WireWriter) {
            writer.unknown(unknownFields)
            if let fixedFeatures { writer.message(fixedFeatures, tag: 42) }
            if let overridableFeatures { writer.message(overridableFeatures, tag: 34) }
            if let edition { writer.enumeration(edition, tag: 24) }
        }
    }
}
