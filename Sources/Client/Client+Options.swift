public import RPC
public import Transport

extension Client {
    /// How a client protects its connections, and whom it believes.
    public enum Security: Sendable {
        case plaintext
        /// The server must prove that it is `serverName` (the target's host if nil) by a chain to one of `roots`.
        case tls(roots: [Certificate], serverName: String? = nil)
        /// Both sides prove who they are; roots and keys may change while the client lives.
        case mutual(IdentityBox, server: PeerRule)

        /// The same for every connection; `host` is what the target calls the server.
        func connection(to host: String) -> ClientSecurity {
            switch self {
            case .plaintext:
                .plaintext
            case .tls(let roots, let serverName):
                .tls(
                    TLSClientContext(
                        identity: IdentityBox(Identity(roots: roots)), serverRule: .dnsName(serverName ?? host)))
            case .mutual(let identity, let rule):
                .tls(TLSClientContext(identity: identity, serverRule: rule))
            }
        }
    }

    /// How a client makes its calls. Each default has its reason beside it.
    public struct Options: Sendable {
        public var serviceConfig = ServiceConfig()
        /// What calls say in `:authority`; nil says the target's.
        public var authority: String?
        /// Stand around each call, the first outermost.
        public var interceptors: [any ClientInterceptor] = []
        /// A longer reply is refused before it is read.
        public var maxReplyMessageBytes = MessageDeframer.defaultLimit
        /// What one call keeps of its request to repeat it with, and all calls together: the figures of gRPC's C core.
        public var replayBytesPerCall = 256 << 10
        public var replayBytes = 16 << 20
        /// Calls that may wait for a connection.
        public var maxWaitingCalls = 1_000
        /// A name that nobody complains of is looked up again after so long: soon enough to find endpoints that were added.
        public var resolutionInterval: Duration = .seconds(5 * 60)
        public var limits = ConnectionLimits.client
        /// Told on the client's loop what happens to connections.
        public var onConnectionEvent: (@Sendable (ConnectionEvent) -> Void)?

        public init(serviceConfig: ServiceConfig = ServiceConfig()) {
            self.serviceConfig = serviceConfig
        }
    }
}

extension ConnectionLimits {
    /// Those of a client that is no member of a mesh: servers decide how old connections get, and networks are wide.
    public static var client: ConnectionLimits {
        var limits = ConnectionLimits()
        limits.maxAge = nil
        // gRPC's minimum connect timeout, and its time until an unused channel goes idle.
        limits.dialTimeout = .seconds(20)
        limits.idleTimeout = .seconds(30 * 60)
        return limits
    }
}
