public import Bytes
public import Exchange
import HTTP1
import Reactor
public import Transport

/// Serves exchanges on an HTTP/1 connection: joins the session, which knows the protocol, with the socket and an acceptor.
///
/// Loop-bound. Requests on one connection come one at a time, so there is at most one exchange.
public final class HTTP1Connection: WireHandler {
    private unowned let connection: WireConnection  // it owns this handler
    private let acceptor: any Acceptor
    fileprivate let session: HTTP1Session
    fileprivate let loop: Loop
    private var exchange: HTTP1Exchange?
    private var isTaking = false
    private var isPaused = false

    public init(_ connection: WireConnection, acceptor: any Acceptor) {
        self.connection = connection
        self.acceptor = acceptor
        loop = connection.loop
        session = HTTP1Session(scheme: connection.peer.security == nil ? "http" : "https")
    }

    /// What a listener makes of connections that do not speak HTTP/2: see `Listener.protocols`.
    public static func serving(_ acceptor: any Acceptor) -> Listener.MakeHandler {
        { connection, _ in HTTP1Connection(connection, acceptor: acceptor) }
    }

    public func received(_ bytes: UnsafeRawBufferPointer) {
        session.receive(bytes)
        take()
    }

    public func receivedEnd() {
        session.receiveEnd()
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
        take()
    }

    public func closed(_ failure: Failure?) {
        exchange?.end(.failed(failure ?? Failure(.receive, .peerClosed)))
        exchange = nil
    }

    /// The one law of the session: after every input and command, take events until there are none.
    fileprivate func take() {
        guard !isTaking else { return }
        isTaking = true
        while let event = session.nextEvent() { perform(event) }
        isTaking = false
        connection.wantsFlush()
        if session.wantsRead == isPaused {
            isPaused.toggle()
            isPaused ? connection.pauseReading() : connection.resumeReading()
        }
    }

    private func perform(_ event: HTTP1Event) {
        switch event {
        case .request(let head, let end):
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
