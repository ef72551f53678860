import Bytes
import Compression
import Exchange
import ProtoWire
import Timebase

/// A call at its client: from the request's head to the status.
///
///     open ──▶ heard a head ──▶ heard the status ──▶ over
///       │           │
///       └───────────┴──▶ failed: the transport, the deadline, or the caller who left its scope
@usableFromInline
final class ClientStream: RPCStream, @unchecked Sendable {  // touched on its loop alone
    private let call: OpenCall
    private let channel: Channel.Core
    @exclusivity(unchecked) private var timer: (any CancellableTimer)?
    @exclusivity(unchecked) private var hasHeardHead = false

    init(_ call: OpenCall, on channel: Channel.Core) {
        self.call = call
        self.channel = channel
        super.init(executor: channel.exchanger.executor, limits: call.limits)
        encoding = call.options.compression
    }

    func start(_ head: Fields) {
        let kind = call.method.kind
        let intent = CallIntent(
            destination: channel.destination, deadline: call.deadline, waitsForReady: call.options.waitsForReady,
            answersOnce: kind == .unary || kind == .clientStreaming)
        exchange = channel.exchanger.open(intent, handler: self)
        exchange?.send(head: head, end: false)
        if let deadline = call.deadline, !channel.exchanger.keepsDeadlines, exchange != nil {
            timer = channel.timers.timer(at: deadline) { [weak self] in self?.expire() }
        }
    }

    override var coder: MessageCoder { channel.coder }
    override func compressionChanged() { call.options.record?.set(replyWasCompressed: lastWasCompressed) }
    override var isIntercepted: Bool { !channel.interceptors.isEmpty }

    /// Requests meet the interceptors from the outside in, replies from the inside out.
    override func intercept<M: Message>(sending message: M) async throws -> M {
        var message = message
        for interceptor in channel.interceptors { message = try await interceptor.sending(message, of: call.context) }
        return message
    }

    override func intercept<M: Message>(received message: M) async throws -> M {
        var message = message
        for interceptor in channel.interceptors.reversed() {
            message = try await interceptor.received(message, of: call.context)
        }
        return message
    }

    /// Sends the one request of a call, and with it the end.
    func sendOnly(_ message: consuming Chunk) {
        guard !hasSentEnd else { return }
        hasSentEnd = true
        exchange?.send(framed(message), end: true)
    }

    override func finishWriting() {
        guard !hasSentEnd else { return }
        hasSentEnd = true
        exchange?.send(.empty, end: true)
    }

    // MARK: What the service says

    override func heard(head: Fields, end: Bool) {
        guard case .open = inbound else { return }
        let status = head[.status].flatMap { Int($0) } ?? 0
        // Interim responses say nothing to a call (RFC 9110 §15.2).
        if (100..<200).contains(status), !end { return }
        hasHeardHead = true
        if end { return finish(head, httpStatus: status) }
        guard status == 200 else {
            return fail(
                RPCError(
                    StatusCode(httpStatus: status), "the peer answered with HTTP status \(status)", origin: .transport))
        }
        let isGRPC = head.withValue(.contentType) { ContentType.isGRPC($0) } ?? false
        guard isGRPC else {
            let type = head[.contentType] ?? "untyped"
            return fail(RPCError(.unknown, "the peer's reply is not gRPC but \(type)", origin: .transport))
        }
        if let encoding = head.withValue(.grpcEncoding, { MessageEncoding($0) }) {
            guard let encoding else {
                let name = head[.grpcEncoding] ?? ""
                return fail(RPCError(.internal, "the peer compressed its reply with '\(name)', which was not offered"))
            }
            peerEncoding = encoding
        }
        call.options.record?.set(initial: Metadata(received: head))
    }

    override func heard(_ chunk: Chunk, end: Bool) {
        guard case .open = inbound else {
            exchange?.consume(chunk.count)
            return
        }
        guard hasHeardHead else {
            return fail(RPCError(.internal, "the peer's reply has no head", origin: .peer))
        }
        hearForReader(chunk)
        if end { fail(.withoutStatus(.internal)) }
    }

    override func heard(trailers: Fields) {
        guard case .open = inbound else { return }
        finish(trailers, httpStatus: 200)
    }

    private func finish(_ fields: Fields, httpStatus: Int) {
        call.options.record?.set(trailing: Metadata(received: fields))
        if !StatusTrailers(fields).isPresent {
            let code = httpStatus == 200 ? .internal : StatusCode(httpStatus: httpStatus)
            settle(.failed(.withoutStatus(code)))
        } else if let error = StatusTrailers.error(in: fields) {
            if fields[.weftRetries] == RetryAdvice.spent { call.context.parent?.noteSpentRetries() }
            settle(.failed(isLate(error.code) ? expired : error))
        } else {
            settle(.ended)
        }
    }

    override func ended(_ ending: Ending) {
        timer?.cancel()
        timer = nil
        if case .open = inbound {
            switch ending {
            case .complete: settle(.failed(.withoutStatus(.internal)))
            case .failed(let failure): settle(.failed(error(for: failure)))
            }
        }
        hasSentEnd = true
        exchange = nil
        signal()
    }

    private func error(for failure: Failure) -> RPCError {
        var error = RPCError(failure)
        if isLate(error.code) { return expired }
        if failure.cause == .deadline { error.origin = .local }
        return error
    }

    /// A cancellation that comes when the time is over is the deadline's work, whoever sent it.
    private func isLate(_ code: StatusCode) -> Bool {
        guard code == .cancelled, let deadline = call.deadline else { return false }
        return channel.timers.now >= deadline
    }

    // MARK: Ways in which it ends

    private var expired: RPCError {
        RPCError(
            .deadlineExceeded, "the deadline passed before the reply came",
            cause: Failure(.wait, .deadline, subject: call.method.path))
    }

    private func expire() {
        fail(expired)
    }

    /// The call is lost: its readers and writers hear why, the peer hears that nobody waits.
    override func fail(_ error: RPCError) {
        guard case .open = inbound else { return }
        settle(.failed(error))
        exchange?.reset(.cancel)
    }

    private func settle(_ outcome: Inbound) {
        inbound = outcome
        timer?.cancel()
        timer = nil
        signal()
    }

    /// The caller's scope ends: what is left of the call ends with it.
    func leave() {
        timer?.cancel()
        timer = nil
        guard let exchange else { return }
        if case .open = inbound {
            settle(.failed(.cancelledHere))
            exchange.reset(.cancel)
        } else if !hasSentEnd {
            exchange.reset(.cancel)
        } else {
            dropInbound()
        }
    }

    override var closed: RPCError? {
        switch inbound {
        case .open: hasSentEnd ? RPCError(.internal, "nothing can be written after finish") : nil
        case .ended: RPCError(.cancelled, "the service has answered")
        case .failed(let error): error
        }
    }
}

extension RPCError {
    /// The reply ended, and nothing said how the call went.
    fileprivate static func withoutStatus(_ code: StatusCode) -> RPCError {
        RPCError(code, "the peer ended its reply without a status", origin: .peer)
    }
}
