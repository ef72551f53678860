import ConformanceAPI
import Descriptors
import ProtoWire

/// By the table of a type, without its generated code.
struct DynamicCodec: Codec {
    let table: MessageTable

    static func find(_ name: String) -> (any Codec)? {
        pool.message(name).map { DynamicCodec(table: $0) }
    }

    private static let transcoder = JSONTranscoder(pool: pool)

    /// The contracts of the runner's messages, linked.
    private static let pool: DescriptorPool = {
        let files = [
            ProtobufTestMessagesProto2.testMessagesProto2File,
            ProtobufTestMessagesProto3.testMessagesProto3File,
            ProtobufTestMessagesEditionsProto2.testMessagesProto2EditionsFile,
            ProtobufTestMessagesEditionsProto3.testMessagesProto3EditionsFile,
            ProtobufTestMessagesEditions.testMessagesEdition2023File,
        ]
        guard let pool = try? DescriptorPool(generated: files) else {
            preconditionFailure("generated descriptors link")
        }
        return pool
    }()

    func binary(_ bytes: [UInt8]) throws -> DynamicMessage { DynamicMessage(table, bytes: bytes) }

    func json(_ text: String, ignoresUnknown: Bool) throws -> DynamicMessage {
        var options = JSONTranscoder.ParseOptions()
        options.ignoresUnknown = ignoresUnknown
        return DynamicMessage(table, bytes: try DynamicCodec.transcoder.jsonToBinary(table, text, options))
    }

    func text(_ text: String) throws -> DynamicMessage { throw Unsupported() }

    func binary(of value: DynamicMessage) throws -> [UInt8] { value.bytes }
    func json(of value: DynamicMessage) throws -> String {
        try DynamicCodec.transcoder.binaryToJSON(table, value.bytes)
    }
    func text(of value: DynamicMessage, printsUnknown: Bool) throws -> String { throw Unsupported() }
}
