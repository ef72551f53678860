import Descriptors
import ProtoWire
import RulesAPI

/// The numbers of the options in `buf/validate/validate.proto`.
enum RuleOption {
    static let rules: UInt32 = 1159
    static let predefined: UInt32 = 1160
}

/// The rules of one element, or why its bytes are none.
enum ReadRules {
    static func message(_ proto: DescriptorProto) throws(DecodeError) -> BufValidate.MessageRules? {
        try proto.options?.unknownFields.customOption(RuleOption.rules)
    }

    static func oneof(_ proto: OneofDescriptorProto) throws(DecodeError) -> BufValidate.OneofRules? {
        try proto.options?.unknownFields.customOption(RuleOption.rules)
    }

    static func field(_ proto: FieldDescriptorProto) throws(DecodeError) -> BufValidate.FieldRules? {
        try proto.options?.unknownFields.customOption(RuleOption.rules)
    }

    static func predefined(_ proto: FieldDescriptorProto) throws(DecodeError) -> BufValidate.PredefinedRules? {
        try proto.options?.unknownFields.customOption(RuleOption.predefined)
    }
}
