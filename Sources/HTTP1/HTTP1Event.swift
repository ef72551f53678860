public import Bytes

/// What a client did on an HTTP/1 connection, one request after the other.
public enum HTTP1Event: Sendable {
    /// A request began: pseudo-header fields as HTTP/2 has them (`:authority` is missing if a 1.0 client named no host),
    /// then the fields without those that concern this connection only.
    case request(Fields, end: Bool)
    /// Bytes of the body. Give them back with `consume`. May be empty, if all that came was the end.
    case chunk(Chunk, end: Bool)
    /// Trailers, and with them the end of the request.
    case trailers(Fields)
    /// What was queued fell to the low mark after it had reached the high one.
    case drained
    /// The response is out and the request was read to its end: the exchange is over, another may follow.
    case finished
    /// The client broke the protocol or left: the exchange, if one was under way, is over, and the connection will be.
    /// The session has answered, if an answer was still possible.
    case failed(HTTP1Fault)
}

/// Why a request is refused.
public struct HTTP1Fault: Error, Sendable, Equatable {
    /// The status that says so: 400, 413, 414, 417, 431, 501 or 505.
    public var status: Int
    /// What was wrong: lower case, fixed text, nothing of the request in it.
    public var reason: String

    public init(_ status: Int, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}
