import Descriptors
import ProtoWire
import RulesAPI

/// The rules of one element, or why its bytes are none.
enum ReadRules {
    /// The number of the options `message`, `oneof` and `field`.
    private static let rules: UInt32 = 1159
    /// The number of `predefined`.
    private static let predefinedRules: UInt32 = 1160

    static func message(_ proto: DescriptorProto) throws(DecodeError) -> BufValidate.MessageRules? {
        try option(rules, in: proto.options?.unknownFields)
    }

    static func oneof(_ proto: OneofDescriptorProto) throws(DecodeError) -> BufValidate.OneofRules? {
        try option(rules, in: proto.options?.unknownFields)
    }

    static func field(_ proto: FieldDescriptorProto) throws(DecodeError) -> BufValidate.FieldRules? {
        try option(rules, in: proto.options?.unknownFields)
    }

    static func predefined(_ proto: FieldDescriptorProto) throws(DecodeError) -> BufValidate.PredefinedRules? {
        try option(predefinedRules, in: proto.options?.unknownFields)
    }

    /// An option that was given in several parts is one message: parts merge in order, as protobuf says.
    private static func option<Value: Message>(
        _ number: UInt32, in fields: UnknownFields?
    ) throws(DecodeError) -> Value? {
        guard let bytes = fields?.bytes, !bytes.isEmpty else { return nil }
        return try bytes.withUnsafeBufferPointer { (raw) throws(DecodeError) in
            var reader = WireReader(UnsafeRawBufferPointer(raw))
            var value: Value?
            while let tag = try reader.nextTag() {
                if tag == number << 3 | 2 {
                    try reader.message(&value)
                } else {
                    try reader.skip(tag)
                }
            }
            return value
        }
    }
}
