import Bytes
public import ProtoWire

/// The messages of one direction of a call, in order, as they come.
///
/// The peer may send only as fast as they are taken. There is one reader of a call: two tasks must not take from it at once.
public struct MessageReader<Element: Message>: AsyncSequence, Sendable {
    let stream: RPCStream
    private var check: (@Sendable (Element) throws -> Void)?

    init(_ stream: RPCStream) {
        self.stream = stream
    }

    public func makeAsyncIterator() -> Iterator { Iterator(stream: stream, check: check) }

    /// The next message; nil when the peer has sent its last. Throws an `RPCError` if the call fails.
    public func next() async throws -> Element? {
        try await makeAsyncIterator().next()
    }

    /// The message that was taken last had been compressed by the peer. To be asked by the task that reads.
    public var lastWasCompressed: Bool {
        get async {
            if stream.isHere { return stream.lastWasCompressed }
            return await withTaskExecutorPreference(stream.executor) { stream.lastWasCompressed }
        }
    }

    /// The same messages, each checked before it is handed out. One that is refused ends the call with what was thrown.
    ///
    /// Generated code calls it for messages whose contract has rules.
    public func checking(_ check: @escaping @Sendable (Element) throws -> Void) -> MessageReader {
        var reader = self
        reader.check = check
        return reader
    }

    public struct Iterator: AsyncIteratorProtocol {
        let stream: RPCStream
        let check: (@Sendable (Element) throws -> Void)?

        public func next() async throws -> Element? {
            guard let bytes = try await nextBytes() else { return nil }
            do {
                var message = try Element(decoding: bytes)
                if stream.isIntercepted { message = try await stream.intercept(received: message) }
                try check?(message)
                return message
            } catch {
                throw await stream.refused(Element.self, error)
            }
        }

        private func nextBytes() async throws -> Chunk? {
            if stream.isHere { return try await stream.nextMessage() }
            return try await withTaskExecutorPreference(stream.executor) { try await stream.nextMessage() }
        }
    }
}

extension RPCStream {
    /// A message that is no `M`, or that was refused, ends the call.
    final func refused<M: Message>(_: M.Type, _ error: any Error) async -> RPCError {
        let error =
            if let fault = error as? DecodeError {
                RPCError.undecodable(M.descriptor.fullName, fault)
            } else {
                RPCError(thrown: error, isCancelled: false)
            }
        if isHere {
            fail(error)
        } else {
            await withTaskExecutorPreference(executor) { fail(error) }
        }
        return error
    }
}
