public import Exchange

/// A protocol on a connection: it hears plaintext and produces plaintext, on the connection's loop.
///
/// Output is pulled: the connection asks for as much as its buffer takes, once a turn and whenever the socket takes more.
/// So a slow peer holds the protocol, and nothing piles up between the two.
public protocol WireHandler: AnyObject {
    /// Bytes from the peer; good during the call alone.
    func received(_ bytes: UnsafeRawBufferPointer)
    /// The peer ended its direction. A protocol without half-closed connections closes.
    func receivedEnd()
    /// Hands what there is to send to `write`, in runs that are good during the call alone, until there is nothing or more
    /// than `limit` bytes were handed out.
    func produce(_ limit: Int, _ write: (UnsafeRawBufferPointer) -> Void)
    /// What `produce` gave last has been written to the socket; there may be more room now.
    func flushed()
    /// The process stops: finish what is under way and close.
    func drain()
    /// The connection is over, as the last call. The failure is nil if this side closed it.
    func closed(_ failure: Failure?)
}

extension WireHandler {
    public func flushed() {}
}
