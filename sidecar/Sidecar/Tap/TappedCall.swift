import Bytes
import Exchange
import MeshAPI
import ProtoWire
import RPC
import Timebase

/// Stands between a caller's stream and the call's driver, and tells observers what goes by, both ways.
///
///     caller's stream ──heard──▶ TappedCall ──heard──▶ driver
///     caller's stream ◀──send── TappedCall ◀──send── driver
final class TappedCall: ExchangeStream, ExchangeHandler, DrivenCall {
    private let call: CallHead
    private let stream: any ExchangeStream
    private let observers: [TapObserver]
    private let timers: any CallTimers
    /// The driver, or what stands before it. Set once, before anything is heard.
    var handler: (any ExchangeHandler)?
    private var isOver = false

    init(_ call: CallHead, _ stream: any ExchangeStream, _ observers: [TapObserver], timers: any CallTimers) {
        self.call = call
        self.stream = stream
        self.observers = observers
        self.timers = timers
    }

    var driver: CallDriver? { handler as? CallDriver ?? (handler as? any DrivenCall)?.driver }

    func begin() {
        for observer in observers { observer.began(call) }
    }

    // MARK: What the driver sends

    var executor: any TaskExecutor { stream.executor }
    var room: Int { stream.room }
    var connectedAt: Instant? { stream.connectedAt }
    func consume(_ count: Int) { stream.consume(count) }

    func send(head: Fields, end: Bool) {
        if end { tellEnd(head) }
        stream.send(head: head, end: end)
    }

    func send(_ chunk: Chunk, end: Bool) {
        tell(chunk, isRequest: false)
        if end { tellEnd(Fields()) }
        stream.send(chunk, end: end)
    }

    func send(trailers: Fields) {
        tellEnd(trailers)
        stream.send(trailers: trailers)
    }

    func reset(_ code: ResetCode) {
        tellEnd(StatusCode(reset: code), "the stream was reset")
        stream.reset(code)
    }

    func fail(_ failure: Failure) -> Bool {
        guard stream.fail(failure) else { return false }
        tellEnd(StatusCode(failure), failure.reason)
        return true
    }

    // MARK: What the caller sends

    func heard(head: Fields, end: Bool) { handler?.heard(head: head, end: end) }

    func heard(_ chunk: Chunk, end: Bool) {
        tell(chunk, isRequest: true)
        handler?.heard(chunk, end: end)
    }

    func heard(trailers: Fields) { handler?.heard(trailers: trailers) }
    func hasRoom() { handler?.hasRoom() }

    func ended(_ ending: Ending) {
        if case .failed(let failure) = ending { tellEnd(.cancelled, failure.reason) }
        let handler = handler
        self.handler = nil
        handler?.ended(ending)
    }

    // MARK: Observers

    private func tell(_ chunk: Chunk, isRequest: Bool) {
        for observer in observers { observer.heard(chunk, isRequest: isRequest, of: call) }
    }

    /// An answer without a status is told as the caller's library will take it: UNKNOWN.
    private func tellEnd(_ fields: Fields) {
        let code = fields[.grpcStatus].flatMap { Int($0) }.flatMap(StatusCode.init(rawValue:)) ?? .unknown
        let message = fields[.grpcMessage].map { PercentCoding.decode($0) } ?? ""
        let why = fields[.weftWhy].flatMap { Base64.decode($0) }.flatMap { try? WeftWhyV1.Why(decoding: $0) }
        tellEnd(code, message, why)
    }

    private func tellEnd(_ code: StatusCode, _ message: String, _ why: WeftWhyV1.Why? = nil) {
        guard !isOver else { return }
        isOver = true
        for observer in observers {
            observer.ended(call, code: code.rawValue, message: message, why: why, at: timers.now)
        }
    }
}
