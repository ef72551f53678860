import Bytes
import Glibc

/// The content types that are gRPC: `application/grpc`, alone or with `+proto`, `+json`, or parameters.
enum ContentType {
    static let grpc = "application/grpc"
    private static let length = 16

    static func isGRPC(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        guard value.count >= length, UnsafeBufferPointer(rebasing: value[..<length]).spells("application/grpc") else {
            return false
        }
        if value.count == length { return true }
        // `application/grpc-web` and `application/grpcfoo` are something else.
        return value[length] == UInt8(ascii: "+") || value[length] == UInt8(ascii: ";")
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The bytes are exactly those of `text`.
    func spells(_ text: StaticString) -> Bool {
        guard let bytes = baseAddress, count == text.utf8CodeUnitCount else { return false }
        return memcmp(bytes, text.utf8Start, count) == 0
    }
}
