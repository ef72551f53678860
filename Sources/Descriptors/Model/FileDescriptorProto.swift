public import ProtoWire

// Restated from google/protobuf/descriptor.proto (names and numbers are its).

/// The files of a contract: what `protoc --descriptor_set_out` writes.
public struct FileDescriptorSet: Message {
    public var file: [FileDescriptorProto] = []
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.FileDescriptorSet", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.messages(&file, tag: 10)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        writer.messages(file, tag: 10)
    }
}

/// A `.proto` file, described.
public struct FileDescriptorProto: Message {
    public var name: String?
    public var package: String?
    public var dependency: [String] = []
    public var messageType: [DescriptorProto] = []
    public var enumType: [EnumDescriptorProto] = []
    public var service: [ServiceDescriptorProto] = []
    public var `extension`: [FieldDescriptorProto] = []
    public var options: FileOptions?
    public var sourceCodeInfo: SourceCodeInfo?
    public var publicDependency: [Int32] = []
    public var weakDependency: [Int32] = []
    public var syntax: String?
    public var edition: Edition?
    public var optionDependency: [String] = []
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.FileDescriptorProto", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: name = try reader.string()
            case 18: package = try reader.string()
            case 26: try reader.repeated(&dependency, tag: 26, ProtoString.self)
            case 34: try reader.messages(&messageType, tag: 34)
            case 42: try reader.messages(&enumType, tag: 42)
            case 50: try reader.messages(&service, tag: 50)
            case 58: try reader.messages(&`extension`, tag: 58)
            case 66: try reader.message(&options)
            case 74: try reader.message(&sourceCodeInfo)
            case 80: try reader.repeated(&publicDependency, tag: 80, ProtoInt32.self)
            case 82: try reader.packed(&publicDependency, ProtoInt32.self)
            case 88: try reader.repeated(&weakDependency, tag: 88, ProtoInt32.self)
            case 90: try reader.packed(&weakDependency, ProtoInt32.self)
            case 98: syntax = try reader.string()
            case 112: edition = try reader.enumeration() as Edition
            case 122: try reader.repeated(&optionDependency, tag: 122, ProtoString.self)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        writer.repeated(optionDependency, tag: 122, ProtoString.self)
        if let edition { writer.enumeration(edition, tag: 112) }
        if let syntax { writer.string(syntax, tag: 98) }
        writer.repeated(weakDependency, tag: 88, ProtoInt32.self)
        writer.repeated(publicDependency, tag: 80, ProtoInt32.self)
        if let sourceCodeInfo { writer.message(sourceCodeInfo, tag: 74) }
        if let options { writer.message(options, tag: 66) }
        writer.messages(`extension`, tag: 58)
        writer.messages(service, tag: 50)
        writer.messages(enumType, tag: 42)
        writer.messages(messageType, tag: 34)
        writer.repeated(dependency, tag: 26, ProtoString.self)
        if let package { writer.string(package, tag: 18) }
        if let name { writer.string(name, tag: 10) }
    }
}
