public import Glibc

extension Fields {
    /// The names that the mesh itself reads or writes; every other name is `.other` and is passed on untouched.
    public enum Name: UInt8, Sendable, BitwiseCopyable, CaseIterable {
        case other
        case method, scheme, authority, path, status
        case contentType, contentLength, te, userAgent, host, connection, transferEncoding
        case grpcTimeout, grpcEncoding, grpcAcceptEncoding, grpcStatus, grpcMessage, grpcStatusDetails
        case grpcPreviousAttempts, grpcRetryPushback
        case requestID, traceParent, weftWhy, weftCaller, weftRetries, weftCriticality, authorization

        public var text: String { spelling.description }

        @inlinable
        public var bytes: UnsafeBufferPointer<UInt8> {
            let spelling = spelling
            return UnsafeBufferPointer(start: spelling.utf8Start, count: spelling.utf8CodeUnitCount)
        }

        /// The name's letters, which live as long as the process.
        @inlinable
        var spelling: StaticString {
            switch self {
            case .other: ""
            case .method: ":method"
            case .scheme: ":scheme"
            case .authority: ":authority"
            case .path: ":path"
            case .status: ":status"
            case .contentType: "content-type"
            case .contentLength: "content-length"
            case .te: "te"
            case .userAgent: "user-agent"
            case .host: "host"
            case .connection: "connection"
            case .transferEncoding: "transfer-encoding"
            case .grpcTimeout: "grpc-timeout"
            case .grpcEncoding: "grpc-encoding"
            case .grpcAcceptEncoding: "grpc-accept-encoding"
            case .grpcStatus: "grpc-status"
            case .grpcMessage: "grpc-message"
            case .grpcStatusDetails: "grpc-status-details-bin"
            case .grpcPreviousAttempts: "grpc-previous-rpc-attempts"
            case .grpcRetryPushback: "grpc-retry-pushback-ms"
            case .requestID: "x-request-id"
            case .traceParent: "traceparent"
            case .weftWhy: "weft-why-bin"
            case .weftCaller: "weft-caller"
            case .weftRetries: "weft-retries"
            case .weftCriticality: "weft-criticality"
            case .authorization: "authorization"
            }
        }

        @inlinable
        public var isPseudo: Bool { rawValue >= Name.method.rawValue && rawValue <= Name.status.rawValue }

        /// The name that `bytes` spell, by length first: most names need one comparison.
        @inlinable
        public init(_ bytes: UnsafeBufferPointer<UInt8>) {
            self = Name.candidates(ofLength: bytes.count, last: bytes.last ?? 0)
            // The one pair of names that share both.
            if self == .contentType, bytes[0] == UInt8(ascii: "g") { self = .grpcMessage }
            if self != .other, !Name.spells(self, bytes) { self = .other }
        }

        @inlinable
        static func spells(_ name: Name, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
            let spelled = name.bytes
            guard spelled.count == bytes.count, let left = spelled.baseAddress, let right = bytes.baseAddress else {
                return false
            }
            return memcmp(left, right, bytes.count) == 0
        }

        /// No two names share a length and a last letter, but for `content-type` and `grpc-message`; a test reads every
        /// name back.
        @usableFromInline
        static func candidates(ofLength length: Int, last: UInt8) -> Name {
            switch (length, last) {
            case (2, _): .te
            case (4, _): .host
            case (5, _): .path
            case (7, UInt8(ascii: "d")): .method
            case (7, UInt8(ascii: "e")): .scheme
            case (7, UInt8(ascii: "s")): .status
            case (10, UInt8(ascii: "y")): .authority
            case (10, UInt8(ascii: "t")): .userAgent
            case (10, UInt8(ascii: "n")): .connection
            case (11, UInt8(ascii: "s")): .grpcStatus
            case (11, UInt8(ascii: "t")): .traceParent
            case (11, UInt8(ascii: "r")): .weftCaller
            case (12, UInt8(ascii: "e")): .contentType
            case (12, UInt8(ascii: "t")): .grpcTimeout
            case (12, UInt8(ascii: "d")): .requestID
            case (12, UInt8(ascii: "n")): .weftWhy
            case (12, UInt8(ascii: "s")): .weftRetries
            case (13, UInt8(ascii: "g")): .grpcEncoding
            case (13, UInt8(ascii: "n")): .authorization
            case (14, UInt8(ascii: "h")): .contentLength
            case (16, _): .weftCriticality
            case (17, _): .transferEncoding
            case (20, _): .grpcAcceptEncoding
            case (22, _): .grpcRetryPushback
            case (23, _): .grpcStatusDetails
            case (26, _): .grpcPreviousAttempts
            default: .other
            }
        }
    }
}
