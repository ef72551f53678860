import Bytes
import Compression
import Descriptors
import MeshAPI
import ProtoWire

/// Makes people read messages: the JSON of what the contract says they are, without what it marks as secret.
struct TapDecoder {
    /// What a compressed message may become: as much as a server takes by default.
    private static let mostInflated = 4 << 20

    private let index: ContractIndex?
    private let pool: DescriptorPool?
    private let redactor: JSONRedactor

    /// Without contracts (nobody gave any) messages are told by their size alone.
    init(_ index: ContractIndex?) throws {
        self.index = index
        pool = try index.map { try DescriptorPool($0.files) }
        redactor = JSONRedactor(index?.files ?? [])
    }

    /// The message as JSON, or what keeps it from being shown.
    func text(of message: WeftAdminV1.TapMessage, method: String, encoding: String) -> TapText {
        guard Int(message.size) == message.content.count else {
            return .unreadable("\(message.size) bytes, of which \(message.content.count) were taken")
        }
        guard let pool, case .method(let declared, _)? = index?.find(method), let types = pool.types(of: declared)
        else {
            return .unreadable("\(message.size) bytes: no contract of the method is known")
        }
        let table = message.isRequest ? types.input : types.output
        do {
            let bytes = message.isCompressed ? try inflated(message.content, encoding) : message.content
            let json = try JSONTranscoder(pool: pool).binaryToJSON(table, bytes)
            return .json(redactor.redacted(json, type: table.fullName))
        } catch {
            return .unreadable("\(message.size) bytes that are no \(table.fullName): \(error)")
        }
    }

    private func inflated(_ bytes: [UInt8], _ name: String) throws -> [UInt8] {
        guard let encoding = MessageEncoding(rawValue: name) ?? guess(bytes), encoding != .identity else {
            throw TapFault(description: "compressed by '\(name)', which is not known here")
        }
        var inflater = Inflater(encoding)
        return try inflater.inflate(Chunk(bytes), limit: Self.mostInflated).array
    }

    /// An answer's encoding stands in its own head, which is not told: gzip says itself what it is (RFC 1952 §2.3.1).
    private func guess(_ bytes: [UInt8]) -> MessageEncoding? {
        bytes.starts(with: [0x1f, 0x8b]) ? MessageEncoding(rawValue: "gzip") : MessageEncoding(rawValue: "deflate")
    }
}

enum TapText: Equatable {
    case json(String)
    /// Why there is none.
    case unreadable(String)
}

private struct TapFault: Error, CustomStringConvertible {
    let description: String
}
