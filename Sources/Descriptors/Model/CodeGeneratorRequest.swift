public import ProtoWire

// Restated from google/protobuf/compiler/plugin.proto (names and numbers are its).

/// The version of a compiler.
public struct Version: Message {
    public var major: Int32?
    public var minor: Int32?
    public var patch: Int32?
    public var suffix: String?
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.compiler.Version", file: GeneratedFile.pluginProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: major = try reader.int32()
            case 16: minor = try reader.int32()
            case 24: patch = try reader.int32()
            case 34: suffix = try reader.string()
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        if let suffix { writer.string(suffix, tag: 34) }
        if let patch { writer.int32(patch, tag: 24) }
        if let minor { writer.int32(minor, tag: 16) }
        if let major { writer.int32(major, tag: 8) }
    }
}

/// What a compiler sends to a generator: the plugin protocol of protoc.
public struct CodeGeneratorRequest: Message {
    public var fileToGenerate: [String] = []
    public var parameter: String?
    public var compilerVersion: Version?
    public var protoFile: [FileDescriptorProto] = []
    public var sourceFileDescriptors: [FileDescriptorProto] = []
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.compiler.CodeGeneratorRequest", file: GeneratedFile.pluginProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.repeated(&fileToGenerate, tag: 10, ProtoString.self)
            case 18: parameter = try reader.string()
            case 26: try reader.message(&compilerVersion)
            case 122: try reader.messages(&protoFile, tag: 122)
            case 138: try reader.messages(&sourceFileDescriptors, tag: 138)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        writer.messages(sourceFileDescriptors, tag: 138)
        writer.messages(protoFile, tag: 122)
        if let compilerVersion { writer.message(compilerVersion, tag: 26) }
        if let parameter { writer.string(parameter, tag: 18) }
        writer.repeated(fileToGenerate, tag: 10, ProtoString.self)
    }
}

/// What a generator answers.
public struct CodeGeneratorResponse: Message {
    public var error: String?
    public var supportedFeatures: UInt64?
    public var minimumEdition: Int32?
    public var maximumEdition: Int32?
    public var file: [CodeGeneratorResponse.File] = []
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.compiler.CodeGeneratorResponse", file: GeneratedFile.pluginProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: error = try reader.string()
            case 16: supportedFeatures = try reader.uint64()
            case 24: minimumEdition = try reader.int32()
            case 32: maximumEdition = try reader.int32()
            case 122: try reader.messages(&file, tag: 122)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        writer.messages(file, tag: 122)
        if let maximumEdition { writer.int32(maximumEdition, tag: 32) }
        if let minimumEdition { writer.int32(minimumEdition, tag: 24) }
        if let supportedFeatures { writer.uint64(supportedFeatures, tag: 16) }
        if let error { writer.string(error, tag: 10) }
    }

    /// What a generator understands: bits of `supportedFeatures`.
    public struct Feature: ProtoEnum {
        public let rawValue: Int32

        @inlinable
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        public static let none = Feature(rawValue: 0)
        public static let proto3Optional = Feature(rawValue: 1)
        public static let supportsEditions = Feature(rawValue: 2)
    }

    /// One file that a generator made, or a part for one.
    public struct File: Message {
        public var name: String?
        public var insertionPoint: String?
        public var content: String?
        public var generatedCodeInfo: GeneratedCodeInfo?
        public var unknownFields = UnknownFields()

        public init() {}

        public static let descriptor = MessageDescriptor(
            fullName: "google.protobuf.compiler.CodeGeneratorResponse.File", file: GeneratedFile.pluginProto)

        public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 10: name = try reader.string()
                case 18: insertionPoint = try reader.string()
                case 122: content = try reader.string()
                case 130: try reader.message(&generatedCodeInfo)
                default: try reader.unknown(tag, &unknownFields)
                }
            }
        }

        public func encode(into writer: inout WireWriter) {
            writer.unknown(unknownFields)
            if let generatedCodeInfo { writer.message(generatedCodeInfo, tag: 130) }
            if let content { writer.string(content, tag: 122) }
            if let insertionPoint { writer.string(insertionPoint, tag: 18) }
            if let name { writer.string(name, tag: 10) }
        }
    }
}
