@testable import Client
import Exchange
import RPC
import Reactor
import Simulation
import Testing
import Timebase

/// gRFC A6, "Hedging policy", over connections.
@Suite struct HedgeTests {
    let street = Street()

    private func houses(_ count: Int = 3) throws -> [House] {
        let houses = try (0..<count).map { try street.house("h\($0)") }
        street.name("all", houses)
        return houses
    }

    private func client(
        _ attempts: Int = 3, delay: String = "0.1s", nonFatal: String = #"["UNAVAILABLE"]"#, more: String = ""
    ) throws -> Client {
        let client = try street.client(
            "all:80",
            """
            {"loadBalancingConfig":[{"round_robin":{}}],"methodConfig":[{"name":[{}],"hedgingPolicy":
            {"maxAttempts":\(attempts),"hedgingDelay":"\(delay)","nonFatalStatusCodes":\(nonFatal)}}]\(more)}
            """)
        client.connect()
        try street.run(for: .milliseconds(200))
        return client
    }

    private func calls(_ houses: [House]) -> Int { houses.reduce(0) { $0 + $1.calls } }

    @Test func `a quick answer needs no second attempt`() throws {
        let houses = try houses()
        #expect(try street.say(client()).hasPrefix("h"))
        try street.run(for: .seconds(1))
        #expect(calls(houses) == 1)
    }

    @Test func `a slow one does, elsewhere, and the first good answer wins`() throws {
        let houses = try houses()
        let first = Box(0)
        for house in houses {
            house.behaviour = { [house] _, _ in
                first.value += 1
                // The first is the slowest; the third would be quick, but comes last.
                try await house.pause(.milliseconds([900, 100, 500][first.value - 1]))
            }
        }
        let start = street.simulation.now
        _ = try street.say(client())
        let took = start.duration(to: street.simulation.now)
        // 200 ms to connect, 100 ms until the second attempt, 100 ms for its answer.
        #expect(took >= .milliseconds(400) && took < .milliseconds(440), "\(took)")
        try street.run(for: .seconds(2))
        #expect(houses.map(\.calls).sorted() == [0, 1, 1] || houses.map(\.calls) == [1, 1, 1])
        #expect(houses.reduce(0) { $0 + $1.cancelled } == calls(houses) - 1)
        #expect(Set(houses.flatMap(\.previousAttempts)).isSuperset(of: [0, 1]))
    }

    @Test func `without a delay all go at once`() throws {
        let houses = try houses()
        for house in houses { house.behaviour = { [house] _, _ in try await house.pause(.milliseconds(50)) } }
        #expect(try street.say(client(delay: "0s")).hasPrefix("h"))
        #expect(houses.map(\.calls) == [1, 1, 1])
    }

    @Test func `a failure that is not fatal brings the next at once`() throws {
        let houses = try houses()
        let count = Box(0)
        for house in houses {
            house.behaviour = { _, _ in
                count.value += 1
                if count.value < 3 { throw RPCError.status(.unavailable) }
            }
        }
        let client = try client(delay: "5s")
        let start = street.simulation.now
        #expect(try street.say(client).hasPrefix("h"))
        #expect(start.duration(to: street.simulation.now) < .milliseconds(50))
        #expect(calls(houses) == 3)
    }

    @Test func `a fatal one ends the call, and the others`() throws {
        let houses = try houses()
        let count = Box(0)
        for house in houses {
            house.behaviour = { [house] _, _ in
                count.value += 1
                if count.value == 2 { throw RPCError.status(.permissionDenied) }
                try await house.pause(.seconds(3))
            }
        }
        #expect(try street.say(client()) == "PERMISSION_DENIED")
        try street.run(for: .seconds(1))
        #expect(calls(houses) == 2 && houses.reduce(0) { $0 + $1.cancelled } == 1)
    }

    @Test func `when all fail the last answer is the call's`() throws {
        let houses = try houses()
        for house in houses { house.behaviour = { _, _ in throw RPCError.status(.unavailable) } }
        let error = try #require(try street.call(client()).error)
        #expect(error.code == .unavailable && error.origin == .peer)
        #expect(calls(houses) == 3)
    }

    @Test func `pushback holds the next attempt back, or all of them`() throws {
        let houses = try houses()
        for house in houses {
            house.behaviour = { _, call in
                guard call.previousAttempts == 0 else { return }
                throw RPCError.status(.unavailable, pushback: "700")
            }
        }
        let held = try client(delay: "0.1s")
        let start = street.simulation.now
        #expect(try street.say(held).hasPrefix("h"))
        #expect(start.duration(to: street.simulation.now) >= .milliseconds(700))
        for house in houses { house.behaviour = { _, _ in throw RPCError.status(.unavailable, pushback: "no") } }
        let before = calls(houses)
        #expect(try street.say(held) == "UNAVAILABLE")
        #expect(calls(houses) == before + 1)
    }

    @Test func `the throttle holds hedges back`() throws {
        let houses = try houses()
        for house in houses { house.behaviour = { _, _ in throw RPCError.status(.unavailable) } }
        let client = try client(more: #","retryThrottling":{"maxTokens":4,"tokenRatio":0.1}"#)
        #expect(try street.say(client) == "UNAVAILABLE")
        #expect(calls(houses) == 2)
        #expect(try street.say(client) == "UNAVAILABLE")
        #expect(calls(houses) == 3)
    }

    @Test func `the deadline ends all attempts`() throws {
        let houses = try houses()
        for house in houses { house.behaviour = { [house] _, _ in try await house.pause(.seconds(9)) } }
        let client = try client()
        let outcome = try street.call(client, options: CallOptions(timeout: .milliseconds(250)))
        #expect(outcome.code == "DEADLINE_EXCEEDED")
        try street.run(for: .seconds(1))
        #expect(calls(houses) == 3 && houses.reduce(0) { $0 + $1.cancelled } == 3)
    }

    @Test func `a large request commits the call to one attempt`() throws {
        let houses = try houses()
        for house in houses { house.behaviour = { [house] _, _ in try await house.pause(.milliseconds(400)) } }
        let client = try client()
        #expect(try street.call(client, bytes: 300_000).code == "OK")
        try street.run(for: .seconds(1))
        #expect(calls(houses) == 1)
        #expect(client.channel.maxMessageBytes > 300_000)
    }

    @Test func `a stream is hedged until its first message`() throws {
        let houses = try houses(1)
        let client = try client()
        for _ in 0..<5 { #expect(try street.say(client) == "h0") }
        #expect(houses[0].calls == 5)
    }
}

final class Box<Value>: @unchecked Sendable {  // a simulation runs on one thread
    var value: Value
    init(_ value: Value) { self.value = value }
}
