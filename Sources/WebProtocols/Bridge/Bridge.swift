import Bytes
import Exchange
import RPC
import Timebase

/// One foreign exchange joined to a call of gRPC: a stream to the router's side, a handler to the client's.
///
///     client ──heard──▶ Bridge ──heard──▶ inner (the router's call)
///     client ◀──send─── Bridge ◀──send─── inner
///
///     begun ──▶ open ──▶ answered ──▶ over          `fail` answers in the router's place and abandons its call
///
/// It queues nothing: room and consumed bytes pass through, so that either side holds the other as if they spoke directly.
class Bridge: ExchangeStream, ExchangeHandler {
    let acceptor: WebAcceptor
    let executor: any TaskExecutor
    private let origin: String?
    /// The client's stream; nil once it is over.
    private(set) var outer: (any ExchangeStream)?
    /// The router's call; nil before it is opened, and once it is over or abandoned.
    private(set) var inner: (any ExchangeHandler)?
    /// The end of the answer was sent.
    private(set) var hasAnswered = false
    private var hasHeardEnd: Bool
    private var isAbandoned = false
    private var ending: Ending?
    private var timer: (any CancellableTimer)?

    init(_ request: WebRequest, _ acceptor: WebAcceptor) {
        self.acceptor = acceptor
        outer = request.stream
        executor = request.stream.executor
        origin = request.head["origin"]
        hasHeardEnd = request.hasEnded
    }

    // MARK: What the protocols do differently

    /// Opens the call, or answers at once.
    func start(_ request: WebRequest) {}
    func heard(_ chunk: Chunk, end: Bool) {}
    func send(head: Fields, end: Bool) {}
    func send(_ chunk: Chunk, end: Bool) {}
    func send(trailers: Fields) {}
    /// Tells the client an error that the bridge itself found.
    func answer(_ error: RPCError) {}
    func consume(_ count: Int) { outer?.consume(count) }
    var room: Int { outer?.room ?? 0 }

    // MARK: The call

    final func open(_ head: Fields, _ request: WebRequest) {
        let handler = acceptor.call(head, from: request.peer, on: self)
        if let ending {
            handler.ended(ending)
        } else if isAbandoned {
            handler.ended(Bridge.abandoned)
        } else {
            inner = handler
        }
    }

    /// Answers with an error that the router does not know of, and ends its call.
    final func fail(_ error: RPCError) {
        guard !hasAnswered, outer != nil else { return }
        answer(error)
        hasAnswered = true
        isAbandoned = true
        let inner = inner
        self.inner = nil
        inner?.ended(Bridge.abandoned)
        guard !hasHeardEnd else { return }
        timer = acceptor.timers.timer(at: acceptor.timers.now.advanced(by: acceptor.settings.lingering)) {
            [weak self] in
            self?.outer?.reset(.noError)
        }
    }

    private static let abandoned = Ending.failed(
        Failure(.receive, .invalidMessage, detail: "the request could not be read"))

    // MARK: The client's side

    /// The head of an answer, with what lets a page of another origin read it.
    final func respond(_ head: consuming Fields, end: Bool) {
        guard !hasAnswered else { return }
        acceptor.settings.crossOrigin.expose(&head, to: origin)
        hasAnswered = end
        outer?.send(head: head, end: end)
    }

    final func respond(_ chunk: Chunk, end: Bool) {
        guard !hasAnswered else { return }
        hasAnswered = end
        outer?.send(chunk, end: end)
    }

    /// Notes the end of the request; answers whether anybody still wants its bytes. Those that nobody wants are given back.
    final func wants(_ chunk: Chunk, end: Bool) -> Bool {
        if end { hasHeardEnd = true }
        guard inner != nil, !isAbandoned else {
            outer?.consume(chunk.count)
            return false
        }
        return true
    }

    final func heard(head: Fields, end: Bool) {}

    /// None of these protocols has request trailers: they are the end.
    final func heard(trailers: Fields) { heard(.empty, end: true) }

    final func hasRoom() { inner?.hasRoom() }

    final func ended(_ ending: Ending) {
        self.ending = ending
        timer?.cancel()
        timer = nil
        outer = nil
        let inner = inner
        self.inner = nil
        inner?.ended(ending)
    }

    final func reset(_ code: ResetCode) { outer?.reset(code) }
}
