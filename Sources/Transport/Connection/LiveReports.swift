public import Exchange
public import Reactor
import Synchronization
public import Timebase

/// What has gone over the streams of a connection, a pool or a listener.
public struct StreamCounts: Sendable, Equatable {
    public var started = 0
    /// Both halves were sent to their end.
    public var succeeded = 0
    public var failed = 0
    public var lastStarted: Instant?

    mutating func add(_ other: StreamCounts) {
        started += other.started
        succeeded += other.succeeded
        failed += other.failed
        lastStarted = [lastStarted, other.lastStarted].compactMap { $0 }.max()
    }
}

/// A connection as it is now. Times are of its loop's clock.
public struct SocketReport: Sendable {
    public let id: Int64
    /// The pool or the listener that it belongs to.
    public let owner: Int64
    public let isServer: Bool
    public let localAddress: String
    public let peer: Peer
    /// The protocol that TLS chose.
    public let alpn: String?
    public let isOpen: Bool
    /// Nil while the connection does not speak HTTP/2.
    public let streams: StreamCounts?
    public let activeStreams: Int
    public let keepalivesSent: Int
    public let bytesSent: Int
    public let bytesReceived: Int
    public let lastSent: Instant?
    public let lastReceived: Instant?
}

/// A listener as it is now.
public struct ListenerReport: Sendable {
    public let id: Int64
    public let address: SocketAddress
    /// Of all its connections, also those that are gone.
    public let streams: StreamCounts
    public let sockets: [Int64]
}

/// A pool as it is now.
public struct PoolReport: Sendable {
    public let id: Int64
    public let address: SocketAddress
    public let state: PoolState
    /// Of all its connections, also those that are gone.
    public let streams: StreamCounts
    /// Exchanges that failed before they were on a connection.
    public let neverStarted: Int
    public let dialsFailed: Int
    public let waiting: Int
    public let sockets: [Int64]
}

/// What lives on a loop. Found by its handles when somebody asks: nothing is kept for that, and nothing shared.
extension Loop {
    /// On the loop.
    public func socketReports() -> [SocketReport] {
        sources.compactMap { ($0 as? WireConnection)?.report }
    }

    /// On the loop.
    public func listenerReports() -> [ListenerReport] {
        sources.compactMap { ($0 as? Listener)?.report }
    }

    /// The pools that have a connection or are making one, on the loop. Who has a pool asks it by itself.
    public func poolReports() -> [PoolReport] {
        var seen: Set<Int64> = []
        return sources.compactMap { source in
            guard let pool = (source as? WireConnection)?.owner as? ConnectionPool, seen.insert(pool.id).inserted else {
                return nil
            }
            return pool.report
        }
    }
}

extension WireConnection {
    var report: SocketReport {
        let session = handler as? HTTP2Connection
        return SocketReport(
            id: id, owner: owner?.id ?? 0, isServer: owner is Listener, localAddress: socket.localAddress, peer: peer,
            alpn: alpn, isOpen: isOpen, streams: session?.counts, activeStreams: session?.activeStreams ?? 0,
            keepalivesSent: session?.keepalivesSent ?? 0, bytesSent: traffic.bytesSent,
            bytesReceived: traffic.bytesReceived, lastSent: traffic.lastSent, lastReceived: traffic.lastReceived)
    }
}

/// Numbers for what channelz lists: unique in the process among all kinds, never given twice, and rising.
public enum LiveID {
    private static let last = Atomic<Int64>(0)

    public static func next() -> Int64 {
        last.add(1, ordering: .relaxed).newValue
    }
}
