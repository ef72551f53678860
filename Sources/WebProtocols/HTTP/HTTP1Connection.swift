public import Bytes
public import Exchange
import HTTP1
import Reactor
import Timebase
public import Transport

/// How long a client of HTTP/1 may take, and may rest.
public struct HTTP1Times: Sendable {
    /// From a request's first byte to the end of its head: heads that come a byte at a time cost their sender nothing, and
    /// a connection each ("Slowloris").
    public var head: Duration = .seconds(10)
    /// Between two requests: about what other servers grant browsers.
    public var idle: Duration = .seconds(60)
    /// For an answer to a client that has ended its direction: it may still listen, as `nc` does, or be gone, which only
    /// writing would show.
    public var farewell: Duration = .seconds(30)

    public init() {}
}

/// Serves exchanges on an HTTP/1 connection: joins the session, which knows the protocol, with the socket and an acceptor.
///
///     resting ──first byte──▶ head ──▶ exchange ──▶ resting         resting, a head, and a client's farewell have their
///                                         └──▶ farewell ──▶ closed  time; then the connection is closed
///
/// Loop-bound. Requests on one connection come one at a time, so there is at most one exchange. How long that takes is its
/// call's affair: it has a deadline, and the connection a limit for a client that reads nothing.
public final class HTTP1Connection: WireHandler {
    private unowned let connection: WireConnection  // it owns this handler
    private let acceptor: any Acceptor
    fileprivate let session: HTTP1Session
    fileprivate let loop: Loop
    private var exchange: HTTP1Exchange?
    private var isTaking = false
    private var isPaused = false
    private var hasClientEnded = false
    private let times: HTTP1Times
    private var stage = Stage.resting
    /// When the stage is over, if it has a limit; a timer that fires before looks again.
    private var due: Instant?
    private var timer: LoopTimer?
    private var timerDue: Instant?
    private var date = HTTPDate()

    private enum Stage {
        case resting, head, exchange, farewell
    }

    public init(_ connection: WireConnection, acceptor: any Acceptor, times: HTTP1Times = HTTP1Times()) {
        self.connection = connection
        self.acceptor = acceptor
        self.times = times
        loop = connection.loop
        session = HTTP1Session(scheme: connection.peer.security == nil ? "http" : "https")
        limit(to: times.idle)
    }

    /// What a listener makes of connections that do not speak HTTP/2: see `Listener.protocols`.
    public static func serving(_ acceptor: any Acceptor, times: HTTP1Times = HTTP1Times()) -> Listener.MakeHandler {
        { connection, _ in HTTP1Connection(connection, acceptor: acceptor, times: times) }
    }

    public func received(_ bytes: UnsafeRawBufferPointer) {
        session.receive(bytes)
        connection.wantsFlush()
        take()
    }

    public func receivedEnd() {
        hasClientEnded = true
        session.receiveEnd()
        connection.wantsFlush()
        take()
    }

    public func produce(_ limit: Int, into output: OutputChain) {
        _ = session.takeOutput(limit) { output.append($0) }
        take()
    }

    public func flushed() {
        if session.wantsClose { connection.close() }
    }

    public func drain() {
        session.drain()
        connection.wantsFlush()
        take()
    }

    public func closed(_ failure: Failure?) {
        timer?.cancel()
        timer = nil
        exchange?.end(.failed(failure ?? Failure(.receive, .peerClosed)))
        exchange = nil
    }

    /// The one law of the session: after every input and command, take events until there are none.
    ///
    /// It asks for no flush: `produce` comes here too, and a flush that asks for the next one never ends.
    fileprivate func take() {
        guard !isTaking else { return }
        isTaking = true
        while let event = session.nextEvent() { perform(event) }
        isTaking = false
        noteStage()
        if session.wantsRead == isPaused {
            isPaused.toggle()
            isPaused ? connection.pauseReading() : connection.resumeReading()
        }
    }

    // MARK: Time

    private func noteStage() {
        let busy: Stage = hasClientEnded ? .farewell : .exchange
        enter(exchange != nil ? busy : session.isIdle ? .resting : .head)
    }

    private func enter(_ next: Stage) {
        guard next != stage else { return }
        stage = next
        switch next {
        case .resting: limit(to: times.idle)
        case .head: limit(to: times.head)
        case .farewell: limit(to: times.farewell)
        case .exchange: due = nil
        }
    }

    private func limit(to time: Duration) {
        let due = loop.now.advanced(by: time)
        self.due = due
        if let timerDue, timerDue <= due, timer != nil { return }
        schedule(due)
    }

    private func schedule(_ due: Instant) {
        timer?.cancel()
        timerDue = due
        // Cancelled when the connection closes, so it never fires for a handler that is gone.
        timer = loop.schedule(after: loop.now.duration(to: due)) { [unowned self] in
            timer = nil
            guard let due = self.due else { return }
            guard loop.now >= due else { return schedule(due) }
            switch stage {
            case .head: connection.close(Failure(.receive, .peerClosed, detail: "the head of a request took too long"))
            case .farewell: connection.abort(Failure(.receive, .peerClosed, detail: "the client has left"))
            case .resting, .exchange: connection.close()
            }
        }
    }

    fileprivate func flush() { connection.wantsFlush() }

    private func perform(_ event: HTTP1Event) {
        switch event {
        case .request(let head, let end):
            session.date = date.text(at: loop.wall)
            enter(.exchange)  // also where all of it is over before anybody looks
            let exchange = HTTP1Exchange(self)
            self.exchange = exchange
            exchange.adopt(acceptor.accept(head, end: end, from: connection.peer, on: exchange))
        case .chunk(let chunk, let end): exchange?.handler?.heard(chunk, end: end)
        case .trailers(let trailers): exchange?.handler?.heard(trailers: trailers)
        case .drained: exchange?.handler?.hasRoom()
        case .finished:
            exchange?.end(.complete)
            exchange = nil
        case .failed(let fault):
            exchange?.end(.failed(Failure(.receive, .protocolError, detail: fault.reason)))
            exchange = nil
        }
    }

    fileprivate func abort(_ exchange: HTTP1Exchange, _ code: ResetCode) {
        guard self.exchange === exchange else { return }
        self.exchange = nil
        session.abort()
        connection.wantsFlush()
        exchange.end(.failed(Failure(.send, .cancelled, code: code)))
        take()
    }
}

/// The one exchange that is under way on an HTTP/1 connection.
final class HTTP1Exchange: ExchangeStream {
    fileprivate var handler: (any ExchangeHandler)?
    private weak var connection: HTTP1Connection?
    private let loop: Loop
    /// How it ended, once it has.
    private var ending: Ending?
    private var isOver: Bool { ending != nil }

    fileprivate init(_ connection: HTTP1Connection) {
        self.connection = connection
        loop = connection.loop
    }

    var executor: any TaskExecutor { loop }
    var room: Int { isOver ? 0 : connection?.session.room ?? 0 }

    func send(head: Fields, end: Bool) {
        perform { $0.session.send(head: head, end: end) }
    }

    func send(_ chunk: Chunk, end: Bool) {
        perform { $0.session.send(chunk, end: end) }
    }

    func send(trailers: Fields) {
        perform { $0.session.send(trailers: trailers) }
    }

    func consume(_ count: Int) {
        perform { $0.session.consume(count) }
    }

    func reset(_ code: ResetCode) {
        guard !isOver else { return }
        connection?.abort(self, code)
    }

    private func perform(_ command: (HTTP1Connection) -> Void) {
        guard !isOver, let connection else { return }
        command(connection)
        connection.flush()
        connection.take()
    }

    /// Takes the handler. Its acceptor may have given the exchange up before it returned one.
    fileprivate func adopt(_ handler: any ExchangeHandler) {
        if let ending { handler.ended(ending) } else { self.handler = handler }
    }

    fileprivate func end(_ ending: Ending) {
        guard !isOver else { return }
        self.ending = ending
        let handler = handler
        self.handler = nil
        handler?.ended(ending)
    }
}
