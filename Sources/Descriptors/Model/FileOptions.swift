public import ProtoWire

// Restated from google/protobuf/descriptor.proto (names and numbers are its).

/// The options of a file. Custom ones are in `unknownFields`.
public struct FileOptions: Message {
    public var javaPackage: String?
    public var javaOuterClassname: String?
    public var optimizeFor: FileOptions.OptimizeMode?
    public var javaMultipleFiles: Bool?
    public var goPackage: String?
    public var ccGenericServices: Bool?
    public var javaGenericServices: Bool?
    public var pyGenericServices: Bool?
    public var javaGenerateEqualsAndHash: Bool?
    public var deprecated: Bool?
    public var javaStringCheckUtf8: Bool?
    public var ccEnableArenas: Bool?
    public var objcClassPrefix: String?
    public var csharpNamespace: String?
    public var swiftPrefix: String?
    public var phpClassPrefix: String?
    public var phpNamespace: String?
    public var phpMetadataNamespace: String?
    public var rubyPackage: String?
    public var features: FeatureSet?
    public var uninterpretedOption: [UninterpretedOption] = []
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.FileOptions", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: javaPackage = try reader.string()
            case 66: javaOuterClassname = try reader.string()
            case 72: optimizeFor = try reader.enumeration() as FileOptions.OptimizeMode
            case 80: javaMultipleFiles = try reader.bool()
            case 90: goPackage = try reader.string()
            case 128: ccGenericServices = try reader.bool()
            case 136: javaGenericServices = try reader.bool()
            case 144: pyGenericServices = try reader.bool()
            case 160: javaGenerateEqualsAndHash = try reader.bool()
            case 184: deprecated = try reader.bool()
            case 216: javaStringCheckUtf8 = try reader.bool()
            case 248: ccEnableArenas = try reader.bool()
            case 290: objcClassPrefix = try reader.string()
            case 298: csharpNamespace = try reader.string()
            case 314: swiftPrefix = try reader.string()
            case 322: phpClassPrefix = try reader.string()
            case 330: phpNamespace = try reader.string()
            case 354: phpMetadataNamespace = try reader.string()
            case 362: rubyPackage = try reader.string()
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
        if let rubyPackage { writer.string(rubyPackage, tag: 362) }
        if let phpMetadataNamespace { writer.string(phpMetadataNamespace, tag: 354) }
        if let phpNamespace { writer.string(phpNamespace, tag: 330) }
        if let phpClassPrefix { writer.string(phpClassPrefix, tag: 322) }
        if let swiftPrefix { writer.string(swiftPrefix, tag: 314) }
        if let csharpNamespace { writer.string(csharpNamespace, tag: 298) }
        if let objcClassPrefix { writer.string(objcClassPrefix, tag: 290) }
        if let ccEnableArenas { writer.bool(ccEnableArenas, tag: 248) }
        if let javaStringCheckUtf8 { writer.bool(javaStringCheckUtf8, tag: 216) }
        if let deprecated { writer.bool(deprecated, tag: 184) }
        if let javaGenerateEqualsAndHash { writer.bool(javaGenerateEqualsAndHash, tag: 160) }
        if let pyGenericServices { writer.bool(pyGenericServices, tag: 144) }
        if let javaGenericServices { writer.bool(javaGenericServices, tag: 136) }
        if let ccGenericServices { writer.bool(ccGenericServices, tag: 128) }
        if let goPackage { writer.string(goPackage, tag: 90) }
        if let javaMultipleFiles { writer.bool(javaMultipleFiles, tag: 80) }
        if let optimizeFor { writer.enumeration(optimizeFor, tag: 72) }
        if let javaOuterClassname { writer.string(javaOuterClassname, tag: 66) }
        if let javaPackage { writer.string(javaPackage, tag: 10) }
    }

    /// What generated code should be good at.
    public struct OptimizeMode: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let speed = OptimizeMode(rawValue: 1)
        public static let codeSize = OptimizeMode(rawValue: 2)
        public static let liteRuntime = OptimizeMode(rawValue: 3)
    }
}
