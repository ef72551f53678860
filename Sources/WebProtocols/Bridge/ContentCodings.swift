import Bytes
import Compression
import RPC

/// The content codings of HTTP that bodies and messages may come in: gzip, or none (RFC 9110 §8.4.1).
///
/// Touched on one loop alone.
final class ContentCodings {
    /// As `accept-encoding` says it.
    static let supported = "gzip"
    private let threshold: Int?
    private lazy var gzip = Gzip()

    /// Made when something compressed comes or goes first.
    private final class Gzip {
        var inflater = Inflater(.gzip)
        var deflater = Deflater(.gzip)
    }

    init(threshold: Int?) {
        self.threshold = threshold
    }

    /// Whether the name is one of a coding here; an empty name is none.
    static func isKnown(_ name: String) -> Bool { name.isEmpty || name == "identity" || name == "gzip" }
    static func isCompressing(_ name: String) -> Bool { name == "gzip" }

    /// Whether a list such as `gzip;q=0.8, br` takes gzip.
    static func takesGzip(_ list: String?) -> Bool {
        (list ?? "").split(separator: ",").contains { item in
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard parts.first == "gzip" || parts.first == "*" else { return false }
            return !parts.dropFirst().contains {
                $0.hasPrefix("q=0") && $0.dropFirst(3).allSatisfy { ".0".contains($0) }
            }
        }
    }

    func inflate(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(InflateError) -> Chunk {
        try gzip.inflater.inflate(bytes, limit: limit)
    }

    func inflate(_ chunk: Chunk, limit: Int) throws(InflateError) -> Chunk {
        try gzip.inflater.inflate(chunk, limit: limit)
    }

    /// The compressed form, if it is worth it.
    func deflate(_ chunk: Chunk, headroom: Int = 0) -> Chunk? {
        guard let threshold, chunk.count >= threshold else { return nil }
        let smaller = gzip.deflater.compress(chunk, headroom: headroom)
        return smaller.count < chunk.count ? smaller : nil
    }
}

extension RPCError {
    /// What a body that cannot be decompressed is to its call.
    init(_ error: InflateError) {
        switch error {
        case .tooLarge(let limit):
            self.init(.resourceExhausted, "a message has more than \(limit) bytes once it is decompressed")
        case .malformed: self.init(.invalidArgument, "the compressed bytes are no gzip")
        case .truncated: self.init(.invalidArgument, "the compressed bytes end too early")
        }
    }
}
