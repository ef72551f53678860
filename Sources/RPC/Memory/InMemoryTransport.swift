public import Exchange

/// Joins channels to a router in this process, without sockets: the tests of a service, with its own stubs.
///
///     let loop = InMemoryLoop()
///     let router = Router(timers: loop)
///     router.add(CourseHandlers(store: FakeStore()))
///     let transport = InMemoryTransport(serving: router, on: loop)
///
///     let courses = LearnCourseV1.CourseServiceClient(transport.channel())
///     let course = try await courses.getCourse(request)
///
/// All of a call is real but the wire: metadata, deadlines, cancellation, compression, and windows that hold a writer whose
/// reader is slow. Heads and trailers are handed over as they are, so what only a wire can break, such as a name in upper
/// case, is not found here.
public final class InMemoryTransport: Exchanger, @unchecked Sendable {  // touched on its loop alone, but for constants
    /// The initial window of HTTP/2 (RFC 9113 §6.9.2).
    public static let usualWindow = 65_535

    public let executor: any TaskExecutor
    let timers: any CallTimers
    let acceptor: any Acceptor
    let peer: Peer
    /// Bytes that a side may send before the other has read them.
    package var window: Int
    /// A body is handed over in pieces of this many bytes, as frames would cut it.
    package var pieceSize: Int
    /// Every exchange that was opened, if a test wants to look at them.
    package private(set) var exchanges: [InMemoryExchange]?

    /// - Parameters:
    ///   - acceptor: a router, or what stands before one.
    ///   - loop: where both sides run: an `InMemoryLoop`, or the loop of a reactor.
    ///   - peer: who the caller is, as handlers see it (`Call.peer`).
    ///   - window: how many bytes a side may send before the other has read them.
    ///   - pieceSize: into what pieces a body is cut.
    public convenience init(
        serving acceptor: any Acceptor, on loop: some TaskExecutor & CallTimers,
        as peer: Peer = Peer(address: "memory"),
        window: Int = InMemoryTransport.usualWindow, pieceSize: Int = 16_384
    ) {
        self.init(
            serving: acceptor, on: loop, timers: loop, as: peer, window: window, pieceSize: pieceSize, isRecorded: false
        )
    }

    package init(
        serving acceptor: any Acceptor, on executor: any TaskExecutor, timers: any CallTimers, as peer: Peer,
        window: Int, pieceSize: Int, isRecorded: Bool
    ) {
        precondition(window > 0 && pieceSize > 0, "nothing can be sent through a window or in pieces of no bytes")
        self.executor = executor
        self.timers = timers
        self.acceptor = acceptor
        self.peer = peer
        self.window = window
        self.pieceSize = pieceSize
        exchanges = isRecorded ? [] : nil
    }

    /// A channel to what is served here.
    public func channel(
        to destination: String = "memory", interceptors: [any ClientInterceptor] = []
    ) -> Channel {
        Channel(self, destination: destination, timers: timers, interceptors: interceptors)
    }

    public func open(_ intent: CallIntent, handler: any ExchangeHandler) -> any ExchangeStream {
        let exchange = InMemoryExchange(self, initiator: handler)
        exchanges?.append(exchange)
        return exchange.initiator
    }

    /// Does `action` soon, never from within this call.
    func later(_ action: @escaping () -> Void) {
        _ = timers.timer(at: timers.now, action)
    }
}
