public import Exchange

/// Why an RPC did not answer: what a handler throws to its caller, and what a client's call throws.
///
/// A retry asks `origin` and `reachedPeer`, never the text.
public struct RPCError: Error, Sendable {
    public var code: StatusCode
    /// One sentence for a person, lower case, without secrets: it travels to the peer.
    public var message: String
    public var origin: Origin
    /// The request, or part of it, may have been processed by the peer.
    public var reachedPeer: Bool
    /// What Weft or its transport knows of a failure that it made itself.
    public var cause: Failure?
    /// The response's trailers at a client; what to send as trailers at a handler.
    public var metadata: Metadata
    /// The `google.rpc.Status` of `grpc-status-details-bin`, as bytes; empty if there is none. `details(_:)` reads what is in
    /// it, `add(_:)` adds to it.
    public var details: [UInt8]
    /// The explanation of the member of the mesh that made the failure.
    public var why: Why?

    /// Who found that the call had failed.
    public enum Origin: Sendable, Equatable {
        /// The peer answered so.
        case peer
        /// The connection, or a proxy that spoke no gRPC.
        case transport
        /// This side: a deadline, a cancellation, a message that cannot be sent; and what a handler throws.
        case local
    }

    public init(
        _ code: StatusCode, _ message: String, origin: Origin = .local, reachedPeer: Bool = true, cause: Failure? = nil,
        metadata: Metadata = Metadata(), details: [UInt8] = [], why: Why? = nil
    ) {
        self.code = code
        self.message = message
        self.origin = origin
        self.reachedPeer = reachedPeer
        self.cause = cause
        self.metadata = metadata
        self.details = details
        self.why = why
    }

    /// The call's one reason, `PICK.no_endpoints[course]`, if Weft made the failure.
    public var reason: String? { why?.reason ?? cause?.reason }
}

extension RPCError {
    /// Any error as RPC's: what a handler threw as its caller may know it, a stub's error as it is.
    ///
    /// Errors that are not RPC's become UNKNOWN, and say nothing of the service's insides; a cancelled task is CANCELLED.
    public init(describing error: any Error) {
        self.init(thrown: error, isCancelled: false)
    }
}
