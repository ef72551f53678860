public import Bytes

/// What a driver must be told of the protocol that its calls speak; policies and drivers do not know gRPC.
public protocol CallDialect: AnyObject, Sendable {
    /// How long the caller gives the call, by its head.
    func timeout(of head: Fields) -> Duration?

    /// Fits a request's head to an attempt: what remains of the time, and which attempt it is.
    func prepare(_ head: inout Fields, remaining: Duration?, attempt: Int)

    /// Judges a response that is complete. Without trailers, the head was all there is, or the body ended without any.
    func judge(head: Fields, trailers: Fields?) -> Outcome

    /// Judges a failure of Weft or of the transport.
    func judge(_ failure: Failure) -> Outcome

    /// What the caller hears of a failure when it has heard nothing yet: a head with `end`.
    func answer(to failure: Failure, of call: CallHead, after attempts: [AttemptRecord]) -> Fields

    /// What the caller hears of a failure when the response had begun. nil resets the stream.
    func trailers(for failure: Failure, of call: CallHead, after attempts: [AttemptRecord]) -> Fields?

    /// Adds to an answer of the peer, which is passed on, that the call was tried more than once, or that nobody further out
    /// shall try it (`CallHead.retriesAreSpent`).
    func accompany(_ answer: inout Fields, of call: CallHead)
}

extension CallDialect {
    public func accompany(_ answer: inout Fields, of call: CallHead) {}
}

/// What one try of a call was like, for the answer to "why".
public struct AttemptRecord: Sendable, Equatable {
    public var endpoint: String
    /// From the call's arrival, or the end of the attempt before, until this one was opened.
    public var waited: Duration
    /// From then until there was a connection for it.
    public var connected: Duration = .zero
    /// From then until the whole request was sent, or to its end if it was not.
    public var sent: Duration = .zero
    /// From then to its end.
    public var awaited: Duration
    /// The state of the endpoint's breaker when the attempt ended: `closed`, `open` or `probing`.
    public var breaker = ""
    /// Why it failed: `CONNECT.connect_refused[...]`, or the protocol's status where the peer answered.
    public var reason: String

    /// From when it began to its end.
    public var lasted: Duration { connected + sent + awaited }

    public init(endpoint: String, waited: Duration, awaited: Duration, reason: String) {
        self.endpoint = endpoint
        self.waited = waited
        self.awaited = awaited
        self.reason = reason
    }
}
