internal import MeshAPI
internal import Reactor
internal import Reflection
internal import Synchronization
internal import Transport

/// Shows what lives on a process's loops by channelz: listeners as servers, pools as channels with one subchannel, and the
/// connections of both.
///
/// Nothing is kept for it: each question is answered by the loops, from what they have at that moment. Only numbers are
/// remembered, of channels and of listening sockets, which the transport has no objects for.
final class LoopChannelz: ChannelzSource {
    private let loops: [Loop]
    private let shown: Mutex<Shown> = Mutex(Shown())

    private struct Shown {
        /// The number of a pool's channel, and of a listener's socket, by the number of the pool or the listener.
        var companions: [Int64: Int64] = [:]
        /// The calls of a listener's router. Read on its loop.
        var calls: [Int64: CallLog] = [:]
        /// Pools that are shown even while they have no connection.
        var pools: [ConnectionPool] = []
    }

    init(_ loops: [Loop]) {
        self.loops = loops
    }

    /// Shows a listener's calls by their status in gRPC, not by how its streams ended.
    func show(_ calls: CallLog, of listener: Listener) {
        shown.withLock { $0.calls[listener.id] = calls }
    }

    /// Shows a pool for as long as the process lives.
    func show(_ pool: ConnectionPool) {
        shown.withLock { $0.pools.append(pool) }
    }

    // MARK: What the loops say

    private struct Found: Sendable {
        var listeners: [(report: ListenerReport, calls: CallCounts?, clock: ReportClock)] = []
        var pools: [(report: PoolReport, clock: ReportClock)] = []
        var sockets: [(report: SocketReport, clock: ReportClock)] = []
    }

    private func look() async -> Found {
        var found = Found()
        for loop in loops {
            let (calls, pools) = shown.withLock { ($0.calls, $0.pools.filter { $0.loop === loop }) }
            let part = await withCheckedContinuation { continuation in
                loop.execute {
                    let clock = ReportClock(loop)
                    let live = loop.poolReports()
                    let resting = pools.map(\.report).filter { report in !live.contains { $0.id == report.id } }
                    continuation.resume(
                        returning: Found(
                            listeners: loop.listenerReports().map { ($0, calls[$0.id]?.counts, clock) },
                            pools: (live + resting).map { ($0, clock) },
                            sockets: loop.socketReports().map { ($0, clock) }))
                }
            }
            found.listeners += part.listeners
            found.pools += part.pools
            found.sockets += part.sockets
        }
        forget(allBut: found)
        return found
    }

    /// Numbers of what is gone need not be remembered.
    private func forget(allBut found: Found) {
        let alive = Set(found.listeners.map(\.report.id) + found.pools.map(\.report.id))
        shown.withLock { shown in shown.companions = shown.companions.filter { alive.contains($0.key) } }
    }

    private func companion(of number: Int64) -> Int64 {
        shown.withLock { shown in
            if let known = shown.companions[number] { return known }
            let made = LiveID.next()
            shown.companions[number] = made
            return made
        }
    }

    // MARK: The source

    func servers() async -> [GrpcChannelzV1.Server] {
        await look().listeners.map { report, calls, clock in
            var server = GrpcChannelzV1.Server()
            server.ref = .init(report.id, "\(report.address)")
            server.data = .init(report, calls, clock)
            server.listenSocket = [.init(companion(of: report.id), "\(report.address)")]
            return server
        }
    }

    func topChannels() async -> [GrpcChannelzV1.Channel] {
        await look().pools.map { report, clock in
            var channel = GrpcChannelzV1.Channel()
            channel.ref = .init(companion(of: report.id), "\(report.address)")
            channel.data = .init(report, clock)
            channel.subchannelRef = [.init(report.id, "\(report.address)")]
            return channel
        }
    }

    func channel(_ number: Int64) async -> GrpcChannelzV1.Channel? {
        await topChannels().first { $0.ref?.channelId == number }
    }

    func subchannel(_ number: Int64) async -> GrpcChannelzV1.Subchannel? {
        let found = await look()
        guard let (report, clock) = found.pools.first(where: { $0.report.id == number }) else { return nil }
        var subchannel = GrpcChannelzV1.Subchannel()
        subchannel.ref = .init(report.id, "\(report.address)")
        subchannel.data = .init(report, clock)
        subchannel.socketRef = found.sockets.filter { $0.report.owner == number }.map { .init($0.report) }
        return subchannel
    }

    func sockets(ofServer number: Int64) async -> [GrpcChannelzV1.SocketRef]? {
        let found = await look()
        guard found.listeners.contains(where: { $0.report.id == number }) else { return nil }
        return found.sockets.filter { $0.report.owner == number }.map { .init($0.report) }
    }

    func socket(_ number: Int64) async -> GrpcChannelzV1.Socket? {
        let found = await look()
        if let (report, clock) = found.sockets.first(where: { $0.report.id == number }) {
            return GrpcChannelzV1.Socket(report, clock)
        }
        for (report, _, _) in found.listeners where companion(of: report.id) == number {
            var socket = GrpcChannelzV1.Socket()
            socket.ref = .init(number, "\(report.address)")
            socket.local = .init("\(report.address)")
            socket.data = .init()
            return socket
        }
        return nil
    }
}
