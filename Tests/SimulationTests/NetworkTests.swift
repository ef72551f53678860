import Glibc
import Reactor
import Simulation
import Testing
import Timebase
import Transport

@Suite("A simulated network")
struct NetworkTests {
    @Test("delivers every byte in its order, whatever it cuts and delays", arguments: 1...20)
    func order(seed: UInt64) throws {
        let wires = try Wires(seed: seed, conditions: .rough)
        let (client, server) = try wires.pair()
        var sent = 0
        var got: [UInt8] = []
        while got.count < 100_000 {
            sent += client.fill(100_000 - sent, from: sent)
            try wires.simulation.run(for: .milliseconds(20))
            got += server.drain().bytes
        }
        #expect(got == (0..<100_000).map { UInt8(truncatingIfNeeded: $0) })
    }

    @Test("holds a writer until its reader has read")
    func bounded() throws {
        var conditions = Conditions.calm
        conditions.capacity = 10_000...10_000
        let wires = try Wires(conditions: conditions)
        let (client, server) = try wires.pair()
        #expect(client.fill(50_000) == 10_000)
        try wires.simulation.run(for: .seconds(10))
        #expect(client.fill(1) == 0)
        #expect(server.drain().bytes.count == 10_000)
        #expect(client.fill(50_000) == 10_000)
    }

    @Test("ends, resets or silences a connection after some bytes, in either direction", arguments: 1...10)
    func doom(seed: UInt64) throws {
        var conditions = Conditions.calm
        conditions.faultWithin = 5_000
        conditions.resets = 2
        let (reset, resetWriter) = try afterDoom(seed, conditions)
        #expect(reset.bytes.count <= 5_000 && reset.then == .failed(ECONNRESET))
        #expect(resetWriter == .failed(EPIPE))
        conditions.resets = 0
        conditions.halfCloses = 2
        let (ended, _) = try afterDoom(seed, conditions)
        #expect(ended.bytes.count <= 5_000 && ended.then == .end)
        conditions.halfCloses = 0
        conditions.silences = 2
        let (silenced, silencedWriter) = try afterDoom(seed, conditions)
        #expect(silenced.bytes.count <= 5_000 && silenced.then == .wouldBlock)
        #expect(silencedWriter == .failed(ETIMEDOUT))
    }

    private func afterDoom(
        _ seed: UInt64, _ conditions: Conditions
    ) throws -> (reader: (bytes: [UInt8], then: IOResult), writer: IOResult) {
        let wires = try Wires(seed: seed, conditions: conditions)
        let (client, server) = try wires.pair()
        _ = client.fill(30_000)
        try wires.simulation.run(for: .seconds(60))
        return (server.drain(), [1].withUnsafeBytes { client.write($0) })
    }

    @Test("refuses a connection where nobody listens, and where no host is")
    func refused() throws {
        let wires = try Wires()
        let socket = try wires.dial(.ip("10.9.0.1", port: 81))
        #expect(socket.connectResult() == EINPROGRESS)
        try wires.simulation.run(for: .seconds(1))
        #expect(socket.connectResult() == ECONNREFUSED)
        #expect(throws: Wires.Broken.self) { try wires.dial(.ip("10.99.0.1", port: 80)) }
    }

    @Test("lets nothing through a cut, repeats for 30 s, and goes on when it is healed", arguments: [5, 40])
    func cut(seconds: Int) throws {
        let wires = try Wires()
        let (client, server) = try wires.pair()
        wires.simulation.cut(wires.client, wires.server)
        _ = client.fill(100)
        let late = try wires.dial()
        try wires.simulation.run(for: .seconds(seconds))
        #expect(server.drain().bytes.isEmpty)
        wires.simulation.heal(wires.client, wires.server)
        try wires.simulation.run(for: .seconds(40))
        if seconds < 30 {
            #expect(server.drain().bytes.count == 100)
            #expect(late.connectResult() == 0)
        } else {
            #expect(server.drain().bytes.isEmpty)
            #expect([1].withUnsafeBytes { client.write($0) } == .failed(ETIMEDOUT))
            #expect(late.connectResult() == ETIMEDOUT)
        }
    }

    @Test("makes a connection wait while a listener's queue is full")
    func backlog() throws {
        var conditions = Conditions.calm
        conditions.backlog = 2
        let wires = try Wires(conditions: conditions)
        let sockets = try (0..<3).map { _ in try wires.dial() }
        try wires.simulation.run(for: .milliseconds(500))
        #expect(sockets.map { $0.connectResult() }.sorted() == [0, 0, EINPROGRESS])
        guard case .connection = wires.listener.accept() else {
            Issue.record("nothing to accept")
            return
        }
        try wires.simulation.run(for: .seconds(5))
        #expect(sockets.allSatisfy { $0.connectResult() == 0 })
    }

    @Test("resets the peer of a socket that is closed with bytes unread, and ends one that is closed without")
    func closing() throws {
        let wires = try Wires()
        let (client, server) = try wires.pair()
        _ = client.fill(10)
        try wires.simulation.run(for: .seconds(1))
        server.close()
        try wires.simulation.run(for: .seconds(1))
        #expect(client.drain().then == .failed(ECONNRESET))
        let (second, accepted) = try wires.pair()
        _ = accepted.fill(10)
        accepted.close()
        try wires.simulation.run(for: .seconds(1))
        let heard = second.drain()
        #expect(heard.bytes.count == 10 && heard.then == .end)
        _ = second.fill(1)
        try wires.simulation.run(for: .seconds(1))
        #expect([1].withUnsafeBytes { second.write($0) } == .failed(EPIPE))
    }

    @Test("gives one port to one listener, unless they share it, and handles while there are any")
    func ports() throws {
        let wires = try Wires()
        #expect(throws: ListenError.self) {
            try wires.server.network.listen(on: .ip("0.0.0.0", port: 80), sharesPort: true)
        }
        let shared = SocketAddress.ip("10.9.0.1", port: 81)
        let listeners = try (0..<2).map { _ in try wires.server.network.listen(on: shared, sharesPort: true) }
        let sockets = try (0..<20).map { _ in try wires.dial(shared) }
        try wires.simulation.run(for: .seconds(1))
        var counts = [0, 0]
        for (index, listener) in listeners.enumerated() {
            while case .connection = listener.accept() { counts[index] += 1 }
        }
        #expect(counts[0] + counts[1] == sockets.count && counts[0] > 0 && counts[1] > 0)
        wires.simulation.conditions.handleLimit = wires.server.openHandles
        _ = try wires.dial()
        try wires.simulation.run(for: .seconds(1))
        guard case .exhausted(EMFILE) = wires.listener.accept() else {
            Issue.record("a handle beyond the limit was given out")
            return
        }
    }

    @Test("resets the peers of a process that crashes")
    func crash() throws {
        let wires = try Wires()
        let (client, _) = try wires.pair()
        wires.simulation.crash(wires.server)
        try wires.simulation.run(for: .seconds(1))
        #expect(client.drain().then == .failed(ECONNRESET))
        let late = try wires.dial()
        try wires.simulation.run(for: .seconds(1))
        #expect(late.connectResult() == ECONNREFUSED)
    }
}
