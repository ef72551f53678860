import Bytes
public import ProtoWire

/// Sends the messages of one direction of a call. There is one writer: two tasks must not write at once.
public struct MessageWriter<Element: Message>: Sendable {
    let stream: RPCStream

    init(_ stream: RPCStream) {
        self.stream = stream
    }

    /// Sends a message. Waits while the peer, or the connection, has no room for it; throws an `RPCError` if the call is over.
    ///
    /// - Parameter compressed: In a call whose messages are compressed (`CallOptions.compression` at a client,
    ///   `Call.replyCompression` at a handler), `false` sends this one as it is. Elsewhere it says nothing.
    public func write(_ message: Element, compressed: Bool = true) async throws {
        let message = stream.isIntercepted ? try await stream.intercept(sending: message) : message
        if stream.isHere {
            let bytes = message.encodedChunk(headroom: MessageFramer.prefixLength)
            try await stream.write(bytes, compressed: compressed)
        } else {
            let bytes = message.encodedChunk(headroom: MessageFramer.prefixLength)
            try await withTaskExecutorPreference(stream.executor) {
                try await stream.write(bytes, compressed: compressed)
            }
        }
    }

    /// Sends all messages of a sequence, each as soon as there is room for it.
    public func write<Messages: AsyncSequence>(contentsOf messages: Messages) async throws
    where Messages.Element == Element {
        for try await message in messages { try await write(message) }
    }

    /// Sends all messages of a sequence, each as soon as there is room for it.
    public func write(contentsOf messages: some Sequence<Element>) async throws {
        for message in messages { try await write(message) }
    }

    /// Sends what stands before the first message, if it was not sent: so a caller learns that its stream has begun before
    /// there is anything to say. A client's request has its head already, and nothing happens.
    public func begin() async {
        if stream.isHere {
            stream.beforeFirstMessage()
        } else {
            await withTaskExecutorPreference(stream.executor) { stream.beforeFirstMessage() }
        }
    }

    /// Says to the service that no more messages follow; replies may still come. A handler need not call it: its return says
    /// so.
    public func finish() async {
        if stream.isHere {
            stream.finishWriting()
        } else {
            await withTaskExecutorPreference(stream.executor) { stream.finishWriting() }
        }
    }
}
