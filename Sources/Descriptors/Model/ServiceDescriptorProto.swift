public import ProtoWire

// Restated from google/protobuf/descriptor.proto (names and numbers are its).

/// A service, described.
public struct ServiceDescriptorProto: Message {
    public var name: String?
    public var method: [MethodDescriptorProto] = []
    public var options: ServiceOptions?
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.ServiceDescriptorProto", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: name = try reader.string()
            case 18: try reader.messages(&method, tag: 18)
            case 26: try reader.message(&options)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        if let options { writer.message(options, tag: 26) }
        writer.messages(method, tag: 18)
        if let name { writer.string(name, tag: 10) }
    }
}

/// A method of a service, described.
public struct MethodDescriptorProto: Message {
    public var name: String?
    public var inputType: String?
    public var outputType: String?
    public var options: MethodOptions?
    public var clientStreaming: Bool?
    public var serverStreaming: Bool?
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.MethodDescriptorProto", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: name = try reader.string()
            case 18: inputType = try reader.string()
            case 26: outputType = try reader.string()
            case 34: try reader.message(&options)
            case 40: clientStreaming = try reader.bool()
            case 48: serverStreaming = try reader.bool()
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        if let serverStreaming { writer.bool(serverStreaming, tag: 48) }
        if let clientStreaming { writer.bool(clientStreaming, tag: 40) }
        if let options { writer.message(options, tag: 34) }
        if let outputType { writer.string(outputType, tag: 26) }
        if let inputType { writer.string(inputType, tag: 18) }
        if let name { writer.string(name, tag: 10) }
    }
}
