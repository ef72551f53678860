public import Bytes
import Compression
public import Exchange
public import ProtoWire
import Timebase

/// A call at its server: from the request's head to the status.
///
///     collecting (one message) ──┐
///                                ├──▶ running (the handler's task) ──▶ answered ──▶ over
///     (streaming) ───────────────┘          └── the caller left, or its deadline passed ──▶ answered
@usableFromInline
final class ServerStream: RPCStream, @unchecked Sendable {  // touched on its loop alone
    @usableFromInline let call: Call
    private let method: ServerMethod
    private let router: Router
    @exclusivity(unchecked) private var task: Task<Void, Never>?
    @exclusivity(unchecked) private var timer: (any CancellableTimer)?
    @exclusivity(unchecked) private var hasSentHead = false
    @exclusivity(unchecked) private var isCollecting = false
    /// The peer has said everything.
    @exclusivity(unchecked) private var hasHeardEnd = false
    /// The one reply of a handler that has not returned through its interceptors yet.
    @exclusivity(unchecked) private var kept: Chunk?

    init(_ call: Call, _ method: ServerMethod, on exchange: any ExchangeStream, for router: Router) {
        self.call = call
        self.method = method
        self.router = router
        let limits = router.limits
        super.init(
            executor: exchange.executor,
            limits: MessageLimits(inbound: limits.maxMessageBytes, outbound: limits.maxReplyBytes))
        self.exchange = exchange
    }

    func start(end: Bool) {
        router.observer?.began(call)
        if let deadline = call.deadline {
            guard deadline > router.timers.now else { return expire() }
            timer = router.timers.timer(at: deadline) { [weak self] in self?.expire() }
        }
        if method.readsStream {
            if end { heardEnd() }
            method.begin(self, .empty)
        } else {
            isCollecting = true
            if end { heardEnd() }
        }
    }

    // MARK: What the caller sends

    @usableFromInline
    override func heard(_ chunk: Chunk, end: Bool) {
        if isCollecting {
            exchange?.consume(chunk.count)
            deframer.append(chunk)
            if end {
                heardEnd()
            } else if deframer.isFaulty || deframer.bytesBehind >= MessageFramer.prefixLength {
                beginSingle()
            }
        } else if case .open = inbound, !hasSentEnd {
            hearForReader(chunk)
            if end { heardEnd() }
        } else {
            exchange?.consume(chunk.count)
            if end { hasHeardEnd = true }
        }
    }

    /// gRPC has no request trailers: they are the end, and what they say is not asked for.
    @usableFromInline
    override func heard(trailers: Fields) {
        heardEnd()
    }

    private func heardEnd() {
        hasHeardEnd = true
        if isCollecting {
            beginSingle()
        } else if case .open = inbound {
            inbound = .ended
            signalReader()
        }
    }

    private func beginSingle() {
        isCollecting = false
        do throws(FramingFault) {
            let framed = try deframer.nextFramed()
            // Bytes behind the one message are another, or, if nothing follows them, a part of one.
            if hasHeardEnd, deframer.isWithinMessage { throw .truncated }
            guard let framed, !deframer.isReady, !deframer.isWithinMessage else {
                return fail(.cardinality(framed == nil ? "no request message" : "more than one request message"))
            }
            let message = try plain(framed)
            method.begin(self, message)
        } catch {
            fail(RPCError(error))
        }
    }

    @usableFromInline
    override func ended(_ ending: Ending) {
        timer?.cancel()
        timer = nil
        if !hasSentEnd {
            hasSentEnd = true
            abandon(RPCError(.cancelled, "the caller left", origin: .peer, cause: Failure(.receive, .cancelled)))
        }
        exchange = nil
    }

    // MARK: Ways in which it ends

    /// The deadline has passed: the caller hears so, and the handler's task is cancelled.
    private func expire() {
        guard !hasSentEnd else { return }
        fail(
            RPCError(
                .deadlineExceeded, "the deadline passed in the service",
                cause: Failure(.wait, .deadline, subject: call.method.path)))
    }

    /// Sends the error and stops the handler.
    override func fail(_ error: RPCError) {
        guard !hasSentEnd else { return }
        send(error)
        abandon(error)
    }

    /// The handler, if it still runs, is told that nobody waits for it.
    private func abandon(_ error: RPCError) {
        isCollecting = false
        call.cancel()
        inbound = .failed(error)
        dropInbound()
        signal()
        task?.cancel()
        task = nil
        router.observer?.ended(call, error: error)
    }

    override var closed: RPCError? {
        guard hasSentEnd else { return nil }
        if case .failed(let error) = inbound { return error }
        return RPCError(.cancelled, "the call is over")
    }

    // MARK: The handler's task

    /// Keeps the task, to cancel it, unless it is done already. A call that was lost while its task began cancels it now.
    @usableFromInline
    func run(_ task: Task<Void, Never>) {
        if !hasSentEnd {
            self.task = task
        } else if call.isCancelled {
            task.cancel()
        }
    }

    @usableFromInline
    func perform(_ body: @escaping @Sendable () async throws -> Void) {
        run(
            Task.immediate(executorPreference: executor) { [self] in
                do {
                    try await Call.$current.withValue(call) {
                        if isIntercepted { try await intercept(body) } else { try await body() }
                    }
                    finish()
                } catch {
                    finish(throwing: error)
                }
            })
    }

    @usableFromInline override var isIntercepted: Bool { !router.interceptors.isEmpty }
    override var coder: MessageCoder { router.coder }
    override func compressionChanged() { call.noteRequest(wasCompressed: lastWasCompressed) }

    /// Requests meet the interceptors from the outside in, replies from the inside out.
    @usableFromInline
    override func intercept<M: Message>(received message: M) async throws -> M {
        var message = message
        for interceptor in router.interceptors { message = try await interceptor.received(message, of: call) }
        return message
    }

    @usableFromInline
    override func intercept<M: Message>(sending message: M) async throws -> M {
        var message = message
        for interceptor in router.interceptors.reversed() { message = try await interceptor.sending(message, of: call) }
        return message
    }

    @usableFromInline
    func intercept(_ body: @escaping @Sendable () async throws -> Void) async throws {
        var next = body
        for interceptor in router.interceptors.reversed() {
            let inner = next
            next = { [call] in try await interceptor.respond(to: call, next: inner) }
        }
        try await next()
    }

    /// Keeps a reply until the interceptors have returned as well.
    @usableFromInline
    func keep(_ reply: Chunk) {
        kept = reply
    }

    @usableFromInline func reader<M: Message>() -> MessageReader<M> { MessageReader(self) }
    @usableFromInline func writer<M: Message>() -> MessageWriter<M> { MessageWriter(self) }

    /// The handler returned, and its replies are sent but for one that was kept.
    @usableFromInline
    func finish() {
        guard !hasSentEnd else { return }
        if let kept { return finish(kept) }
        if beginReply() { sendOK() }
    }

    @usableFromInline
    func finish(_ reply: consuming Chunk) {
        guard !hasSentEnd else { return }
        if reply.count > limits.outbound {
            return finish(throwing: RPCError.outboundTooLarge(reply.count, limits.outbound))
        }
        guard beginReply() else { return }
        exchange?.send(framed(reply), end: false)
        sendOK()
    }

    @usableFromInline
    func finish(throwing error: any Error) {
        guard !hasSentEnd else { return }
        let error = RPCError(thrown: error, isCancelled: call.isCancelled)
        send(error)
        over(error)
    }

    /// The request message is no `M`.
    @usableFromInline
    func refuse<M: Message>(_: M.Type, _ error: DecodeError) {
        fail(.undecodable(M.descriptor.fullName, error))
    }

    // MARK: What the caller hears

    override func beforeFirstMessage() {
        guard !hasSentHead, !hasSentEnd else { return }
        let extras = call.extrasIfAny
        if let initial = extras?.initial.fields, initial.listSize > router.limits.maxMetadataBytes {
            return fail(.metadataTooLarge(initial, router.limits.maxMetadataBytes))
        }
        hasSentHead = true
        let wanted = extras?.compression ?? router.limits.compression
        guard extras != nil || wanted != .identity else {
            exchange?.send(head: ServerStream.head, end: false)
            return
        }
        var head = ServerStream.head
        if wanted != .identity, wanted.isListed(in: call.head[.grpcAcceptEncoding] ?? "") {
            encoding = wanted
            head.append(.grpcEncoding, wanted.rawValue)
        }
        if let metadata = extras?.initial { head.append(contentsOf: metadata.fields) }
        exchange?.send(head: head, end: false)
    }

    private static let head = ([":status": "200", "content-type": ContentType.grpc] as Fields).identified()

    /// The head goes out before the status of a call that went well. Answers false if the call failed by it.
    private func beginReply() -> Bool {
        beforeFirstMessage()
        return !hasSentEnd
    }

    private func sendOK() {
        let trailing = call.extrasIfAny?.trailing
        if let fields = trailing?.fields, fields.listSize > router.limits.maxMetadataBytes {
            return finish(throwing: RPCError.metadataTooLarge(fields, router.limits.maxMetadataBytes))
        }
        hasSentEnd = true
        if let metadata = trailing, !metadata.isEmpty {
            var trailers = StatusTrailers.ok
            trailers.append(contentsOf: metadata.fields)
            exchange?.send(trailers: trailers)
        } else {
            exchange?.send(trailers: StatusTrailers.ok)
        }
        over(nil)
    }

    /// Sends a status, as trailers or, before anything else was sent, as a head alone.
    private func send(_ error: RPCError) {
        let limit = router.limits.maxMetadataBytes
        let extras = call.extrasIfAny
        if let initial = extras?.initial, !initial.isEmpty, initial.fields.listSize <= limit { beforeFirstMessage() }
        hasSentEnd = true
        var fields = hasSentHead ? Fields() : ServerStream.head
        StatusTrailers.append(error, to: &fields, detailLimit: limit)
        if call.retriesAreSpent { fields.append(.weftRetries, RetryAdvice.spent) }
        for more in [extras?.trailing.fields, error.origin == .local ? error.metadata.fields : nil] {
            if let more, fields.listSize + more.listSize <= limit { fields.append(contentsOf: more) }
        }
        if hasSentHead {
            exchange?.send(trailers: fields)
        } else {
            exchange?.send(head: fields, end: true)
        }
        linger()
    }

    private func over(_ error: RPCError?) {
        task = nil
        if method.readsStream { endReading() }
        linger()
        router.observer?.ended(call, error: error)
    }

    /// A reader that the handler left to somebody else must not wait for what is never read.
    private func endReading() {
        guard case .open = inbound else { return }
        inbound = .failed(RPCError(.cancelled, "the call is over"))
        signalReader()
    }

    /// The answer is given. What the caller still sends is dropped; a caller that goes on regardless is cut off.
    private func linger() {
        timer?.cancel()
        timer = nil
        guard !hasHeardEnd, exchange != nil else { return }
        dropInbound()
        timer = router.timers.timer(at: router.timers.now.advanced(by: router.limits.lingering)) { [weak self] in
            self?.exchange?.reset(.noError)
        }
    }
}

extension RPCError {
    static func cardinality(_ found: String) -> RPCError {
        RPCError(.unimplemented, "\(found), where one is expected", cause: Failure(.receive, .invalidMessage))
    }

    static func metadataTooLarge(_ fields: Fields, _ limit: Int) -> RPCError {
        RPCError(
            .resourceExhausted, "metadata of \(fields.listSize) bytes is over this side's limit of \(limit)",
            cause: Failure(.send, .headersTooLarge))
    }

    static func undecodable(_ name: String, _ error: DecodeError) -> RPCError {
        RPCError(
            .internal, "a message is no \(name): \(error)", cause: Failure(.receive, .invalidMessage, subject: name))
    }

    /// What a handler threw, as its caller may know it. Errors that are not RPC's say nothing of the service's insides.
    init(thrown error: any Error, isCancelled: Bool) {
        switch error {
        case var error as RPCError:
            // A handler cannot answer OK by throwing.
            if error.code == .ok { error.code = .unknown }
            self = error
        case is CancellationError:
            self.init(.cancelled, isCancelled ? "the caller left" : "the handler was cancelled")
        case let error as DecodeError:
            self.init(.internal, "a message cannot be read: \(error)")
        default:
            self.init(.unknown, "the handler failed")
        }
    }
}
