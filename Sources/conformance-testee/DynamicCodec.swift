import ConformanceAPI
import Descriptors
import ProtoWire

/// By the table of a type, without its generated code.
struct DynamicCodec: Codec {
    let table: MessageTable

    static func find(_ name: String) -> (any Codec)? {
        pool.message(name).map { DynamicCodec(table: $0) }
    }

    /// The contracts of the runner's messages, linked.
    private static let pool: DescriptorPool = {
        guard let pool = try? DescriptorPool(generated: Contracts.files) else {
            preconditionFailure("generated descriptors link")
        }
        return pool
    }()

    func binary(_ bytes: [UInt8]) throws -> DynamicMessage { try DynamicMessage(table, decoding: bytes) }

    func json(_ text: String, ignoresUnknown: Bool) throws -> DynamicMessage {
        var options = JSONTranscoder.ParseOptions()
        options.ignoresUnknown = ignoresUnknown
        return try DynamicMessage(table, json: text, options, types: DynamicCodec.pool)
    }

    func text(_ text: String) throws -> DynamicMessage {
        try DynamicMessage(table, text: text, types: DynamicCodec.pool)
    }

    func binary(of value: DynamicMessage) throws -> [UInt8] { try value.canonicalBytes() }

    func json(of value: DynamicMessage) throws -> String { try value.jsonString(types: DynamicCodec.pool) }

    func text(of value: DynamicMessage, printsUnknown: Bool) throws -> String {
        var options = TextFormat.PrintOptions()
        options.printsUnknown = printsUnknown
        return try value.textString(options, types: DynamicCodec.pool)
    }
}

/// The files of the runner's messages.
enum Contracts {
    static let files = [
        ProtobufTestMessagesProto2.testMessagesProto2File,
        ProtobufTestMessagesProto3.testMessagesProto3File,
        ProtobufTestMessagesEditionsProto2.testMessagesProto2EditionsFile,
        ProtobufTestMessagesEditionsProto3.testMessagesProto3EditionsFile,
        ProtobufTestMessagesEditions.testMessagesEdition2023File,
        ProtobufTestMessagesEditionUnstable.testMessagesEditionUnstableFile,
    ]
}
