public import Bytes
import Compression
public import Exchange
public import ProtoWire

/// One end of an RPC: messages in and out of an exchange, and the tasks that wait for them.
///
/// What the peer sends stays uncounted for it until a reader takes it: its window is the back-pressure. While a reader
/// waits for the rest of a message, bytes are given back as they come, so that a message may be larger than the window.
@usableFromInline
class RPCStream: ExchangeHandler, @unchecked Sendable {  // touched on its loop alone, but for `executor` and `place`
    /// What else may come from the peer.
    enum Inbound {
        case open
        case ended
        /// Indirect, since an error is larger than all the rest of a stream.
        indirect case failed(RPCError)
    }

    // Dynamic exclusivity checks cost 77 instructions each. What is marked is never held across a call that could come back
    // here: it is read or replaced whole, or changed by a method that calls nobody.
    @usableFromInline final let executor: any TaskExecutor
    /// The executor again, in the form that tasks tell theirs in.
    private let place: UnownedTaskExecutor
    final let limits: MessageLimits
    /// Set before anything is heard; nil once it is over, so that the two do not hold each other.
    @exclusivity(unchecked) final var exchange: (any ExchangeStream)?
    @exclusivity(unchecked) final var inbound = Inbound.open
    @exclusivity(unchecked) final var deframer: MessageDeframer
    /// This side has sent its end.
    @exclusivity(unchecked) final var hasSentEnd = false
    /// How the peer compresses the messages that it marks, as its head says.
    @exclusivity(unchecked) final var peerEncoding = MessageEncoding.identity
    /// How this side compresses messages.
    @exclusivity(unchecked) final var encoding = MessageEncoding.identity
    /// The message that was taken last had been compressed.
    @exclusivity(unchecked) final private(set) var lastWasCompressed = false
    @exclusivity(unchecked) private var isReading = false
    /// Heard, and not yet given back.
    @exclusivity(unchecked) private var owed = 0
    /// Made when somebody waits: most calls never do.
    @exclusivity(unchecked) private final var reading: WaitCell?
    @exclusivity(unchecked) private final var writing: WaitCell?

    init(executor: any TaskExecutor, limits: MessageLimits) {
        self.executor = executor
        self.limits = limits
        place = executor.asUnownedTaskExecutor()
        deframer = MessageDeframer(maxMessageBytes: limits.inbound)
    }

    // MARK: What the two roles do differently

    @usableFromInline func heard(head: Fields, end: Bool) {}
    @usableFromInline func heard(_ chunk: Chunk, end: Bool) {}
    @usableFromInline func heard(trailers: Fields) {}
    @usableFromInline func ended(_ ending: Ending) {}
    /// The inbound body broke a rule, or a reader met something that it cannot read: the call is lost.
    func fail(_ error: RPCError) {}
    /// Sends what stands before the first message.
    func beforeFirstMessage() {}
    /// Says that no more messages follow. A handler's return says so for it.
    func finishWriting() {}
    /// Why nothing can be sent any more; nil while something can.
    var closed: RPCError? { nil }
    /// Compresses for all calls of the loop that share a router or a channel.
    var coder: MessageCoder { preconditionFailure("each role has its coder") }
    /// `lastWasCompressed` is another than for the message before.
    func compressionChanged() {}
    /// Somebody is to see each message.
    @usableFromInline var isIntercepted: Bool { false }
    @usableFromInline func intercept<M: Message>(received message: M) async throws -> M { message }
    @usableFromInline func intercept<M: Message>(sending message: M) async throws -> M { message }

    @usableFromInline
    final func hasRoom() {
        writing?.signal()
    }

    /// Whoever waits looks again.
    final func signal() {
        reading?.signal()
        writing?.signal()
    }

    final func signalReader() {
        reading?.signal()
    }

    // MARK: In

    /// Takes bytes for a reader that takes message by message.
    final func hearForReader(_ chunk: Chunk) {
        deframer.append(chunk)
        owed += chunk.count
        guard isReading else { return }
        if deframer.isReady {
            reading?.signal()
        } else {
            giveBack(owed)
        }
    }

    private func giveBack(_ count: Int) {
        guard count > 0 else { return }
        owed -= count
        exchange?.consume(count)
    }

    /// What nobody will read any more is given back at once: the connection's window must not suffer.
    final func dropInbound() {
        deframer.discard()
        giveBack(owed)
    }

    /// The next message, without its prefix; nil at the end of the peer's messages.
    ///
    /// It stays where its caller is: a change of executors that is not looked for saves two locks.
    final nonisolated(nonsending) func nextMessage() async throws -> Chunk? {
        while true {
            if let message = try takeMessage() { return message }
            switch inbound {
            case .ended: return nil
            case .failed(let error): throw error
            case .open: break
            }
            giveBack(owed)
            let cell = reading ?? WaitCell()
            reading = cell
            isReading = true
            let mayGoOn = await cell.wait()
            isReading = false
            if !mayGoOn { throw RPCError.cancelledHere }
        }
    }

    private func takeMessage() throws -> Chunk? {
        do throws(FramingFault) {
            guard let framed = try deframer.nextFramed() else {
                // The end came within a message; the messages before it were taken first.
                if case .ended = inbound, deframer.isWithinMessage { throw FramingFault.truncated }
                return nil
            }
            giveBack(min(owed, framed.bytes.count + MessageFramer.prefixLength))
            return try plain(framed)
        } catch {
            let error = RPCError(error)
            deframer.discard()
            fail(error)
            throw error
        }
    }

    /// The message itself, inflated if it was compressed.
    final func plain(_ framed: FramedMessage) throws(FramingFault) -> Chunk {
        if framed.isCompressed != lastWasCompressed {
            lastWasCompressed = framed.isCompressed
            compressionChanged()
        }
        guard framed.isCompressed else { return framed.bytes }
        return try coder.inflate(framed.bytes, peerEncoding, limit: limits.inbound)
    }

    // MARK: Out

    /// Sends a message, and waits before it while there is no room.
    ///
    /// The message is given away: its prefix goes into its own memory, which a second holder would have copied.
    final nonisolated(nonsending) func write(_ message: consuming Chunk, compressed: Bool) async throws {
        if let closed { throw closed }
        if message.count > limits.outbound { throw RPCError.outboundTooLarge(message.count, limits.outbound) }
        beforeFirstMessage()
        while let exchange, exchange.room <= 0 {
            let cell = writing ?? WaitCell()
            writing = cell
            guard await cell.wait() else { throw RPCError.cancelledHere }
            if let closed { throw closed }
        }
        if let closed { throw closed }
        exchange?.send(framed(message, compressed: compressed), end: false)
    }

    /// The message as it goes out.
    final func framed(_ message: consuming Chunk, compressed: Bool = true) -> Chunk {
        if encoding == .identity || !compressed { return MessageFramer.frame(message) }
        return coder.frame(message, encoding)
    }

    // MARK: Where

    /// The current task runs on the stream's loop.
    final var isHere: Bool {
        withUnsafeCurrentTask { $0?.unownedTaskExecutor == place }
    }
}

/// The most bytes that one message may have, as it is before compression.
struct MessageLimits: Sendable {
    var inbound: Int
    var outbound: Int
}

extension RPCError {
    /// The task that waited was cancelled.
    static var cancelledHere: RPCError {
        RPCError(.cancelled, "the task was cancelled", cause: Failure(.wait, .cancelled))
    }

    static func outboundTooLarge(_ count: Int, _ limit: Int) -> RPCError {
        RPCError(
            .resourceExhausted, "a message of \(count) bytes is over this side's limit of \(limit)",
            cause: Failure(.send, .bodyTooLarge))
    }
}
