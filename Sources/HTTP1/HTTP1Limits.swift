/// What a client may make an `HTTP1Session` keep or do.
public struct HTTP1Limits: Sendable, Equatable {
    /// The request line, else 414. The commonest limit of servers and proxies, and four times what browsers need.
    public var maxRequestLine = 8 << 10
    /// All header fields together, and all trailers, else 431.
    public var maxFields = 32 << 10
    /// Fields of a head or of trailers, else 431: each costs work beyond its bytes.
    public var maxFieldCount = 128
    /// The body, else 413. Whoever streams larger bodies raises it.
    public var maxBody = 64 << 20
    /// Chunk extensions of one body (CVE-2023-39326): nobody here reads them.
    public var maxChunkExtensions = 4 << 10
    /// Bytes of the body that were handed out and not consumed, above which `wantsRead` says no.
    public var window = 256 << 10
    /// Bytes that came while the request before them is being answered, above which `wantsRead` says no.
    public var maxPipelined = 64 << 10
    /// What is read and thrown away of a body that the response did not wait for; beyond it the connection closes.
    public var maxDiscarded = 64 << 10
    /// Requests on one connection: a bound on how long one may evade a new configuration.
    public var maxRequests = 10_000
    /// At this many queued bytes there is no room left...
    public var highMark = 256 << 10
    /// ...and at this many there is again, and `drained` says so.
    public var lowMark = 64 << 10

    public init() {}
}
