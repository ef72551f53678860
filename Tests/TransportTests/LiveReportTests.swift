import Exchange
import Reactor
import Testing
import Timebase

@testable import Transport

@Suite("Reports of what lives on a loop")
struct LiveReportTests {
    @Test("name sockets, their owners and their streams, and remember what connections that are gone have carried")
    func reports() async throws {
        let pair = try Pair(EchoAcceptor())
        for _ in 0..<3 { #expect(await pair.pool.call().ending == .complete) }
        let (sockets, listeners, pools) = await pair.loop.on {
            (pair.loop.socketReports(), pair.loop.listenerReports(), pair.loop.poolReports())
        }
        let listener = try #require(listeners.first)
        let pool = try #require(pools.first)
        #expect(sockets.count == 2)
        #expect(Set(sockets.map(\.owner)) == [listener.id, pool.id])
        #expect(listener.sockets.count == 1 && pool.sockets.count == 1)
        let client = try #require(sockets.first { !$0.isServer })
        let server = try #require(sockets.first { $0.isServer })
        #expect(client.localAddress == server.peer.address)
        #expect(client.peer.address == "\(listener.address)")
        for socket in sockets {
            #expect(socket.isOpen && socket.activeStreams == 0)
            #expect(socket.streams?.started == 3 && socket.streams?.succeeded == 3 && socket.streams?.failed == 0)
            #expect(socket.bytesSent > 0 && socket.lastSent != nil && socket.lastReceived != nil)
        }
        #expect(client.bytesSent == server.bytesReceived)
        #expect(pool.streams.started == 3 && pool.state == .ready && pool.waiting == 0)
        pair.pool.close()
        _ = await pair.serverLog.first { if case .closed = $0 { true } else { nil } }
        let after = await pair.loop.on { (pair.listener.report, pair.pool.report) }
        #expect(after.0.streams.succeeded == 3 && after.0.sockets.isEmpty)
        #expect(after.1.streams.succeeded == 3 && after.1.state == .shutdown)
    }

    @Test("count failures, of exchanges that began and of those that never did")
    func failures() async throws {
        let pair = try Pair(ResettingAcceptor())
        #expect(await pair.pool.call("/8").failure != nil)
        let report = await pair.loop.on { pair.pool.report }
        #expect(report.streams.failed == 1 && report.streams.started == 1)
        pair.pool.drain()
        #expect(await pair.pool.call().failure?.cause == .draining)
        #expect(await pair.loop.on { pair.pool.report.neverStarted } == 1)
    }

    @Test("have numbers that rise")
    func identifiers() {
        let first = LiveID.next()
        #expect(LiveID.next() > first)
    }
}
