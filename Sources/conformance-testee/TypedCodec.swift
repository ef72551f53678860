import ConformanceAPI
import Descriptors
import ProtoWire

/// By a generated type.
struct TypedCodec<Value: Message>: Codec {
    func binary(_ bytes: [UInt8]) throws -> Value { try Value(decoding: bytes) }

    func json(_ text: String, ignoresUnknown: Bool) throws -> Value {
        var options = JSONTranscoder.ParseOptions()
        options.ignoresUnknown = ignoresUnknown
        return try Value(json: text, options)
    }

    func text(_ text: String) throws -> Value { try Value(text: text) }

    func binary(of value: Value) throws -> [UInt8] { value.encoded() }
    func json(of value: Value) throws -> String { try value.jsonString() }

    func text(of value: Value, printsUnknown: Bool) throws -> String {
        var options = TextFormat.PrintOptions()
        options.printsUnknown = printsUnknown
        return try value.textString(options)
    }
}

/// The types that the runner names.
enum TypedCodecs {
    private static let all: [any Codec] = [
        TypedCodec<ProtobufTestMessagesProto2.TestAllTypesProto2>(),
        TypedCodec<ProtobufTestMessagesProto3.TestAllTypesProto3>(),
        TypedCodec<ProtobufTestMessagesEditionsProto2.TestAllTypesProto2>(),
        TypedCodec<ProtobufTestMessagesEditionsProto3.TestAllTypesProto3>(),
        TypedCodec<ProtobufTestMessagesEditions.TestAllTypesEdition2023>(),
        TypedCodec<ProtobufTestMessagesEditionUnstable.TestAllTypesEditionUnstable>(),
    ]

    static let names: [String: any Codec] = Dictionary(
        uniqueKeysWithValues: all.map { codec in (name(codec), codec) })

    static func find(_ name: String) -> (any Codec)? { names[name] }

    private static func name(_ codec: some Codec) -> String {
        guard let type = type(of: codec).Value.self as? any Message.Type else {
            preconditionFailure("a typed codec has a generated type")
        }
        return type.descriptor.fullName
    }
}
