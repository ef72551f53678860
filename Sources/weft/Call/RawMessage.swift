import ProtoWire

/// A message whose type is known only at run time: its bytes go through as they are.
struct RawMessage: Message {
    var unknownFields = UnknownFields()

    init() {}

    init(bytes: [UInt8]) {
        unknownFields = UnknownFields(bytes: bytes)
    }

    var bytes: [UInt8] { unknownFields.bytes }

    static let descriptor = MessageDescriptor(
        fullName: "", file: GeneratedFile(name: "", descriptorBase64: "", dependencies: []))

    mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            try reader.unknown(tag, &unknownFields)
        }
    }

    func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
    }
}
