public import Bytes
public import Compression
public import Exchange
public import ProtoWire
import Timebase

/// Takes exchanges and gives them to the methods of services: the server's half of gRPC.
///
/// Services are registered first; then the router goes to a listener, and takes no more. It belongs to one loop, whose
/// timers keep its deadlines: a process with several loops makes one for each.
///
///     var router = Router(timers: loop)
///     courses.register(in: &router)
///     let listener = try Listener.listen(on: address, loop: loop, security: .plaintext, acceptor: router)
public final class Router: Acceptor, @unchecked Sendable {  // filled before it is shared, then read on its loop alone
    let timers: any CallTimers
    let limits: RouterLimits
    let coder = MessageCoder()
    let interceptors: [any ServerInterceptor]
    let observer: (any CallObserver)?
    @exclusivity(unchecked) private var table = MethodTable()
    @exclusivity(unchecked) private var isServing = false
    /// The services that were registered, for reflection and health.
    public private(set) var services: [ServiceDescriptor] = []

    public init(
        timers: any CallTimers, limits: RouterLimits = RouterLimits(), interceptors: [any ServerInterceptor] = [],
        observer: (any CallObserver)? = nil
    ) {
        self.timers = timers
        self.limits = limits
        self.interceptors = interceptors
        self.observer = observer
    }

    /// Registers a service.
    public func add(_ service: some RPCService) {
        var router = self
        service.register(in: &router)
        add(type(of: service).descriptor)
    }

    /// Lists a service whose methods were registered one by one.
    public func add(_ descriptor: ServiceDescriptor) {
        guard !services.contains(where: { $0.fullName == descriptor.fullName }) else { return }
        services.append(descriptor)
    }

    @usableFromInline
    func add(_ method: MethodDescriptor, _ begin: @escaping @Sendable (ServerStream, Chunk) -> Void) {
        precondition(!isServing, "a router takes no methods once it serves")
        table.insert(ServerMethod(method, begin))
    }

    public func accept(
        _ head: Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream
    ) -> any ExchangeHandler {
        isServing = true
        switch RequestHead.read(head, in: table) {
        case .call(let method, let timeout, let encoding):
            let deadline = timeout.map { timers.now.advanced(by: $0) }
            let call = Call(method: method.descriptor, head: head, peer: peer, deadline: deadline)
            let server = ServerStream(call, method, on: stream, for: self)
            if encoding != .identity { server.peerEncoding = encoding }
            server.start(end: end)
            return server
        case .refusal(let fields):
            stream.send(head: fields, end: true)
            return AnsweredRequest(stream, timers: timers, lingering: limits.lingering, end: end)
        }
    }
}

/// What a router allows its callers, and itself.
public struct RouterLimits: Sendable {
    /// A longer request message is refused before it is read; a compressed one, before it is inflated further.
    public var maxMessageBytes = MessageDeframer.defaultLimit
    /// A longer reply is not sent: the call ends with RESOURCE_EXHAUSTED. As with the other gRPC runtimes there is no limit
    /// if nobody sets one.
    public var maxReplyBytes = Int.max
    /// More metadata than this, with its names and 32 bytes for each field, is not sent: callers refuse what is too large for
    /// them, and the answer is lost with it. A handler's own becomes RESOURCE_EXHAUSTED, an error's is left out. Other
    /// runtimes refuse more than 16 KiB (gRPC C-core's hard limit), the answer's own fields included.
    public var maxMetadataBytes = 15 * 1024
    /// How replies are compressed for callers that accept it, unless a handler says otherwise (`Call.replyCompression`).
    public var compression = MessageEncoding.identity
    /// After the answer, the rest of a request is read and dropped for so long, so that the answer is not lost to a reset.
    public var lingering: Duration = .seconds(2)

    public init() {}
}
