public import Exchange

/// Codes for endings that speak no gRPC (gRPC, "HTTP to gRPC status code mapping"; PROTOCOL-HTTP2, "Errors").
extension StatusCode {
    /// The code for an HTTP status, when the response has no `grpc-status`.
    public init(httpStatus: Int) {
        self =
            switch httpStatus {
            case 400, 431: .internal
            case 401: .unauthenticated
            case 403: .permissionDenied
            case 404: .unimplemented
            case 429, 502, 503, 504: .unavailable
            default: .unknown
            }
    }

    /// The code for a stream that the peer reset.
    public init(reset code: ResetCode) {
        self =
            switch code {
            case .refusedStream: .unavailable
            case .cancel: .cancelled
            case .enhanceYourCalm: .resourceExhausted
            case .inadequateSecurity: .permissionDenied
            case .noError, .protocolError, .internalError, .flowControlError, .settingsTimeout, .streamClosed,
                .frameSizeError, .compressionError, .connectError, .http11Required:
                .internal
            default: .unknown
            }
    }

    /// The code for a failure that Weft or its transport made.
    public init(_ failure: Failure) {
        if let status = failure.status, let code = StatusCode(rawValue: status) {
            self = code
            return
        }
        self =
            switch failure.cause {
            case .deadline, .deadlineBudget: .deadlineExceeded
            case .cancelled: .cancelled
            case .peerReset: failure.code.map(StatusCode.init(reset:)) ?? .unavailable
            case .quota, .bulkheadFull, .queueFull, .overload, .bodyTooLarge, .headersTooLarge: .resourceExhausted
            case .policyDenied: .permissionDenied
            case .unknownMethod: .unimplemented
            case .appStatus: .unknown
            // Who is no server of HTTP/2 was not reached, like one that does not listen.
            case .protocolError where failure.phase == .connect: .unavailable
            case .invalidMessage, .protocolError: .internal
            case .noRoute, .noEndpoints, .allEjected, .peerGoAway, .peerClosed, .refused, .connectRefused,
                .connectTimeout,
                .connectFailed, .tlsUntrusted, .tlsIdentityMismatch, .tlsExpired, .tlsFailed, .breakerOpen,
                .faultInjected, .draining:
                .unavailable
            }
    }
}

extension RPCError {
    /// What a failure of Weft or its transport is to the caller.
    public init(_ failure: Failure, origin: Origin = .transport) {
        self.init(
            StatusCode(failure), failure.detail.isEmpty ? failure.reason : failure.detail, origin: origin,
            reachedPeer: failure.reach == .unknown, cause: failure,
            why: failure.attempts.isEmpty ? nil : Why(failure, attempts: failure.attempts))
    }
}
