public import ProtoWire

// Restated from google/protobuf/descriptor.proto (names and numbers are its).

/// The options of a service. Custom ones are in `unknownFields`.
public struct ServiceOptions: Message {
    public var deprecated: Bool?
    public var features: FeatureSet?
    public var uninterpretedOption: [UninterpretedOption] = []
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.ServiceOptions", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 264: deprecated = try reader.bool()
            case 274: try reader.message(&features)
            case 7994: try reader.messages(&uninterpretedOption, tag: 7994)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        writer.messages(uninterpretedOption, tag: 7994)
        if let features { writer.message(features, tag: 274) }
        if let deprecated { writer.bool(deprecated, tag: 264) }
    }
}

/// The options of a method. Custom ones are in `unknownFields`.
public struct MethodOptions: Message {
    public var deprecated: Bool?
    public var idempotencyLevel: MethodOptions.IdempotencyLevel?
    public var features: FeatureSet?
    public var uninterpretedOption: [UninterpretedOption] = []
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.MethodOptions", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 264: deprecated = try reader.bool()
            case 272: idempotencyLevel = try reader.enumeration() as MethodOptions.IdempotencyLevel
            case 282: try reader.message(&features)
            case 7994: try reader.messages(&uninterpretedOption, tag: 7994)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        writer.messages(uninterpretedOption, tag: 7994)
        if let features { writer.message(features, tag: 282) }
        if let idempotencyLevel { writer.enumeration(idempotencyLevel, tag: 272) }
        if let deprecated { writer.bool(deprecated, tag: 264) }
    }

    /// What a second call of a method does.
    public struct IdempotencyLevel: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let idempotencyUnknown = IdempotencyLevel(rawValue: 0)
        public static let noSideEffects = IdempotencyLevel(rawValue: 1)
        public static let idempotent = IdempotencyLevel(rawValue: 2)
    }
}
