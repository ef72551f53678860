import Bytes
import Exchange
import MeshPolicy
import Logging
import Reactor
@testable import ServiceKit
@testable import Sidecar
import Synchronization
import Testing
import Timebase
import Transport

/// A small mesh on one loop: an authority, sidecars, applications and clients, on ports that the kernel chooses.
final class Town: Sendable {
    let loop: Loop
    let authority: CertificateAuthority
    let log = LogBook()
    /// Where the residents tell their spans, if they trace.
    let collector: SpanCollector?

    init(traces: Bool = false) throws {
        loop = try Loop.start(name: "town")
        authority = try CertificateAuthority.create(
            trustDomain: "town", validity: .seconds(3600), now: SystemClock.wall)
        collector = traces ? try SpanCollector(on: loop) : nil
    }

    deinit { loop.stop() }

    static func id(_ service: String) -> String { "spiffe://town/ns/default/sa/\(service)" }

    func identity(of service: String) throws -> Identity {
        let key = try PrivateKey.generateP256()
        let request = try CertificateRequest.make(key: key, commonName: service)
        let leaf = try authority.issue(
            request: request, spiffeID: Self.id(service), validity: .seconds(600), now: SystemClock.wall,
            dnsNames: ["\(service).mesh"])
        return try Identity(chain: [leaf], key: key, roots: authority.roots)
    }

    /// Runs `work` on the loop.
    func on<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            loop.execute { continuation.resume(with: Swift.Result { try work() }) }
        }
    }

    // MARK: Residents

    func sidecar(_ config: SidecarConfig) async throws -> Sidecar {
        let identity = try identity(of: config.service)
        return try await on { [loop, log, collector] in
            let context = ProcessContext(
                loop: loop, log: log.logger(config.instance),
                settings: try Settings([], arguments: [], environment: [:]), tracing: try collector?.settings)
            let sidecar = Sidecar(config, context)
            sidecar.identity.replace(identity)
            try sidecar.start()
            return sidecar
        }
    }

    /// The sidecar in front of an application.
    func inbound(
        _ service: String, app: SocketAddress, callers: PeerRule = .anySpiffe(inDomain: "town"),
        policy: SidecarConfig.Policy = .init(), methods: [String: MethodRules] = [:]
    ) async throws -> SidecarConfig.Endpoint {
        var config = SidecarConfig(service: service, instance: "\(service)-in", membership: .none)
        config.inbound = SidecarConfig.Inbound(listen: Self.anyPort, isSecure: true, callers: callers, app: app)
        config.policy = policy
        config.methods = methods
        let sidecar = try await sidecar(config)
        return SidecarConfig.Endpoint(address: try await address(of: "inbound", sidecar))
    }

    /// The sidecar beside a caller: where it listens.
    func outbound(
        _ endpoints: [SidecarConfig.Endpoint], of service: String = "web", to name: String = "course",
        rule: PeerRule = .spiffe(Town.id("course")), policy: SidecarConfig.Policy = .init(),
        methods: [String: MethodRules] = [:]
    ) async throws -> (address: SocketAddress, sidecar: Sidecar) {
        var config = SidecarConfig(service: service, instance: "\(service)-out", membership: .none)
        config.outbound = SidecarConfig.Outbound(
            listen: Self.anyPort,
            destinations: [
                SidecarConfig.Destination(name: name, endpoints: endpoints, isSecure: true, rule: rule)
            ])
        config.policy = policy
        config.methods = methods
        let sidecar = try await sidecar(config)
        return (try await address(of: "outbound", sidecar), sidecar)
    }

    func address(of listener: String, _ sidecar: Sidecar) async throws -> SocketAddress {
        try await on { try #require(sidecar.listeners[listener]?.localAddress) }
    }

    func app(_ behave: @escaping @Sendable (AppCall) -> Void = AppCall.echo) async throws -> App {
        try await on { [loop] in
            let app = App(behave)
            app.listener = try Listener.listen(
                on: Self.anyPort, loop: loop, security: .plaintext, acceptor: app)
            return app
        }
    }

    func client(of address: SocketAddress) -> Client {
        Client(ConnectionPool(to: address, loop: loop, security: .plaintext))
    }

    static let anyPort = SocketAddress.ip("127.0.0.1", port: 0)
}

/// What the residents logged.
final class LogBook: Sendable {
    private let lines = Mutex<[String]>([])

    func logger(_ name: String) -> Logger {
        var logger = Logger(label: name) { Handler(name: $0, book: self) }
        logger.logLevel = .info
        return logger
    }

    func contains(_ parts: String...) -> Bool {
        lines.withLock { $0.contains { line in parts.allSatisfy(line.contains) } }
    }

    var all: [String] { lines.withLock { $0 } }

    struct Handler: LogHandler {
        let name: String
        let book: LogBook
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let more = (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted().joined(separator: " ")
            book.lines.withLock { $0.append("\(name): \(event.message) \(more)") }
        }
    }
}

/// An application in plaintext behind its sidecar.
final class App: Acceptor, @unchecked Sendable {  // touched on its loop alone, but for the mutex
    private let behave: @Sendable (AppCall) -> Void
    private let seen = Mutex<[Fields]>([])
    var listener: Listener?

    init(_ behave: @escaping @Sendable (AppCall) -> Void) {
        self.behave = behave
    }

    var address: SocketAddress { listener?.localAddress ?? Town.anyPort }
    /// The heads of the calls that came.
    var heads: [Fields] { seen.withLock { $0 } }

    func accept(_ head: Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream) -> any ExchangeHandler {
        seen.withLock { $0.append(head) }
        let call = AppCall(head: head, stream: stream, behave: behave)
        if end { behave(call) }
        return call
    }
}

/// One call as the application has it.
final class AppCall: ExchangeHandler {
    let head: Fields
    let stream: any ExchangeStream
    private let behave: (AppCall) -> Void
    private(set) var body: [UInt8] = []
    private var unsent: [Chunk] = []
    private var isOver = false

    init(head: Fields, stream: any ExchangeStream, behave: @escaping (AppCall) -> Void) {
        self.head = head
        self.stream = stream
        self.behave = behave
    }

    func heard(head: Fields, end: Bool) {}
    func heard(trailers: Fields) { behave(self) }
    func hasRoom() { push() }
    func ended(_ ending: Ending) {}

    func heard(_ chunk: Chunk, end: Bool) {
        stream.consume(chunk.count)
        body += chunk.array
        if head[.path]?.hasSuffix("/Chat") == true {
            if unsent.isEmpty && body.count == chunk.count { stream.send(head: Self.okHead, end: false) }
            stream.send(chunk, end: false)
            if end { stream.send(trailers: ["grpc-status": "0"]) }
        } else if end {
            behave(self)
        }
    }

    static let okHead: Fields = [":status": "200", "content-type": "application/grpc"]

    /// Sends back what came, whole, as fast as it is taken.
    static let echo: @Sendable (AppCall) -> Void = { call in
        if call.head[.path]?.hasSuffix("/Chat") == true { return }
        call.stream.send(head: okHead, end: false)
        var body = Chunk(call.body)
        while body.count > 16_384 { call.unsent.append(body.takePrefix(16_384)) }
        call.unsent.append(body)
        call.push()
    }

    static func status(_ status: String, _ message: String = "") -> @Sendable (AppCall) -> Void {
        { call in
            call.stream.send(
                head: [
                    ":status": "200", "content-type": "application/grpc", "grpc-status": status,
                    "grpc-message": message,
                ],
                end: true)
        }
    }

    private func push() {
        while stream.room > 0, !unsent.isEmpty { stream.send(unsent.removeFirst(), end: false) }
        if unsent.isEmpty, !isOver {
            isOver = true
            stream.send(trailers: ["grpc-status": "0"])
        }
    }
}

/// An application that calls: each call is awaited whole.
final class Client: Sendable {
    private let pool: ConnectionPool

    init(_ pool: ConnectionPool) {
        self.pool = pool
    }

    struct Reply: Sendable {
        var head: Fields?
        var body: [UInt8] = []
        var trailers: Fields?
        var ending: Ending?

        /// Of the trailers, or of the head if that was all.
        func field(_ name: Fields.Name) -> String? { trailers?[name] ?? head?[name] }
        var status: String? { field(.grpcStatus) }
        var message: String { field(.grpcMessage) ?? "" }
    }

    /// One call: the whole body is sent in chunks of `step` bytes, as fast as it is taken.
    func call(
        _ path: String = "/p.S/Get", authority: String = "course", _ fields: Fields = [:],
        body: [UInt8] = Array("ping".utf8),
        step: Int = 16_384
    ) async -> Reply {
        var head: Fields = [
            ":method": "POST", ":scheme": "http", ":authority": authority, ":path": path,
            "content-type": "application/grpc", "te": "trailers",
        ]
        head.append(contentsOf: fields)
        let request = head
        return await withCheckedContinuation { continuation in
            pool.loop.execute { [pool] in
                let handler = Handler(continuation, body: body, step: step)
                let stream = pool.open(CallIntent(destination: authority), handler: handler)
                handler.stream = stream
                stream.send(head: request, end: false)
                handler.push()
            }
        }
    }

    private final class Handler: ExchangeHandler {
        private var reply = Reply()
        private var continuation: CheckedContinuation<Reply, Never>?
        private var rest: Chunk?
        private let step: Int
        var stream: (any ExchangeStream)?

        init(_ continuation: CheckedContinuation<Reply, Never>, body: [UInt8], step: Int) {
            self.continuation = continuation
            self.step = step
            rest = Chunk(body)
        }

        func push() {
            while let stream, stream.room > 0, var chunk = rest {
                let part = chunk.takePrefix(min(step, chunk.count))
                rest = chunk.isEmpty ? nil : chunk
                stream.send(part, end: chunk.isEmpty)
            }
        }

        func heard(head: Fields, end: Bool) { reply.head = head }
        func heard(_ chunk: Chunk, end: Bool) {
            reply.body += chunk.array
            stream?.consume(chunk.count)
        }
        func heard(trailers: Fields) { reply.trailers = trailers }
        func hasRoom() { push() }
        func ended(_ ending: Ending) {
            reply.ending = ending
            stream = nil
            continuation?.resume(returning: reply)
            continuation = nil
        }
    }
}
