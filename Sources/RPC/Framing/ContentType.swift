import Bytes

/// The content types that are gRPC: `application/grpc`, alone or with `+proto`, `+json`, or parameters.
enum ContentType {
    static let grpc = "application/grpc"
    private static let bytes = Array(grpc.utf8)

    static func isGRPC(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        guard value.count >= bytes.count, value.prefix(bytes.count).elementsEqual(bytes) else { return false }
        if value.count == bytes.count { return true }
        // `application/grpc-web` and `application/grpcfoo` are something else.
        return value[bytes.count] == UInt8(ascii: "+") || value[bytes.count] == UInt8(ascii: ";")
    }
}
