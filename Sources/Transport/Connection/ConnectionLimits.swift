/// The bounds of connections and of what waits on them. Each default has its reason beside it.
public struct ConnectionLimits: Sendable {
    /// Who frames HTTP/2 here.
    public var engine = EngineChoice.standard
    /// A listener holds no more; further peers wait in the kernel's queue.
    public var maxConnections = 10_000
    /// From accept to the end of the TLS handshake: longer than any honest peer needs, also on a slow machine.
    public var handshakeTimeout: Duration = .seconds(10)
    /// From the first attempt at a connection to the peer's SETTINGS. Inside a mesh a peer that takes longer is not there.
    public var dialTimeout: Duration = .seconds(5)
    /// While one address has not answered for so long, the next one is tried beside it (RFC 8305 §5).
    public var connectStagger: Duration = .milliseconds(250)
    /// How long a pool waits after a failed dial: gRPC's connection back-off (connection-backoff.md).
    public var backoffBase: Duration = .seconds(1)
    public var backoffFactor = 1.6
    public var backoffLimit: Duration = .seconds(120)
    public var backoffJitter = 0.2
    /// Connections of one pool: each is opened because the others were at the peer's stream limit.
    public var maxConnectionsPerPool = 8
    /// Those beyond the first are closed when they were not needed for so long: a burst is over by then.
    public var extraConnectionIdle: Duration? = .seconds(30)
    /// Exchanges that wait in a pool for a connection or for a stream: more are refused at once.
    public var maxPending = 1_000
    /// Body bytes that may wait in one exchange, before its sender is held.
    public var streamBuffer = 256 * 1024
    /// A connection is replaced when it is so old, +-10 %, so that load spreads again and identities are checked anew.
    public var maxAge: Duration? = .seconds(30 * 60)
    /// How long the exchanges of such a connection may go on; nil for as long as they like, as gRPC has it.
    public var maxAgeGrace: Duration?
    /// Nor does it outlive the certificates that it was made with, less so much.
    public var certificateMargin: Duration = .seconds(5 * 60)
    /// A connection without exchanges is closed after so long: shorter than what middleboxes forget.
    public var idleTimeout: Duration? = .seconds(5 * 60)
    /// Asks the peer, by a ping, after so much silence, if set; off by default, as the mesh's own connections are used or
    /// idle out. A peer that complains makes a pool ask half as often (gRFC A8).
    public var keepalive: Duration?
    /// No client asks more often, whatever `keepalive` says (gRFC A8).
    public var keepaliveMinimum: Duration = .seconds(10)
    /// The peer must answer a ping within so long.
    public var keepaliveTimeout: Duration = .seconds(20)
    /// Asks also while no exchange is open. Most servers complain about that.
    public var keepaliveWithoutCalls = false
    /// What a listener bears: pings so far apart while exchanges are open...
    public var pingInterval: Duration = .seconds(5 * 60)
    /// ...and so far while none is, unless they are permitted as if one were.
    public var pingIntervalWithoutCalls: Duration = .seconds(2 * 3600)
    public var permitsPingsWithoutCalls = false
    /// Pings that may come too early before the peer is told to calm down and closed; 0 for as many as it likes.
    public var maxPingStrikes = 2
    /// Between the two GOAWAYs of a drain a ping goes round; a peer that does not answer it gets the second one after so
    /// long: many times the round trip of any network that the mesh runs in.
    public var drainNotice: Duration = .seconds(1)
    /// A peer that reads nothing for so long, while bytes wait for it, is left. Far above what a busy or a far one needs.
    public var writeTimeout: Duration? = .seconds(60)
    /// An exchange whose peer gives no window for so long, while bytes wait, is given up. Longer than the connection's, as
    /// a reader may pause; a quarter longer at most, as it is looked at so often.
    public var streamWriteTimeout: Duration? = .seconds(5 * 60)
    /// Exchanges that a peer may have open at once on one connection.
    public var maxConcurrentStreams = 1_000

    public init() {}
}

/// Limits as their connections keep them: once.
final class SharedLimits: Sendable {
    let values: ConnectionLimits

    init(_ values: ConnectionLimits) { self.values = values }
}
