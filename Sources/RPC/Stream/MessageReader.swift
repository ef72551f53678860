import Bytes
public import ProtoWire

/// The messages of one direction of a call, in order, as they come.
///
/// The peer may send only as fast as they are taken. There is one reader of a call: two tasks must not take from it at once.
public struct MessageReader<Element: Message>: AsyncSequence, Sendable {
    let stream: RPCStream

    init(_ stream: RPCStream) {
        self.stream = stream
    }

    public func makeAsyncIterator() -> Iterator { Iterator(stream: stream) }

    /// The next message; nil when the peer has sent its last. Throws an `RPCError` if the call fails.
    public func next() async throws -> Element? {
        try await Iterator(stream: stream).next()
    }

    public struct Iterator: AsyncIteratorProtocol {
        let stream: RPCStream

        public func next() async throws -> Element? {
            guard let bytes = try await nextBytes() else { return nil }
            do {
                return try Element(decoding: bytes)
            } catch {
                throw await stream.undecodable(Element.self, error)
            }
        }

        private func nextBytes() async throws -> Chunk? {
            if stream.isHere { return try await stream.nextMessage() }
            return try await withTaskExecutorPreference(stream.executor) { try await stream.nextMessage() }
        }
    }
}

extension RPCStream {
    /// A message that is no `M` ends the call.
    final func undecodable<M: Message>(_: M.Type, _ error: DecodeError) async -> RPCError {
        let error = RPCError.undecodable(M.descriptor.fullName, error)
        if isHere {
            fail(error)
        } else {
            await withTaskExecutorPreference(executor) { fail(error) }
        }
        return error
    }
}
