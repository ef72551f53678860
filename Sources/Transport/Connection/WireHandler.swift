public import Bytes
public import Exchange

/// A protocol on a connection: it hears plaintext and produces plaintext, on the connection's loop.
///
/// Output is pulled: the connection asks for as much as it may hold, once a turn and whenever the socket takes more. So a
/// slow peer holds the protocol, and nothing piles up between the two.
public protocol WireHandler: AnyObject {
    /// Bytes from the peer; good during the call alone.
    func received(_ bytes: UnsafeRawBufferPointer)
    /// Bytes of a large read, which may be kept and cut without a copy. The whole read stays in memory as long as a part of
    /// it does, so that small parts are better copied.
    func received(_ chunk: Chunk)
    /// The peer ended its direction. A protocol without half-closed connections closes.
    func receivedEnd()
    /// Puts what there is to send at the end of `output`, until there is nothing or more than `limit` bytes were put there.
    func produce(_ limit: Int, into output: OutputChain)
    /// The turn in which `wantsFlush` was called is over, also where the socket takes nothing.
    func turnEnded()
    /// What `produce` gave last has been written to the socket; there may be more room now.
    func flushed()
    /// The process stops: finish what is under way and close.
    func drain()
    /// The connection is over, as the last call. The failure is nil if this side closed it.
    func closed(_ failure: Failure?)
}

extension WireHandler {
    public func received(_ chunk: Chunk) {
        chunk.withUnsafeBytes { received($0) }
    }

    public func turnEnded() {}
    public func flushed() {}
}
