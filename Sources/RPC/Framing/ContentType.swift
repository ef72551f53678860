import Bytes
import Glibc

/// The content types that are gRPC with messages of protobuf: `application/grpc`, alone or with `+proto`, and parameters.
enum ContentType {
    static let grpc = "application/grpc"
    private static let length = 16
    private static let proto: StaticString = "+proto"

    static func isGRPC(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        guard value.count >= length, UnsafeBufferPointer(rebasing: value[..<length]).spells("application/grpc") else {
            return false
        }
        // `application/grpc-web` and `application/grpcfoo` are something else; `+json` would be gRPC, in words that nobody
        // here reads.
        var rest = value[length...]
        if rest.first == UInt8(ascii: "+") {
            guard rest.count >= proto.utf8CodeUnitCount,
                UnsafeBufferPointer(rebasing: rest.prefix(proto.utf8CodeUnitCount)).spells(proto)
            else { return false }
            rest = rest.dropFirst(proto.utf8CodeUnitCount)
        }
        // Parameters, which mean nothing here, may have space before them (RFC 9110 §8.3.1).
        guard let next = rest.first(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }) else { return true }
        return next == UInt8(ascii: ";")
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The bytes are exactly those of `text`.
    func spells(_ text: StaticString) -> Bool {
        guard let bytes = baseAddress, count == text.utf8CodeUnitCount else { return false }
        return memcmp(bytes, text.utf8Start, count) == 0
    }
}
