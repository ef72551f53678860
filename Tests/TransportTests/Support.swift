import Bytes
import Exchange
import Reactor
import Synchronization
import Timebase

@testable import Transport

/// One value from another thread, waited for without a clock.
final class Mailbox<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func put(_ value: Value) { continuation.yield(value) }

    func next() async -> Value {
        for await value in stream { return value }
        fatalError("nobody puts any more into this box")
    }

    /// The first value for which `pick` answers something; others are dropped.
    func first<Picked>(_ pick: (Value) -> Picked?) async -> Picked {
        while true {
            if let picked = pick(await next()) { return picked }
        }
    }
}

/// Does `body`, which may block, on a thread of its own: the pool's threads are few, and other tests need them.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        let code = Reactor.Thread.start(name: "test") { continuation.resume(returning: body()) }
        precondition(code == 0, "no thread could be started")
    }
}

extension ConnectionLimits {
    /// A failed dial is not repeated while a test runs, however slow the machine is.
    static var dialsOnce: ConnectionLimits {
        var limits = ConnectionLimits()
        limits.backoffBase = .seconds(1000)
        limits.backoffLimit = .seconds(1000)
        return limits
    }
}

extension Loop {
    /// Does `body` on the loop and answers what it did.
    func on<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            execute { continuation.resume(returning: body()) }
        }
    }
}

typealias EventLog = Mailbox<ConnectionEvent>

extension Mailbox where Value == ConnectionEvent {
    var events: ConnectionEvents { ConnectionEvents { self.put($0) } }

    func refusal() async -> Failure {
        await first {
            switch $0 {
            case .refused(_, let failure), .closed(_, let failure?): failure
            default: nil
            }
        }
    }

    func opened() async -> Peer {
        await first { if case .opened(let peer) = $0 { peer } else { nil } }
    }
}

/// What came back of one exchange.
struct Reply: Sendable {
    var status: String?
    var body: [UInt8] = []
    var trailer: String?
    var ending: Ending = .complete

    var failure: Failure? {
        if case .failed(let failure) = ending { failure } else { nil }
    }
}

/// One exchange of a client, sent whole and as fast as there is room.
final class ClientCall: ExchangeHandler, @unchecked Sendable {  // touched on its loop alone, but for `reply`
    let done = Mailbox<Reply>()
    private var stream: (any ExchangeStream)?
    private var body: [UInt8]
    private var reply = Reply()
    private let piece = 10_000

    init(on pool: ConnectionPool, path: String = "/echo", body: [UInt8], waitsForReady: Bool = false) {
        self.body = body
        let intent = CallIntent(destination: "test", waitsForReady: waitsForReady)
        let stream = pool.open(intent, handler: self)
        self.stream = stream
        let head: Fields = [
            ":method": "POST", ":scheme": "http", ":authority": "test", ":path": path, "te": "trailers",
        ]
        stream.send(head: head, end: body.isEmpty)
        sendMore()
    }

    private func sendMore() {
        while !body.isEmpty, let stream, stream.room > 0 {
            let chunk = Chunk(Array(body.prefix(piece)))
            body.removeFirst(min(piece, body.count))
            stream.send(chunk, end: body.isEmpty)
        }
    }

    func heard(head: Fields, end: Bool) { reply.status = head[.status] }

    func heard(_ chunk: Chunk, end: Bool) {
        reply.body += chunk.array
        stream?.consume(chunk.count)
    }

    func heard(trailers: Fields) { reply.trailer = trailers["x-echo"] }
    func hasRoom() { sendMore() }

    func ended(_ ending: Ending) {
        reply.ending = ending
        stream = nil
        done.put(reply)
    }
}

extension ConnectionPool {
    /// One exchange from its beginning to its end.
    func call(_ path: String = "/echo", body: [UInt8] = Array("hello".utf8)) async -> Reply {
        let call = await loop.on { ClientCall(on: self, path: path, body: body) }
        return await call.done.next()
    }
}

/// Sends back what it hears: the head at once, each chunk, and a trailer at the end.
final class EchoAcceptor: Acceptor, @unchecked Sendable {  // touched on its loop alone
    let peers = Mailbox<Peer>()

    func accept(_ head: Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream) -> any ExchangeHandler {
        peers.put(peer)
        return EchoHandler(head, end: end, on: stream)
    }
}

final class EchoHandler: ExchangeHandler {
    private var stream: (any ExchangeStream)?
    private var held = 0

    init(_ head: Fields, end: Bool, on stream: any ExchangeStream) {
        self.stream = stream
        stream.send(head: [":status": "200", "content-type": "application/octet-stream"], end: false)
        if end { finish() }
    }

    func heard(head: Fields, end: Bool) {}

    func heard(_ chunk: Chunk, end: Bool) {
        guard let stream else { return }
        let count = chunk.count
        if count > 0 { stream.send(chunk, end: false) }
        if stream.room > 0 { stream.consume(count) } else { held += count }
        if end { finish() }
    }

    func heard(trailers: Fields) { finish() }

    func hasRoom() {
        stream?.consume(held)
        held = 0
    }

    func ended(_ ending: Ending) { stream = nil }

    private func finish() { stream?.send(trailers: ["x-echo": "done"]) }
}

/// Keeps every exchange until a test answers it.
final class HoldingAcceptor: Acceptor, @unchecked Sendable {  // touched on its loop alone
    let arrived = Mailbox<Int>()
    private var isHolding = true
    private var held: [any ExchangeStream] = []

    func accept(_ head: Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream) -> any ExchangeHandler {
        held.append(stream)
        arrived.put(held.count)
        if !isHolding { answerAll() }
        return SilentHandler()
    }

    func answerAll(andThoseThatCome: Bool = false) {
        if andThoseThatCome { isHolding = false }
        for stream in held { stream.send(head: [":status": "200"], end: true) }
        held = []
    }
}

final class SilentHandler: ExchangeHandler {
    func heard(head: Fields, end: Bool) {}
    func heard(_ chunk: Chunk, end: Bool) {}
    func heard(trailers: Fields) {}
    func hasRoom() {}
    func ended(_ ending: Ending) {}
}

/// An authority, and identities of it.
struct TestMesh {
    let authority: CertificateAuthority
    static let server = "spiffe://weft.local/ns/test/sa/server"
    static let client = "spiffe://weft.local/ns/test/sa/client"

    init(trustDomain: String = "weft.local") throws {
        authority = try CertificateAuthority.create(
            trustDomain: trustDomain, validity: .seconds(86_400), now: SystemClock.wall)
    }

    func identity(
        _ id: String, validity: Duration = .seconds(3600), at now: WallTime = SystemClock.wall,
        roots: [Certificate]? = nil, dnsNames: [String] = []
    ) throws -> Identity {
        let key = try PrivateKey.generateP256()
        let request = try CertificateRequest.make(key: key, commonName: "test")
        let leaf = try authority.issue(
            request: request, spiffeID: id, validity: validity, now: now, dnsNames: dnsNames)
        return try Identity(chain: [leaf], key: key, roots: roots ?? authority.roots)
    }
}

/// A loop of its own with a listener and a pool to it; both end with the value.
final class Pair: Sendable {
    let loop: Loop
    let listener: Listener
    let pool: ConnectionPool
    let serverLog = EventLog()
    let clientLog = EventLog()

    init(
        _ acceptor: any Acceptor, server: ServerSecurity = .plaintext, client: ClientSecurity = .plaintext,
        address: SocketAddress = .ip("127.0.0.1", port: 0), limits: ConnectionLimits = .init()
    ) throws {
        loop = try Loop.start(name: "pair")
        listener = try Listener.listen(
            on: address, loop: loop, security: server, limits: limits, acceptor: acceptor, events: serverLog.events)
        pool = ConnectionPool(
            to: listener.localAddress, loop: loop, security: client, limits: limits, events: clientLog.events)
    }

    deinit {
        pool.close()
        listener.close()
        loop.stop()
    }
}
