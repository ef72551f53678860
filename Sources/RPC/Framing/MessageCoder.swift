import Bytes
import Compression

/// Compresses and reads the messages of one loop's calls.
///
/// A message is compressed in one go, so one deflater and one inflater for each encoding serve all calls of a router or a
/// channel. They are made when the first compressed message comes, and kept: making one costs more than a small message.
final class MessageCoder: @unchecked Sendable {  // touched on its loop alone
    private var deflaters: [MessageEncoding: DeflaterBox] = [:]
    private var inflaters: [MessageEncoding: InflaterBox] = [:]

    private final class DeflaterBox {
        var deflater: Deflater

        init(_ encoding: MessageEncoding) { deflater = Deflater(encoding) }
    }

    private final class InflaterBox {
        var inflater: Inflater

        init(_ encoding: MessageEncoding) { inflater = Inflater(encoding) }
    }

    /// The framed message, compressed if that makes it smaller (gRPC's compression.md leaves it to the sender).
    func frame(_ message: consuming Chunk, _ encoding: MessageEncoding) -> Chunk {
        let box = deflaters[encoding] ?? DeflaterBox(encoding)
        deflaters[encoding] = box
        let compressed = box.deflater.compress(message, headroom: MessageFramer.prefixLength)
        guard compressed.count < message.count else { return MessageFramer.frame(message) }
        return MessageFramer.frame(compressed, isCompressed: true)
    }

    func inflate(_ message: Chunk, _ encoding: MessageEncoding, limit: Int) throws(FramingFault) -> Chunk {
        guard encoding != .identity else { throw .compressed }
        let box = inflaters[encoding] ?? InflaterBox(encoding)
        inflaters[encoding] = box
        do throws(InflateError) {
            return try box.inflater.inflate(message, limit: limit)
        } catch {
            switch error {
            case .malformed: throw .notInflatable("is no \(encoding.rawValue)")
            case .truncated: throw .notInflatable("ends before its \(encoding.rawValue) data does")
            case .tooLarge(let limit): throw .inflatesTooLarge(limit: limit)
            }
        }
    }
}

extension MessageEncoding {
    /// What this runtime reads, as `grpc-accept-encoding` says it.
    static let accepted = allCases.map(\.rawValue).joined(separator: ",")

    /// What a `grpc-encoding` names; nil if it is nothing that is known here.
    init?(_ name: UnsafeBufferPointer<UInt8>) {
        if name.spells("identity") {
            self = .identity
        } else if name.spells("gzip") {
            self = .gzip
        } else if name.spells("deflate") {
            self = .deflate
        } else {
            return nil
        }
    }

    /// Whether a `grpc-accept-encoding` lists it. Everybody understands `identity`.
    func isListed(in list: String) -> Bool {
        if self == .identity { return true }
        return list.split(separator: ",").contains { item in
            item.drop { $0 == " " }.prefix { $0 != " " } == rawValue
        }
    }
}
