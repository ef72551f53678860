import Bytes
public import ProtoWire

/// Sends the messages of one direction of a call. There is one writer: two tasks must not write at once.
public struct MessageWriter<Element: Message>: Sendable {
    let stream: RPCStream

    init(_ stream: RPCStream) {
        self.stream = stream
    }

    /// Sends a message. Waits while the peer, or the connection, has no room for it; throws an `RPCError` if the call is over.
    public func write(_ message: Element) async throws {
        let bytes = message.encodedChunk(headroom: MessageFramer.prefixLength)
        if stream.isHere {
            try await stream.write(bytes)
        } else {
            try await withTaskExecutorPreference(stream.executor) { try await stream.write(bytes) }
        }
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
