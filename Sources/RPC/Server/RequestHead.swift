import Bytes
import Compression
import Exchange

/// What a request's head asks for: a method that is served, or an answer without one.
enum RequestHead {
    case call(ServerMethod, timeout: Duration?, encoding: MessageEncoding)
    case refusal(Fields)

    /// Reads the fields once. Methods other than POST and foreign content types are HTTP's business (405, 415); what is
    /// gRPC is answered as gRPC. `te` is not asked for: proxies drop it, though the protocol demands it.
    static func read(_ head: Fields, in table: MethodTable) -> RequestHead {
        var method: ServerMethod?
        var isPost = false
        var isGRPC = false
        var timeout: Duration?
        var hasBadTimeout = false
        var encoding: MessageEncoding? = .identity
        head.withAllBytes { bytes in
            for index in 0..<head.count {
                let place = head.place(of: index)
                let start = place.start + place.nameLength
                let value = UnsafeBufferPointer(rebasing: bytes[start..<start + place.valueLength])
                switch head.name(at: index) {
                case .method: isPost = value.spells("POST")
                case .path: method = table.find(value)
                case .contentType: isGRPC = ContentType.isGRPC(value)
                case .grpcTimeout:
                    timeout = GRPCTimeout.parse(value)
                    hasBadTimeout = timeout == nil
                case .grpcEncoding: encoding = MessageEncoding(value)
                default: break
                }
            }
        }
        guard isPost else { return .refusal([":status": "405", "allow": "POST"]) }
        guard isGRPC else { return .refusal([":status": "415", "accept-post": ContentType.grpc]) }
        guard let method else { return unknownMethod(head[.path] ?? "") }
        guard let encoding else {
            return refusal(
                .unimplemented, .protocolError,
                "requests may not be compressed with '\(head[.grpcEncoding] ?? "")' here")
        }
        if hasBadTimeout { return refusal(.internal, .protocolError, "grpc-timeout is malformed") }
        return .call(method, timeout: timeout, encoding: encoding)
    }

    private static func unknownMethod(_ path: String) -> RequestHead {
        // A path that is none must not reach anything that matches paths by prefix (CVE-2026-33186).
        guard path.hasPrefix("/"), !path.hasPrefix("//") else {
            return refusal(.unimplemented, .unknownMethod, "the path names no method", httpStatus: "404")
        }
        return refusal(.unimplemented, .unknownMethod, "no service here has the method \(path.dropFirst())")
    }

    private static func refusal(
        _ code: StatusCode, _ cause: Failure.Cause, _ message: String, httpStatus: String = "200"
    ) -> RequestHead {
        var fields: Fields = [":status": httpStatus, "content-type": ContentType.grpc]
        if cause == .protocolError, code == .unimplemented {
            fields.append(.grpcAcceptEncoding, MessageEncoding.accepted)
        }
        let failure = Failure(.route, cause, detail: message, reach: .notProcessed)
        StatusTrailers.append(RPCError(code, message, cause: failure), to: &fields)
        return .refusal(fields)
    }
}
