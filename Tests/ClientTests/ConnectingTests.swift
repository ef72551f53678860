import BenchAPI
@testable import Client
import RPC
import Reactor
import Simulation
import Testing
import Timebase
import Transport

@Suite struct ConnectingTests {
    @Test func `a name is looked up, connected and called, and everything closed again`() throws {
        let street = Street()
        let house = try street.house("one")
        let client = try street.client("dns:///one:80")
        #expect(client.state == .idle)
        #expect(try street.say(client) == "one")
        #expect(client.state == .ready)
        let closed = Held<Bool>()
        street.loop.execute { [loop = street.loop] in
            Task.immediate(executorPreference: loop) {
                await client.close()
                closed.put(true)
            }
        }
        try street.simulation.run(within: .seconds(5)) { closed.value != nil }
        #expect(client.state == .shutdown)
        #expect(try street.say(client) == "UNAVAILABLE")
        house.close()
        try street.simulation.run(within: .seconds(5)) { street.clientHost.openHandles == 0 }
    }

    @Test func `whoever drops a client ends its connections`() throws {
        let street = Street()
        try street.house("one")
        do {
            let client = try street.client("one:80")
            #expect(try street.say(client) == "one")
            #expect(street.clientHost.openHandles == 1)
        }
        try street.simulation.run(within: .seconds(5)) { street.clientHost.openHandles == 0 }
    }

    @Test func `a call fails at once while nobody can be reached, or waits for as long as it may`() throws {
        let street = Street()
        let house = try street.house("one", listens: false)
        let client = try street.client("one:80")
        let error = try #require(try street.call(client).error)
        #expect(error.code == .unavailable && error.reason?.hasPrefix("CONNECT.connect_refused") == true)
        #expect(!error.reachedPeer && error.origin != .peer)
        guard case .transientFailure = client.state else {
            Issue.record("\(client.state)")
            return
        }
        // Now without a dial: the pool backs off, and the call hears why.
        let before = street.simulation.now
        #expect(try street.call(client).code == "UNAVAILABLE")
        #expect(before.duration(to: street.simulation.now) < .milliseconds(2))
        let late = try street.call(client, options: CallOptions(timeout: .milliseconds(300), waitsForReady: true))
        #expect(late.code == "DEADLINE_EXCEEDED" && late.error?.reachedPeer == false)
        let waiting = street.begin(client, options: CallOptions(waitsForReady: true))
        try street.run(for: .seconds(3))
        #expect(waiting.value == nil)
        try house.listen()
        try street.simulation.run(within: .seconds(30)) { waiting.value != nil }
        #expect(try waiting.value?.get() == "one")
        #expect(client.state == .ready)
    }

    @Test func `only so many calls wait for a connection`() throws {
        let street = Street()
        try street.house("one", listens: false)
        let client = try street.client("one:80") { $0.maxWaitingCalls = 3 }
        let calls = (0..<5).map { _ in street.begin(client, options: CallOptions(waitsForReady: true)) }
        try street.run(for: .seconds(2))
        #expect(calls.map { $0.value?.code } == [nil, nil, nil, "RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED"])
    }

    @Test func `a name that has no address fails calls, and is looked up again`() throws {
        let street = Street()
        let client = try street.client("dns:///nobody:80")
        let error = try #require(try street.call(client).error)
        #expect(error.code == .unavailable && error.message.contains("cannot resolve"))
        let house = try street.house("late")
        street.name("nobody", [house])
        try street.run(for: .seconds(3))
        #expect(try street.say(client) == "late")
    }

    @Test func `one address is kept as long as it works`() throws {
        let street = Street()
        let houses = try ["a", "b", "c"].map { try street.house($0) }
        street.name("all", houses)
        let client = try street.client("all:80")
        let first = try street.say(client)
        for _ in 0..<10 { #expect(try street.say(client) == first) }
        let used = try #require(houses.first { $0.host.name == first })
        #expect(houses.map(\.calls).reduce(0, +) == 11)
        street.simulation.crash(used.host)
        try street.run(for: .seconds(1))
        let second = try street.say(client)
        #expect(second != first && ["a", "b", "c"].contains(second))
    }

    @Test func `all are used in turn, and those that fail are left out`() throws {
        let street = Street()
        let houses = try ["a", "b", "c"].map { try street.house($0) }
        street.name("all", houses)
        let client = try street.client("all:80", #"{"loadBalancingConfig":[{"round_robin":{}}]}"#)
        _ = try street.say(client)
        try street.run(for: .milliseconds(200))
        let before = houses.map(\.calls)
        for _ in 0..<9 { _ = try street.say(client) }
        #expect(zip(before, houses).map { $1.calls - $0 } == [3, 3, 3])
        street.simulation.crash(houses[0].host)
        try street.run(for: .milliseconds(200))
        let later = houses.map(\.calls)
        for _ in 0..<8 { _ = try street.say(client) }
        #expect(zip(later, houses).map { $1.calls - $0 } == [0, 4, 4])
        #expect(client.state == .ready)
    }

    @Test func `the less loaded is preferred`() throws {
        let street = Street()
        let houses = try ["slow", "fast"].map { try street.house($0) }
        street.name("all", houses)
        houses[0].behaviour = { [house = houses[0]] _, _ in try await house.pause(.milliseconds(200)) }
        let client = try street.client("all:80", #"{"loadBalancingConfig":[{"least_loaded":{}}]}"#)
        for _ in 0..<60 { _ = try street.say(client) }
        #expect(houses[1].calls > 50, "\(houses.map(\.calls))")
    }

    @Test func `addresses that were added are found, and those that went are left`() throws {
        let street = Street()
        let houses = try ["a", "b"].map { try street.house($0) }
        street.name("all", [houses[0]])
        let client = try street.client("all:80", #"{"loadBalancingConfig":[{"round_robin":{}}]}"#)
        #expect(try street.say(client) == "a")
        street.name("all", [houses[1]])
        for _ in 0..<6 {
            try street.run(for: .seconds(60))
            _ = try street.say(client)
        }
        try street.run(for: .seconds(1))
        #expect(try street.say(client) == "b")
        // The connection to the other one ended.
        try street.simulation.run(within: .seconds(5)) { street.clientHost.openHandles == 1 }
    }

    @Test func `the states are told in order`() throws {
        let street = Street()
        try street.house("one")
        let client = try street.client("one:80")
        let seen = Held<[ChannelState]>()
        street.loop.execute { [loop = street.loop] in
            Task.immediate(executorPreference: loop) {
                var states: [ChannelState] = []
                for await state in client.states {
                    states.append(state)
                    if state == .ready { break }
                }
                seen.put(states)
            }
        }
        client.connect()
        try street.simulation.run(within: .seconds(5)) { seen.value != nil }
        #expect(seen.value == [.idle, .connecting, .ready])
    }
}
