public import Bytes
public import Exchange

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

    @usableFromInline final let executor: any TaskExecutor
    /// The executor again, in the form that tasks tell theirs in.
    private let place: UnownedTaskExecutor
    /// Set before anything is heard; nil once it is over, so that the two do not hold each other.
    final var exchange: (any ExchangeStream)?
    final var inbound = Inbound.open
    final var deframer: MessageDeframer
    /// This side has sent its end.
    final var hasSentEnd = false
    private var isReading = false
    /// Heard, and not yet given back.
    private var owed = 0
    final lazy var reading = WaitCell()
    final lazy var writing = WaitCell()

    init(executor: any TaskExecutor, maxMessageBytes: Int) {
        self.executor = executor
        place = executor.asUnownedTaskExecutor()
        deframer = MessageDeframer(maxMessageBytes: maxMessageBytes)
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

    @usableFromInline
    final func hasRoom() {
        writing.signal()
    }

    // MARK: In

    /// Takes bytes for a reader that takes message by message.
    final func hearForReader(_ chunk: Chunk) {
        deframer.append(chunk)
        owed += chunk.count
        guard isReading else { return }
        if deframer.isReady {
            reading.signal()
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
    final func nextMessage() async throws -> Chunk? {
        while true {
            if let message = try takeMessage() { return message }
            switch inbound {
            case .ended: return nil
            case .failed(let error): throw error
            case .open: break
            }
            giveBack(owed)
            isReading = true
            let mayGoOn = await reading.wait()
            isReading = false
            if !mayGoOn { throw RPCError.cancelledHere }
        }
    }

    private func takeMessage() throws -> Chunk? {
        do {
            guard let message = try deframer.next() else { return nil }
            giveBack(min(owed, message.count + MessageFramer.prefixLength))
            return message
        } catch {
            let error = RPCError(error)
            fail(error)
            throw error
        }
    }

    // MARK: Out

    /// Sends a message, and waits before it while there is no room.
    final func write(_ message: Chunk) async throws {
        if let closed { throw closed }
        beforeFirstMessage()
        while let exchange, exchange.room <= 0 {
            guard await writing.wait() else { throw RPCError.cancelledHere }
            if let closed { throw closed }
        }
        precondition(!hasSentEnd, "nothing can be written after finish")
        exchange?.send(MessageFramer.frame(message), end: false)
    }

    // MARK: Where

    /// The current task runs on the stream's loop.
    final var isHere: Bool {
        withUnsafeCurrentTask { $0?.unownedTaskExecutor == place }
    }
}

extension RPCError {
    /// The task that waited was cancelled.
    static var cancelledHere: RPCError {
        RPCError(.cancelled, "the task was cancelled", cause: Failure(.wait, .cancelled))
    }
}
