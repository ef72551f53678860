import Bytes
import RPC
import Timebase

/// The head of gRPC that a request of Connect becomes.
enum ConnectHead {
    /// As many digits as the protocol allows: 115 days in milliseconds.
    private static let maxTimeoutDigits = 10

    /// - Parameter encodingField: the field that names the request's compression.
    static func grpc(for request: WebRequest, encoding: String) throws(RPCError) -> Fields {
        if let version = request.head["connect-protocol-version"], version != "1" {
            throw RPCError(.invalidArgument, "connect-protocol-version is \(version); it is 1")
        }
        guard ContentCodings.isKnown(encoding) else {
            throw RPCError(
                .unimplemented, "the encoding \(encoding) is not known here; \(ContentCodings.supported) is")
        }
        var head: Fields = [":method": "POST"]
        head.reserve(fields: request.head.count + 4, bytes: request.head.listSize)
        head.append(.scheme, request.head[.scheme] ?? "http")
        head.append(.path, request.path)
        if let authority = request.head[.authority] { head.append(.authority, authority) }
        head.append(.te, "trailers")
        head.append(.contentType, "application/grpc")
        if let timeout = request.head["connect-timeout-ms"] {
            head.append(.grpcTimeout, GRPCTimeout.text(for: try duration(timeout)))
        }
        ForeignFields.append(request.head, to: &head)
        return head
    }

    private static func duration(_ text: String) throws(RPCError) -> Duration {
        guard 1...maxTimeoutDigits ~= text.utf8.count, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let milliseconds = Int64(text)
        else { throw RPCError(.invalidArgument, "connect-timeout-ms is no number of at most ten digits") }
        return .milliseconds(milliseconds)
    }
}
