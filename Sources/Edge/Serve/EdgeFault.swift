internal import Bytes
internal import Exchange
internal import RPC
internal import ServiceKit

/// Why the edge answers with an error, as an HTTP status and a gRPC code that mean the same.
struct EdgeFault: Error, Sendable {
    let httpStatus: Int
    let code: Int
    let message: String
    /// Methods for an `Allow` field (RFC 9110 §10.2.1), with 405.
    var allow: [String] = []
    /// What the client may know of a failure of the mesh.
    var reason: CoarseReason?

    init(_ httpStatus: Int, code: Int, _ message: String, allow: [String] = []) {
        self.httpStatus = httpStatus
        self.code = code
        self.message = message
        self.allow = allow
    }

    /// The error that a service answered with.
    init(code: Int, message: String) {
        self.init(StatusNames.httpStatus(of: code), code: code, message)
    }

    static func invalid(_ message: String) -> EdgeFault { EdgeFault(400, code: 3, message) }

    /// A failure that the mesh made: outsiders learn no addresses, policies or states, only a coarse reason. The whole of it
    /// is found by the request's id (`weft why`).
    init(_ status: StatusTrailers, _ why: Why?) {
        self.init(code: status.code.rawValue, message: status.message)
        guard let why, let failure = why.failure, failure.cause != .appStatus else { return }
        let coarse = ReasonGuide.of(failure.phase, failure.cause)?.coarse ?? .failed
        reason = coarse
        // What Weft wrote begins with its reason; any other text is the application's own, and stays.
        guard status.message.hasPrefix(ReasonGuide.name(failure.phase, failure.cause)) || status.message == why.detail
        else { return }
        self = EdgeFault(httpStatus, code: code, coarse.sentence)
        reason = coarse
    }

    /// The edge could not reach its sidecar, or lost it.
    init(_ failure: Failure) {
        let coarse = ReasonGuide.of(failure.phase, failure.cause)?.coarse ?? .unavailable
        self.init(code: failure.cause == .deadline ? 4 : 14, message: coarse.sentence)
        reason = coarse
    }

    /// `{"code":5,"status":"NOT_FOUND","message":"...","requestId":"..."}`, and `"reason":"unavailable"` where the mesh failed.
    func body(requestID: String) -> [UInt8] {
        var text = JSONText()
        text.open()
        text.member("code", code)
        text.member("status", StatusNames.name(of: code))
        text.member("message", message)
        text.member("requestId", requestID)
        if let reason { text.member("reason", reason.rawValue) }
        text.close()
        return text.bytes
    }
}

/// The gRPC status codes as REST clients see them (the public google.rpc.Code).
enum StatusNames {
    private static let names = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ]
    private static let statuses = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401]

    static func name(of code: Int) -> String { names.indices.contains(code) ? names[code] : "UNKNOWN" }
    static func httpStatus(of code: Int) -> Int { statuses.indices.contains(code) ? statuses[code] : 500 }
}
