/// How the bytes of one message are compressed: the names of `grpc-encoding` (gRPC's compression.md).
public enum MessageEncoding: String, Sendable, CaseIterable {
    case identity
    /// The zlib format (RFC 1950), as HTTP means the word (RFC 9110 §8.4.1.2), and not bare deflate.
    case deflate
    /// RFC 1952.
    case gzip

    /// What zlib calls the format: the largest window, plus 16 for gzip's header and trailer.
    var windowBits: Int32 {
        switch self {
        case .identity: preconditionFailure("identity is no compression: nothing deflates or inflates it")
        case .deflate: 15
        case .gzip: 15 + 16
        }
    }
}
