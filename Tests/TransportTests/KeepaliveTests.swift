import Bytes
import Exchange
import Reactor
import Testing
import Timebase

@testable import Transport

/// gRFC A8 and A9, on a clock that the tests move.
@Suite("Keepalive")
struct KeepaliveTests {
    private let world = ManualWorld()

    private func limits(_ change: (inout ConnectionLimits) -> Void) -> ConnectionLimits {
        var limits = ConnectionLimits()
        limits.maxAge = nil
        limits.idleTimeout = nil
        change(&limits)
        return limits
    }

    @Test("of a client asks a quiet peer while calls are open, and believes any sign of life")
    func client() {
        let pool = world.pool(limits { $0.keepalive = .seconds(30) })
        let call = SeenExchange(on: pool)
        let server = world.serve()
        _ = world.frames(server)
        world.advance(.seconds(29))
        #expect(world.frames(server) == [])
        world.advance(.seconds(1))
        #expect(world.frames(server).map(\.type) == [6])
        // Not the ping's answer, but bytes.
        world.advance(.seconds(19))
        world.send(Frame(type: 8, payload: Frame.number(1)), to: server)
        world.advance(.seconds(1))
        #expect(call.ending == nil)
        world.advance(.seconds(29))
        #expect(world.frames(server).map(\.type) == [6])
        world.advance(.seconds(20))
        #expect(call.failure?.detail == "the peer did not answer a ping")
        #expect(server.isClosed)
    }

    @Test("of a client without calls asks only if it is told to", arguments: [false, true])
    func withoutCalls(_ asks: Bool) {
        let pool = world.pool(
            limits {
                $0.keepalive = .seconds(30)
                $0.keepaliveWithoutCalls = asks
            })
        pool.connect()
        let server = world.serve()
        _ = world.frames(server)
        world.advance(.seconds(31))
        #expect(world.frames(server).map(\.type) == (asks ? [6] : []))
    }

    @Test("of a client is never faster than ten seconds")
    func minimum() {
        let pool = world.pool(limits { $0.keepalive = .seconds(1) })
        let call = SeenExchange(on: pool)
        let server = world.serve()
        _ = world.frames(server)
        world.advance(.seconds(9))
        #expect(world.frames(server) == [])
        world.advance(.seconds(1))
        let ping = world.frames(server)
        #expect(ping.map(\.type) == [6])
        // An answered one is followed by the next after the same time, though its own time was longer.
        world.send(Frame(type: 6, flags: 1, payload: ping.first?.payload ?? []), to: server)
        world.advance(.seconds(9))
        #expect(world.frames(server) == [])
        world.advance(.seconds(1))
        #expect(world.frames(server).map(\.type) == [6])
        #expect(call.ending == nil)
    }

    @Test("of a client slows down to half when the server complains, also on later connections")
    func doubling() {
        let slowed = Mailbox<Duration>()
        var told: [Duration] = []
        let events = ConnectionEvents { event in
            if case .keepaliveSlowed(_, let interval) = event { slowed.put(interval) }
        }
        let pool = world.pool(limits { $0.keepalive = .seconds(10) }, events: events)
        for interval in [10, 20, 40] {
            let call = SeenExchange(on: pool)
            let server = world.serve()
            _ = world.frames(server)
            world.advance(.seconds(interval - 1))
            #expect(world.frames(server) == [])
            world.advance(.seconds(1))
            #expect(world.frames(server).map(\.type) == [6])
            world.send(.goAway(last: 0x7fff_ffff, code: 11, "too_many_pings"), to: server)
            server.isEnded = true
            world.settle()
            #expect(call.ending != nil)
            told.append(pool.keepalive ?? .zero)
        }
        #expect(told == [.seconds(20), .seconds(40), .seconds(80)])
    }

    /// What a client does at which second, and after which step the server has had enough.
    struct Strikes: CustomTestStringConvertible {
        var testDescription: String
        var hasCall: Bool
        var steps: [(at: Int, what: Step)]
        var fatal: Int?

        enum Step { case ping, answer }
    }

    static let strikes = [
        Strikes(
            testDescription: "two early pings are borne, the third is too many", hasCall: true,
            steps: [(1, .ping), (2, .ping), (3, .ping), (4, .ping)], fatal: 3),
        Strikes(
            testDescription: "pings five minutes apart are welcome while a call is open", hasCall: true,
            steps: [(1, .ping), (301, .ping), (601, .ping), (901, .ping), (1201, .ping)], fatal: nil),
        Strikes(
            testDescription: "without a call they must be two hours apart", hasCall: false,
            steps: [(1, .ping), (301, .ping), (601, .ping), (901, .ping)], fatal: 3),
        Strikes(
            testDescription: "without a call, two hours apart, they are welcome", hasCall: false,
            steps: [(1, .ping), (7201, .ping), (14_401, .ping), (21_601, .ping)], fatal: nil),
        Strikes(
            testDescription: "what the server sends forgives", hasCall: true,
            steps: [(1, .ping), (2, .ping), (3, .ping), (4, .answer), (5, .ping), (6, .ping), (7, .ping)], fatal: nil),
        Strikes(
            testDescription: "late pings do not pay for early ones", hasCall: true,
            steps: [(1, .ping), (2, .ping), (400, .ping), (401, .ping), (800, .ping), (801, .ping)], fatal: 5),
    ]

    @Test("of others is counted", arguments: strikes)
    func strikeAccounting(_ row: Strikes) throws {
        let acceptor = StreamingAcceptor()
        let listener = try world.listen(acceptor, limits { _ in })
        let client = world.client()
        if row.hasCall { world.send(.request(1), to: client) }
        var now = 0
        for (index, step) in row.steps.enumerated() {
            world.advance(.seconds(step.at - now))
            now = step.at
            switch step.what {
            case .ping: world.send(.ping(UInt8(index)), to: client)
            case .answer: acceptor.stream?.send(Chunk("more"), end: false)
            }
            let goAway = world.frames(client).first { $0.type == 7 }
            guard index == row.fatal else {
                #expect(goAway == nil, "step \(index)")
                continue
            }
            let last: UInt32 = row.hasCall ? 1 : 0
            #expect(goAway == .goAway(last: last, code: 11, "too_many_pings"))
            client.isEnded = true
            world.settle()
            #expect(listener.connectionCount == 0)
            return
        }
        #expect(row.fatal == nil)
        #expect(listener.connectionCount == 1)
    }

    @Test("without calls may be permitted, or never counted at all")
    func permitted() throws {
        for permits in [true, false] {
            let world = ManualWorld()
            let listener = try world.listen(
                StreamingAcceptor(),
                limits {
                    if permits { $0.permitsPingsWithoutCalls = true } else { $0.maxPingStrikes = 0 }
                })
            let client = world.client()
            for _ in 0..<10 {
                world.advance(permits ? .seconds(300) : .seconds(1))
                world.send(.ping(), to: client)
            }
            #expect(listener.connectionCount == 1)
            #expect(!world.frames(client).contains { $0.type == 7 })
        }
    }

    @Test("grants the calls of an old connection their grace, and no more")
    func ageGrace() throws {
        let acceptor = StreamingAcceptor()
        let listener = try world.listen(
            acceptor,
            limits {
                $0.maxAge = .seconds(100)
                $0.maxAgeGrace = .seconds(50)
            })
        let client = world.client()
        world.send(.request(1), to: client)
        _ = world.frames(client)
        world.advance(.seconds(111))  // 100 s +-10 %
        let told = world.frames(client)
        #expect(told.first { $0.type == 7 } == .goAway(last: 0x7fff_ffff))
        #expect(told.contains { $0.type == 6 })
        world.advance(.seconds(1))  // nobody answers the ping: the notice's time is over
        #expect(world.frames(client).first { $0.type == 7 } == .goAway(last: 1))
        #expect(acceptor.ending == nil)
        world.advance(.seconds(50))
        #expect(acceptor.ending != nil)
        client.isEnded = true
        world.settle()
        #expect(listener.connectionCount == 0)
    }
}

@Suite("GOAWAY")
struct GoAwayTests {
    private let world = ManualWorld()

    @Test("that only announces the end lets calls finish, and new ones go on elsewhere")
    func notice() {
        let pool = world.pool()
        let first = SeenExchange(on: pool)
        let old = world.serve()
        world.send(.goAway(last: 0x7fff_ffff), to: old)
        #expect(pool.state != .ready)
        let second = SeenExchange(on: pool)
        let new = world.serve()
        #expect(network == 2)
        #expect(world.frames(new).contains { $0.type == 1 && $0.stream == 1 })
        world.send(.response(1), to: old)
        #expect(first.ending == .complete)
        world.send(.goAway(last: 1), to: old)
        world.send(.response(1), to: new)
        #expect(second.ending == .complete)
        #expect(pool.state == .ready)
    }

    private var network: Int { world.network.dialled.count }

    @Test("may make who hears of the pool's state close the pool at once")
    func closedMeanwhile() {
        var limits = ConnectionLimits()
        limits.maxAge = .seconds(100)
        limits.maxAgeGrace = .seconds(50)
        limits.idleTimeout = nil
        let pool = world.pool(limits)
        let call = SeenExchange(on: pool)
        _ = world.serve()
        pool.onStateChange = { [unowned pool] state in if state != .ready { pool.close() } }
        world.advance(.seconds(111))
        #expect(call.ending != nil)
        #expect(pool.state == .shutdown)
        world.advance(.seconds(1000))  // no timer is left that would look for the connection
        #expect(world.loop.pendingTimers == 0)
    }

    @Test("is said by a client that leaves")
    func client() {
        let pool = world.pool()
        let call = SeenExchange(on: pool)
        let server = world.serve()
        _ = world.frames(server)
        pool.drain()
        #expect(world.frames(server).first { $0.type == 7 } == .goAway(last: 0))
        #expect(!server.isClosed)
        world.send(.response(1), to: server)
        #expect(call.ending == .complete)
        server.isEnded = true
        world.settle()
        #expect(server.isClosed)
    }

    @Test("says which calls may be tried again")
    func reach() {
        let pool = world.pool()
        let calls = (0..<3).map { _ in SeenExchange(on: pool) }
        let server = world.serve()
        world.send(.goAway(last: 1), to: server)
        #expect(calls[0].ending == nil)
        #expect(calls[1].failure?.reach == .notProcessed)
        #expect(calls[2].failure?.reach == .notProcessed)
        server.isEnded = true
        world.settle()
        #expect(calls[0].failure?.reach == .unknown)
    }
}

/// Answers with a head and keeps the stream for the test.
final class StreamingAcceptor: Acceptor, ExchangeHandler, @unchecked Sendable {  // one thread uses it
    private(set) var stream: (any ExchangeStream)?
    private(set) var ending: Ending?

    func accept(_ head: Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream) -> any ExchangeHandler {
        self.stream = stream
        stream.send(head: [":status": "200"], end: false)
        return self
    }

    func heard(head: Fields, end: Bool) {}
    func heard(_ chunk: Chunk, end: Bool) {}
    func heard(trailers: Fields) {}
    func hasRoom() {}

    func ended(_ ending: Ending) {
        self.ending = ending
        stream = nil
    }
}
