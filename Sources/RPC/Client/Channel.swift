import Bytes
import Compression
public import Exchange
public import ProtoWire
import Timebase

/// Calls to one destination: what generated stubs stand on.
///
/// A call runs on the loop of its exchanger; a caller that is there already, as every handler of a service is, never leaves
/// it. Leaving the scope of a call, by return or by throwing, ends the call.
///
/// A call that is made in a handler's task inherits that call's deadline, request id and trace; `in:` names another call to
/// inherit from, and options override.
public struct Channel: Sendable {
    private let core: Core
    /// A longer reply is refused before it is read, unless a call's options say otherwise.
    public var maxMessageBytes = MessageDeframer.defaultLimit
    /// What a client's configuration says of the sizes of a method's messages: the smaller limit counts. nil says nothing.
    public var methodLimits: (any MethodLimits)?

    public var destination: String { core.destination }

    /// What all calls of a channel share.
    final class Core: Sendable {
        let exchanger: any Exchanger
        let timers: any CallTimers
        let destination: String
        let interceptors: [any ClientInterceptor]
        let coder: MessageCoder

        init(
            _ exchanger: any Exchanger, _ timers: any CallTimers, _ destination: String,
            _ interceptors: [any ClientInterceptor], _ coder: MessageCoder = MessageCoder()
        ) {
            self.exchanger = exchanger
            self.timers = timers
            self.destination = destination
            self.interceptors = interceptors
            self.coder = coder
        }
    }

    /// - Parameters:
    ///   - exchanger: where exchanges are opened: a connection pool, a stack of policies, an in-memory transport.
    ///   - destination: the service's name in the mesh, or an authority; it becomes `:authority`.
    ///   - timers: the loop of the exchanger, which keeps deadlines.
    ///   - interceptors: stand around each call, the first outermost.
    public init(
        _ exchanger: any Exchanger, destination: String, timers: any CallTimers,
        interceptors: [any ClientInterceptor] = []
    ) {
        core = Core(exchanger, timers, destination, interceptors)
    }

    private init(_ core: Core, like other: Channel) {
        self.core = core
        maxMessageBytes = other.maxMessageBytes
        methodLimits = other.methodLimits
    }

    /// The same channel with more interceptors, inside those that it has.
    public func intercepted(by interceptors: any ClientInterceptor...) -> Channel {
        Channel(
            Core(core.exchanger, core.timers, core.destination, core.interceptors + interceptors, core.coder),
            like: self)
    }

    // MARK: What generated code calls

    public func unary<Request: Message, Reply: Message>(
        _ method: MethodDescriptor, _ request: Request, call: Call?, options: CallOptions
    ) async throws -> Reply {
        try await scope(method, call, options) { stream in
            try await sendOnly(request, stream)
            return try await only(stream)
        }
    }

    public func serverStreaming<Request: Message, Reply: Message, Result: Sendable>(
        _ method: MethodDescriptor, _ request: Request, call: Call?, options: CallOptions,
        _ receive: (MessageReader<Reply>) async throws -> Result
    ) async throws -> Result {
        try await scope(method, call, options) { stream in
            try await sendOnly(request, stream)
            return try await receive(MessageReader(stream))
        }
    }

    public func clientStreaming<Request: Message, Reply: Message>(
        _ method: MethodDescriptor, call: Call?, options: CallOptions,
        _ send: (MessageWriter<Request>) async throws -> Void
    ) async throws -> Reply {
        try await scope(method, call, options) { stream in
            do {
                try await send(MessageWriter(stream))
            } catch let error as RPCError {
                // A service may answer before it has read everything; that answer counts, not that writing ended.
                guard stream.hasAnswer else { throw error }
            }
            stream.finishWriting()
            return try await only(stream)
        }
    }

    public func bidirectional<Request: Message, Reply: Message, Result: Sendable>(
        _ method: MethodDescriptor, call: Call?, options: CallOptions,
        _ exchange: (MessageWriter<Request>, MessageReader<Reply>) async throws -> Result
    ) async throws -> Result {
        try await scope(method, call, options) { stream in
            try await exchange(MessageWriter(stream), MessageReader(stream))
        }
    }

    // MARK: One message

    private nonisolated(nonsending) func sendOnly<Request: Message>(_ request: Request, _ stream: ClientStream)
        async throws
    {
        let request = stream.isIntercepted ? try await stream.intercept(sending: request) : request
        let bytes = request.encodedChunk(headroom: MessageFramer.prefixLength)
        if bytes.count > stream.limits.outbound { throw RPCError.outboundTooLarge(bytes.count, stream.limits.outbound) }
        stream.sendOnly(bytes)
    }

    /// The one reply: no more, no fewer.
    private nonisolated(nonsending) func only<Reply: Message>(_ stream: ClientStream) async throws -> Reply {
        guard let bytes = try await stream.nextMessage() else {
            throw RPCError.cardinality("no reply")
        }
        guard try await stream.nextMessage() == nil else {
            throw RPCError.cardinality("more than one reply")
        }
        let reply: Reply
        do {
            reply = try Reply(decoding: bytes)
        } catch {
            throw RPCError.undecodable(Reply.descriptor.fullName, error)
        }
        return stream.isIntercepted ? try await stream.intercept(received: reply) : reply
    }

    // MARK: The scope of a call

    private func scope<Result: Sendable>(
        _ method: MethodDescriptor, _ call: Call?, _ options: CallOptions,
        _ body: (ClientStream) async throws -> Result
    ) async throws -> Result {
        let context = ClientCall(method, to: core.destination, under: call ?? Call.current, options)
        if core.interceptors.isEmpty { return try await enter(context, body) }
        var isBegun = false
        return try await intercept(context, from: 0) { context in
            guard !isBegun || method.kind == .unary else {
                throw RPCError(.internal, "an interceptor began a call twice that streams")
            }
            isBegun = true
            return try await enter(context, body)
        }
    }

    /// Through the interceptors from `index` on, and then `body`.
    private func intercept<Result: Sendable>(
        _ call: ClientCall, from index: Int, _ body: (ClientCall) async throws -> Result
    ) async throws -> Result {
        guard index < core.interceptors.count else { return try await body(call) }
        return try await core.interceptors[index].intercept(call) { call in
            try await intercept(call, from: index + 1, body)
        }
    }

    /// Goes to the loop, if the caller is elsewhere.
    private func enter<Result: Sendable>(
        _ context: ClientCall, _ body: (ClientStream) async throws -> Result
    ) async throws -> Result {
        let isHere = withUnsafeCurrentTask {
            $0?.unownedTaskExecutor == core.exchanger.executor.asUnownedTaskExecutor()
        }
        if isHere { return try await run(context, body) }
        return try await withTaskExecutorPreference(core.exchanger.executor) { try await run(context, body) }
    }

    private func run<Result: Sendable>(
        _ context: ClientCall, _ body: (ClientStream) async throws -> Result
    ) async throws -> Result {
        let call = OpenCall(context, at: core.timers.now, of: self)
        if call.isLate {
            throw RPCError(
                .deadlineExceeded, "the deadline passed before the call began", reachedPeer: false,
                cause: Failure(.admit, .deadline, subject: call.method.path, reach: .neverSent))
        }
        let stream = ClientStream(call, on: core)
        stream.start(OutgoingHead.fields(of: call, to: core.destination, isSecure: core.exchanger.isSecure))
        defer { stream.leave() }
        return try await body(stream)
    }
}

/// A call as it is opened: what it inherits and what its options say, put together.
struct OpenCall {
    let context: ClientCall
    let startedAt: Instant
    let deadline: Instant?
    let limits: MessageLimits

    var method: MethodDescriptor { context.method }
    var options: CallOptions { context.options }
    var isLate: Bool { deadline.map { $0 <= startedAt } ?? false }

    init(_ context: ClientCall, at now: Instant, of channel: Channel) {
        self.context = context
        startedAt = now
        let options = context.options
        let own = options.timeout.map { now.advanced(by: $0) }
        let inherited = context.parent?.deadline
        deadline = own.map { min($0, inherited ?? $0) } ?? inherited
        var limits = MessageLimits(
            inbound: options.maxReplyBytes ?? channel.maxMessageBytes, outbound: options.maxRequestBytes ?? Int.max)
        if let configured = channel.methodLimits?.limits(of: context.method.path) {
            limits.inbound = min(limits.inbound, configured.reply ?? Int.max)
            limits.outbound = min(limits.outbound, configured.request ?? Int.max)
        }
        self.limits = limits
    }
}

/// The sizes that a configuration allows the messages of methods.
public protocol MethodLimits: Sendable {
    /// In bytes, by a method's path; nil where nothing is said.
    func limits(of path: String) -> (request: Int?, reply: Int?)?
}

extension ClientStream {
    /// The service has answered, or the call is lost: nothing more can be written.
    var hasAnswer: Bool {
        if case .open = inbound { false } else { true }
    }
}
