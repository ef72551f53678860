/// How the bytes of one message are compressed: the names of `grpc-encoding` (gRPC's compression.md).
public enum MessageEncoding: String, Sendable, CaseIterable {
    case identity, deflate, gzip
}
