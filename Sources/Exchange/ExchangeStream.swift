public import Timebase
public import Bytes

/// One end of an exchange, for what this end sends; what it hears comes to its `ExchangeHandler`.
///
/// The initiator sends a request and hears a response, the responder the other way round; the calls are the same:
///
///     head ──▶ chunk* ──▶ (last chunk | trailers)          at any time: reset
///
/// A stream belongs to one loop: every call in and every call back happens on it, and none of them waits. After
/// `handler.ended` the stream takes calls and ignores them, so that nobody needs to ask whether it is still there.
/// A call that breaks the order above is a bug of the caller and stops the process.
public protocol ExchangeStream: AnyObject {
    /// Runs tasks on the loop that the stream belongs to.
    var executor: any TaskExecutor { get }

    /// Sends the header fields. `end` says that nothing follows. A responder may send interim (1xx) heads before.
    func send(head: Fields, end: Bool)

    /// Sends or queues bytes. Look at `room` first: what is sent past it is queued all the same, so that a message is
    /// never torn, but a sender that never looks is unbounded.
    func send(_ chunk: Chunk, end: Bool)

    /// Sends trailer fields and with them the end.
    func send(trailers: Fields)

    /// Gives the exchange up, in both directions. The handler still gets its `ended`, with this code as `.local`.
    func reset(_ code: ResetCode)

    /// Ends the exchange with a failure as it is, where whoever hears it is in this process; answers false where a failure
    /// must be told in the protocol's words, as on a wire.
    func fail(_ failure: Failure) -> Bool

    /// Gives the peer its window back for `count` bytes of chunks that were heard (RFC 9113 §5.2): that is the
    /// back-pressure. Whoever keeps chunks and does not consume holds the peer.
    func consume(_ count: Int)

    /// How many bytes may be sent before they would only pile up here; 0 or less means stop until `handler.hasRoom`.
    var room: Int { get }

    /// When there was a connection for it, if it had to wait for one.
    var connectedAt: Instant? { get }
}

extension ExchangeStream {
    public func fail(_ failure: Failure) -> Bool { false }
    public var connectedAt: Instant? { nil }
}

/// Hears what the peer sends on an exchange, in order, on the loop of its stream.
public protocol ExchangeHandler: AnyObject {
    /// The peer's header fields. An initiator may hear interim (1xx) ones first, never with `end`.
    func heard(head: Fields, end: Bool)
    /// Bytes of the peer's body; give them back with `consume` when they are used up.
    func heard(_ chunk: Chunk, end: Bool)
    /// The peer's trailers, and with them its end.
    func heard(trailers: Fields)
    /// There is room again after `room` had run out.
    func hasRoom()
    /// The exchange is over, exactly once, as the last call: both halves ended, or it failed.
    func ended(_ ending: Ending)
}

/// Starts exchanges: a connection pool, a policy stack around one, or an in-memory pair in tests.
///
/// Loop-bound like the streams that it makes: `open` is called on `executor`.
public protocol Exchanger: AnyObject, Sendable {
    var executor: any TaskExecutor { get }

    /// Starts an exchange and answers the stream to send on. Failures come to `handler.ended`, never before `open`
    /// has returned. Nothing is sent before `send(head:)`.
    func open(_ intent: CallIntent, handler: any ExchangeHandler) -> any ExchangeStream

    /// Whoever opens an exchange with a deadline need not watch it: it ends with `WAIT.deadline` when the time is over.
    var keepsDeadlines: Bool { get }

    /// The exchanges travel over TLS, so that their `:scheme` is `https` (RFC 9113 §8.3.1).
    var isSecure: Bool { get }
}

extension Exchanger {
    public var keepsDeadlines: Bool { false }
    public var isSecure: Bool { false }
}

/// Takes exchanges that a peer started: a router of services, a proxy's other half, an edge.
public protocol Acceptor: AnyObject, Sendable {
    /// A peer began an exchange with `head`. What it sends after goes to the handler that is returned; the answer goes
    /// to `stream`. The head is given away: who changes it need not copy it.
    func accept(
        _ head: consuming Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream
    ) -> any ExchangeHandler
}

/// What is known of an exchange before its first byte, for those who choose where it goes.
public struct CallIntent: Sendable {
    /// The service that the call is for: a name of the mesh, or an authority.
    public var destination: String
    /// The caller gives up at this time of the loop's clock.
    public var deadline: Instant?
    /// Wait for a connection until the deadline instead of failing when there is none (gRPC, "Wait for ready"). nil leaves
    /// it to what the method's configuration says.
    public var waitsForReady: Bool?
    /// The answer is one message at most: nobody can use its head before that message or its end.
    public var answersOnce: Bool

    public init(
        destination: String, deadline: Instant? = nil, waitsForReady: Bool? = nil, answersOnce: Bool = false
    ) {
        self.destination = destination
        self.deadline = deadline
        self.waitsForReady = waitsForReady
        self.answersOnce = answersOnce
    }
}

/// Who is on the other side of a connection, as far as the transport can vouch for it.
///
/// What is known lies in an object that copies share: each call of a connection keeps one, and three texts would cost each
/// three counted references.
public struct Peer: Sendable, Equatable {
    private final class Facts: Sendable {
        let address: String
        let identity: String?
        let security: String?

        init(_ address: String, _ identity: String?, _ security: String?) {
            self.address = address
            self.identity = identity
            self.security = security
        }
    }

    private var facts: Facts

    public init(address: String, identity: String? = nil, security: String? = nil) {
        facts = Facts(address, identity, security)
    }

    /// `127.0.0.1:4143`, `[::1]:80` or `unix:/run/a.sock`.
    public var address: String { facts.address }

    /// The peer's SPIFFE id from its verified certificate; nil on a plaintext connection.
    public var identity: String? {
        get { facts.identity }
        set { facts = Facts(facts.address, newValue, facts.security) }
    }

    /// `TLSv1.3`, or nil on a plaintext connection.
    public var security: String? {
        get { facts.security }
        set { facts = Facts(facts.address, facts.identity, newValue) }
    }

    public static func == (left: Peer, right: Peer) -> Bool {
        left.facts === right.facts
            || (left.address == right.address && left.identity == right.identity && left.security == right.security)
    }
}
