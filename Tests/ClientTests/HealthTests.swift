@testable import Client
import MeshAPI
import RPC
import Reactor
import Simulation
import Testing
import Timebase

/// gRFC A17: endpoints that say that they are not serving are not picked.
@Suite struct HealthTests {
    let street = Street()

    private let config = """
        {"loadBalancingConfig":[{"round_robin":{}}],"healthCheckConfig":{"serviceName":"bench.Echo"}}
        """

    private func spread(_ client: Client, _ count: Int = 8) throws -> Set<String> {
        Set(try (0..<count).map { _ in try street.say(client) })
    }

    @Test func `an endpoint is used while it says that it serves`() throws {
        let houses = try ["a", "b"].map { try street.house($0, health: true) }
        street.name("all", houses)
        let client = try street.client("all:80", config)
        _ = try street.say(client)
        try street.run(for: .milliseconds(100))
        #expect(try spread(client) == ["a", "b"])
        #expect(houses[0].health.services == ["bench.Echo"])
        houses[0].health.status = .notServing
        try street.run(for: .milliseconds(100))
        #expect(try spread(client) == ["b"])
        houses[1].health.status = .serviceUnknown
        try street.run(for: .milliseconds(100))
        #expect(try spread(client) == ["UNAVAILABLE"])
        let waiting = street.begin(client, options: CallOptions(waitsForReady: true))
        try street.run(for: .milliseconds(100))
        #expect(waiting.value == nil)
        houses[0].health.status = .serving
        try street.run(for: .milliseconds(100))
        #expect(waiting.value?.code == "OK")
        #expect(try spread(client) == ["a"])
    }

    @Test func `an endpoint that offers no health counts as healthy`() throws {
        let house = try street.house("a")
        let client = try street.client("a:80", config)
        #expect(try street.say(client) == "a")
        try street.run(for: .seconds(10))
        #expect(try street.say(client) == "a")
        #expect(house.calls == 2)
    }

    @Test func `a watch that breaks off is taken up again`() throws {
        let house = try street.house("a", health: true)
        let client = try street.client("a:80", config)
        #expect(try street.say(client) == "a")
        street.simulation.resetConnections(of: house.host)
        try street.run(for: .milliseconds(100))
        #expect(try street.say(client) == "a")
        #expect(house.health.watches == 2)
    }

    @Test func `nobody is asked without a configuration`() throws {
        let house = try street.house("a", health: true)
        #expect(try street.say(street.client("a:80")) == "a")
        #expect(house.health.watches == 0)
    }
}
