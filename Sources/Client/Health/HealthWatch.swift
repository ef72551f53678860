import Bytes
import Exchange
import MeshAPI
import ProtoWire
import RPC
import Reactor
import Resilience
import Timebase
import Transport

/// Asks an endpoint how a service of it is, for as long as there is a connection (gRFC A17).
///
///     start ──▶ asking ──SERVING──▶ serving ──anything else──▶ not serving
///                 ▲  └──UNIMPLEMENTED──▶ serving, and nobody asks again
///                 └──after a pause── the stream ended: not serving
///
/// It is an exchange on the endpoint's pool and no task: nothing waits here but a timer.
final class HealthWatch: ExchangeHandler {
    private static let path = "/grpc.health.v1.Health/Watch"
    /// An answer is a few bytes; a longer one is none.
    private static let longestAnswer = 64 << 10

    private let service: String
    private let authority: String
    private let pool: ConnectionPool
    private let dialect: any CallDialect
    private var changed: ((EndpointState.Health) -> Void)?
    private var stream: (any ExchangeStream)?
    private var head = Fields()
    private var deframer = MessageDeframer(maxMessageBytes: HealthWatch.longestAnswer)
    private var timer: LoopTimer?
    private var failures = 0
    private var chance: Chance

    init(of service: String, at authority: String, on pool: ConnectionPool, dialect: any CallDialect) {
        self.service = service
        self.authority = authority
        self.pool = pool
        self.dialect = dialect
        chance = pool.loop.chance()
    }

    func start(_ changed: @escaping (EndpointState.Health) -> Void) {
        self.changed = changed
        ask()
    }

    func stop() {
        changed = nil
        timer?.cancel()
        timer = nil
        let stream = stream
        self.stream = nil
        stream?.reset(.cancel)
    }

    private func ask() {
        deframer = MessageDeframer(maxMessageBytes: Self.longestAnswer)
        let stream = pool.open(CallIntent(destination: authority), handler: self)
        self.stream = stream
        stream.send(
            head: OutgoingHead.fields(path: Self.path, authority: authority, timeout: nil, isSecure: pool.isSecure),
            end: false)
        var request = GrpcHealthV1.HealthCheckRequest()
        request.service = service
        stream.send(MessageFramer.frame(request.encodedChunk(headroom: MessageFramer.prefixLength)), end: true)
    }

    // MARK: What the endpoint says

    func heard(head: Fields, end: Bool) {
        self.head = head
        if end { over(dialect.judge(head: head, trailers: nil)) }
    }

    func heard(_ chunk: Chunk, end: Bool) {
        guard let stream else { return }
        deframer.append(chunk)
        stream.consume(chunk.count)
        do {
            while changed != nil, let message = try deframer.next() {
                say(try GrpcHealthV1.HealthCheckResponse(decoding: message).status)
            }
        } catch {
            return over(Outcome(.fault, status: StatusCode.internal.rawValue))
        }
        if end { over(dialect.judge(head: head, trailers: nil)) }
    }

    func heard(trailers: Fields) { over(dialect.judge(head: head, trailers: trailers)) }

    func hasRoom() {}

    func ended(_ ending: Ending) {
        if case .failed(let failure) = ending { over(dialect.judge(failure)) }
    }

    private func say(_ status: GrpcHealthV1.HealthCheckResponse.ServingStatus) {
        failures = 0
        changed?(status == .serving ? .serving : .notServing(failure("the endpoint says that it is not serving")))
    }

    /// The watch ended. An endpoint that offers none counts as healthy; any other is asked again.
    private func over(_ outcome: Outcome) {
        guard stream != nil, changed != nil else { return }
        let stream = stream
        self.stream = nil
        stream?.reset(.cancel)
        if outcome.status == StatusCode.unimplemented.rawValue {
            changed?(.serving)
            return
        }
        failures += 1
        timer = pool.loop.schedule(after: ExponentialBackoff().delay(failures, &chance)) { [weak self] in self?.ask() }
        changed?(.notServing(failure("the watch of its health ended with status \(outcome.status)")))
    }

    private func failure(_ detail: String) -> Failure {
        let name = service.isEmpty ? pool.address.description : service
        return Failure(.pick, .allEjected, subject: name, detail: detail, reach: .neverSent)
    }
}
