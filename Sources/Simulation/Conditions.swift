/// How the network of a simulation behaves: what it always does, and how often it breaks what.
///
/// Every range and every chance is drawn from the seed, segment by segment and connection by connection.
public struct Conditions: Sendable {
    /// How long a segment is on its way.
    public var latency: ClosedRange<Duration> = .microseconds(50)...(.milliseconds(2))
    /// The bytes of a segment: what is written is cut so, and what arrives together is read together.
    public var segment: ClosedRange<Int> = 1_000...64_000
    /// What one connection holds in each direction, between a write and the read: then a writer must wait.
    public var capacity: ClosedRange<Int> = 64_000...256_000
    /// A read answers no more than this at once.
    public var readSize: ClosedRange<Int> = 64_000...64_000
    /// A name is looked up for so long.
    public var resolving: ClosedRange<Duration> = .milliseconds(1)...(.milliseconds(20))
    /// Connections that a listener keeps until they are accepted; further ones must try again.
    public var backlog = 128
    /// Handles that a host may have open.
    public var handleLimit = 10_000

    // How often, as a fraction of 1: for a connection...
    /// It is reset after some bytes, in some direction.
    public var resets = 0.0
    /// One direction ends after some bytes, as if the peer had closed it.
    public var halfCloses = 0.0
    /// One direction goes silent after some bytes: nothing more arrives, and nobody hears of it.
    public var silences = 0.0
    /// Nothing listens there, for once.
    public var refusals = 0.0
    /// It takes much longer to be made: up to `slowConnect`.
    public var slowConnects = 0.0
    public var slowConnect: Duration = .seconds(8)
    /// A fault of a connection comes within so many bytes: few, so that handshakes and first calls are hit as well.
    public var faultWithin = 20_000
    // ... for a segment
    /// It is lost and sent again after a while.
    public var losses = 0.0
    // ... and for a look-up
    public var resolveFailures = 0.0

    /// A machine's own network: fast, and nothing breaks.
    public static let calm = Conditions()

    /// Small pieces, slow links, small buffers: every boundary is somewhere else, but nothing breaks.
    public static let rough: Conditions = {
        var conditions = Conditions()
        conditions.latency = .microseconds(1)...(.milliseconds(30))
        conditions.segment = 1...3_000
        conditions.capacity = 2_000...40_000
        conditions.readSize = 1...5_000
        conditions.losses = 0.02
        return conditions
    }()

    /// The same, and everything breaks now and then.
    public static let hostile: Conditions = {
        var conditions = rough
        conditions.resets = 0.25
        conditions.halfCloses = 0.1
        conditions.silences = 0.1
        conditions.refusals = 0.1
        conditions.slowConnects = 0.1
        conditions.resolveFailures = 0.1
        return conditions
    }()

    public init() {}
}
