public import Timebase

/// A failure that is made on purpose, for some calls and some time.
public struct FaultRule: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// The call is held up so long.
        case delay(Duration)
        /// The call is answered with this status of the protocol.
        case abort(Int)
        /// The attempt is reset when its answer begins: it was done, and nobody hears of it.
        case reset
        /// The connection that the attempt would take says GOAWAY.
        case goAway
    }

    public var name: String
    public var match: CallMatch
    public var kind: Kind
    /// Of the calls that fit, 0 to 1.
    public var share: Double
    /// No more than so many a second and sidecar meet it.
    public var mostPerSecond: Double
    /// It ends by itself then: nobody should have to remember.
    public var until: WallTime

    /// Enough to see what a fault does, and too few for an outage.
    public static let usualPerSecond = 10.0

    public init(
        _ name: String, _ kind: Kind, _ match: CallMatch = .all, share: Double, until: WallTime,
        mostPerSecond: Double = FaultRule.usualPerSecond
    ) {
        self.name = name
        self.kind = kind
        self.match = match
        self.share = share
        self.until = until
        self.mostPerSecond = mostPerSecond
    }

    /// Calls meet it, and not attempts on their way to an endpoint.
    public var isOfCalls: Bool {
        switch kind {
        case .delay, .abort: true
        case .reset, .goAway: false
        }
    }
}
