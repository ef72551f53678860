import Bytes
public import Exchange
public import Timebase

/// Breaks attempts on their way to an endpoint, where a fault says so: as a layer it sees which call comes, and as the core
/// below it what is opened for the call in the same step.
///
/// Whatever it breaks is the endpoint's fault as far as breakers, retries and balancing can tell: that is what it is for.
public final class EndpointFaults: Layer, Exchanger, @unchecked Sendable {  // touched on its loop alone
    private let faults: [FaultInjection]
    private let inner: any Exchanger
    private let timers: any CallTimers
    private let goAway: () -> Void
    /// The fault that the call which was just let go on shall meet.
    @exclusivity(unchecked) private var next: FaultRule?

    /// - Parameter goAway: ends the endpoint's connections as if it had said GOAWAY.
    public init(
        _ faults: [FaultInjection], before inner: any Exchanger, timers: any CallTimers, goAway: @escaping () -> Void
    ) {
        self.faults = faults
        self.inner = inner
        self.timers = timers
        self.goAway = goAway
    }

    // MARK: The layer

    public var hearsEndings: Bool { false }
    public var judgesUse: Bool { false }

    public func admit(_ call: CallHead, waiting: Waiting?, at now: Instant) -> Admission {
        next = faults.first { $0.strikes(call, at: now) }?.rule
        return .go()
    }

    // MARK: The core

    public var executor: any TaskExecutor { inner.executor }
    public var keepsDeadlines: Bool { inner.keepsDeadlines }
    public var isSecure: Bool { inner.isSecure }

    public func open(_ intent: CallIntent, handler: any ExchangeHandler) -> any ExchangeStream {
        guard let fault = next else { return inner.open(intent, handler: handler) }
        next = nil
        if case .goAway = fault.kind {
            goAway()
            return BrokenAttempt(
                handler, timers: timers, executor: executor,
                failure: Failure(
                    .send, .faultInjected, subject: fault.name,
                    detail: "the fault \(fault.name) ended the connection by GOAWAY", reach: .notProcessed))
        }
        let attempt = BrokenAttempt(
            handler, timers: timers, executor: executor,
            failure: Failure(
                .receive, .faultInjected, subject: fault.name, detail: "the fault \(fault.name) reset the attempt",
                reach: .unknown))
        attempt.inner = inner.open(intent, handler: attempt)
        return attempt
    }
}

/// An attempt that is to fail: at once if it leads nowhere, else when its answer begins. A reset right after the request
/// would mostly overtake it, and spare the endpoint; so the endpoint has done what it was asked, and nobody hears of it.
private final class BrokenAttempt: ExchangeStream, ExchangeHandler {
    let executor: any TaskExecutor
    /// nil if nothing is sent.
    var inner: (any ExchangeStream)?
    private var handler: (any ExchangeHandler)?
    private let timers: any CallTimers
    private let failure: Failure
    private var isDoomed = false

    init(_ handler: any ExchangeHandler, timers: any CallTimers, executor: any TaskExecutor, failure: Failure) {
        self.handler = handler
        self.timers = timers
        self.executor = executor
        self.failure = failure
    }

    // MARK: What the caller sends

    func send(head: Fields, end: Bool) {
        inner?.send(head: head, end: end)
        if inner == nil { breakSoon() }
    }

    func send(_ chunk: Chunk, end: Bool) {
        inner?.send(chunk, end: end)
    }

    func send(trailers: Fields) {
        inner?.send(trailers: trailers)
    }

    func reset(_ code: ResetCode) {
        let handler = handler
        self.handler = nil
        inner?.reset(code)
        inner = nil
        guard let handler else { return }
        soon { handler.ended(.failed(Failure(.relay, .cancelled, code: code))) }
    }

    func consume(_ count: Int) { inner?.consume(count) }
    var room: Int { inner?.room ?? 0 }
    var connectedAt: Instant? { inner?.connectedAt }

    // MARK: What the endpoint sends

    func heard(head: Fields, end: Bool) { breakSoon() }
    func heard(_ chunk: Chunk, end: Bool) { inner?.consume(chunk.count) }
    func heard(trailers: Fields) { breakSoon() }
    func hasRoom() { handler?.hasRoom() }

    func ended(_ ending: Ending) {
        // Whole as it may be, it was to fail; what failed by itself says so.
        inner = nil
        if case .failed = ending, !isDoomed {
            let handler = handler
            self.handler = nil
            handler?.ended(ending)
        } else {
            breakSoon()
        }
    }

    // MARK: The failure

    /// Not from within a call of the caller, which is in the middle of sending.
    private func breakSoon() {
        guard !isDoomed else { return }
        isDoomed = true
        soon { [self] in
            let handler = handler
            self.handler = nil
            inner?.reset(.cancel)
            inner = nil
            handler?.ended(.failed(failure))
        }
    }

    private func soon(_ action: @escaping () -> Void) {
        _ = timers.timer(at: timers.now, action)
    }
}
