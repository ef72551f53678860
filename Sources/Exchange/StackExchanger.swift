public import Bytes
public import Timebase

/// A stack as a place to start exchanges: what a client in this process opens goes through the layers.
///
///     client ──CallPort──▶ CallDriver ──layers──▶ endpoint
///     client ◀──handler── AnswerPort ◀──────────────┘
public final class StackExchanger: Exchanger {
    public let executor: any TaskExecutor
    public let isSecure: Bool
    private let environment: CallDriver.Environment
    private let route: @Sendable (CallIntent, Fields, Instant) -> (CallHead, Stack)

    /// `route` says, on the loop, what is known of a call (its request's head among it) and which stack it goes through.
    /// `isSecure` says that all its stacks lead to TLS.
    public init(
        executor: any TaskExecutor, isSecure: Bool = false, in environment: CallDriver.Environment,
        route: @escaping @Sendable (CallIntent, Fields, Instant) -> (CallHead, Stack)
    ) {
        self.executor = executor
        self.isSecure = isSecure
        self.environment = environment
        self.route = route
    }

    public func open(_ intent: CallIntent, handler: any ExchangeHandler) -> any ExchangeStream {
        CallPort(executor: executor, handler: handler) { [environment, route] request, end, answers in
            let (call, stack) = route(intent, request, environment.timers.now)
            return CallDriver(call, through: stack, end: end, from: answers, in: environment)
        }
    }

    /// The driver resets an attempt whose time is over, and says why.
    public var keepsDeadlines: Bool { true }
}

/// The client's end of a call that a driver takes on: what it sends, the driver hears.
final class CallPort: ExchangeStream {
    /// What may lie between client and driver before the client is asked to stop: the initial window of a stream.
    static let window = 1 << 20

    let executor: any TaskExecutor
    private let answers: AnswerPort
    private let makeDriver: (Fields, Bool, AnswerPort) -> CallDriver
    private var driver: CallDriver?
    private var hasEnded = false

    init(
        executor: any TaskExecutor, handler: any ExchangeHandler,
        makeDriver: @escaping (Fields, Bool, AnswerPort) -> CallDriver
    ) {
        self.executor = executor
        self.makeDriver = makeDriver
        answers = AnswerPort(executor: executor, handler: handler)
    }

    func send(head: Fields, end: Bool) {
        guard driver == nil, !answers.isOver else { return }
        let driver = makeDriver(head, end, answers)
        self.driver = driver
        answers.driver = driver
        if end { answers.requestEnded() }
        driver.start()
    }

    func send(_ chunk: Chunk, end: Bool) {
        guard let driver, !answers.isOver, !hasEnded else { return }
        hasEnded = end
        answers.held += chunk.count
        driver.heard(chunk, end: end)
        if end { answers.requestEnded() }
    }

    func send(trailers: Fields) {
        guard let driver, !answers.isOver, !hasEnded else { return }
        hasEnded = true
        driver.heard(trailers: trailers)
        answers.requestEnded()
    }

    func reset(_ code: ResetCode) {
        answers.end(.failed(Failure(.relay, .cancelled, reach: .unknown, code: code)))
    }

    func consume(_ count: Int) { answers.returned(count) }

    var room: Int { Self.window - answers.held }
}

/// The driver's end: the answer that it sends, the client's handler hears.
final class AnswerPort: ExchangeStream {
    let executor: any TaskExecutor
    /// Let go of at the end, which comes for every exchange: a driver holds its port, and each other they would stay.
    var driver: CallDriver?
    /// Bytes of the request that the driver has not passed on.
    var held = 0
    private(set) var isOver = false
    private var handler: (any ExchangeHandler)?
    /// Bytes of the answer that the client has not used up.
    private var unused = 0
    private var requestHasEnded = false
    private var answerHasEnded = false

    init(executor: any TaskExecutor, handler: any ExchangeHandler) {
        self.executor = executor
        self.handler = handler
    }

    func send(head: Fields, end: Bool) {
        handler?.heard(head: head, end: end)
        if end { answerEnded() }
    }

    func send(_ chunk: Chunk, end: Bool) {
        unused += chunk.count
        handler?.heard(chunk, end: end)
        if end { answerEnded() }
    }

    func send(trailers: Fields) {
        handler?.heard(trailers: trailers)
        answerEnded()
    }

    /// A driver resets with `noError` when a whole answer was given before the request's end: that is no failure.
    func reset(_ code: ResetCode) {
        end(answerHasEnded ? .complete : .failed(Failure(.relay, .peerReset, reach: .unknown, code: code)))
    }

    /// The driver passed on `count` bytes of the request.
    func consume(_ count: Int) {
        let wasFull = held >= CallPort.window
        held -= count
        if wasFull, held < CallPort.window { handler?.hasRoom() }
    }

    func fail(_ failure: Failure) -> Bool {
        end(.failed(failure))
        return true
    }

    var room: Int { CallPort.window - unused }

    /// The client used up `count` bytes of the answer.
    func returned(_ count: Int) {
        let wasFull = room <= 0
        unused -= count
        if wasFull, room > 0 { driver?.hasRoom() }
    }

    func requestEnded() {
        requestHasEnded = true
        if answerHasEnded { end(.complete) }
    }

    private func answerEnded() {
        answerHasEnded = true
        if requestHasEnded { end(.complete) }
    }

    /// The exchange is over, as the last news for both sides.
    func end(_ ending: Ending) {
        guard !isOver else { return }
        isOver = true
        let handler = handler
        self.handler = nil
        driver?.ended(ending)
        driver = nil
        handler?.ended(ending)
    }
}
