public import Exchange

/// What happens to connections, for logs and metrics. Told on the connection's loop.
public struct ConnectionEvents: Sendable {
    let report: (@Sendable (ConnectionEvent) -> Void)?

    public init(_ report: @escaping @Sendable (ConnectionEvent) -> Void) {
        self.report = report
    }

    private init() {
        report = nil
    }

    /// The same events, told to one more.
    public func also(_ more: @escaping @Sendable (ConnectionEvent) -> Void) -> ConnectionEvents {
        ConnectionEvents { [report] event in
            report?(event)
            more(event)
        }
    }

    public static let none = ConnectionEvents()
}

public enum ConnectionEvent: Sendable {
    /// The connection is made, and the handshake done.
    case opened(Peer)
    /// A peer came or was reached, and the handshake failed: the reason is this side's view.
    case refused(address: String, Failure)
    /// A dial failed before there was a connection. The pool tries again after `retryAfter`.
    case dialFailed(address: String, Failure, retryAfter: Duration)
    /// An open connection ended; nil when it was in order.
    case closed(Peer, Failure?)
    /// The peer says that it is pinged too often: this pool does it half as often from now on.
    case keepaliveSlowed(address: String, to: Duration)
    /// A listener cannot accept for the moment: descriptors or memory have run out.
    case acceptPaused(String)
}
