import Client
import Exchange
import Foundation
import RPC
import Reactor
import Simulation
import Testing
import Timebase
import Transport

/// The same scenarios through the whole client: resolver, balancer and retries over three servers.
@Suite("Calls of a client that balances and repeats")
struct ClientScenarioTests {
    private static let attempts = 4

    /// Calls through a client with this configuration, on the simulated network.
    private static func link(_ json: String) throws -> CallScenario.MakeLink {
        let config = try ServiceConfig(json: json)
        return { host, loop, port in
            var options = Client.Options(serviceConfig: config)
            options.limits = CallScenario.livelyLimits
            // A stream that was queued behind a full socket when the peer said GOAWAY can only move to another connection
            // while all of its messages are kept: more than a session takes before it holds the sender.
            options.replayBytesPerCall = 4 << 20
            let client = Client(
                to: try Target("dns:///servers:\(port)"), security: .plaintext, options: options, on: loop,
                ownsLoop: false, network: host.network)
            return CallLink(client.channel) {
                0
            } drain: {
                loop.execute {
                    Task.immediate(executorPreference: loop) { await client.close(grace: .seconds(5)) }
                }
            }
        }
    }

    private static let balanced = #"{"loadBalancingConfig": [{"round_robin": {}}]}"#

    private static let repeating = """
        {"loadBalancingConfig": [{"round_robin": {}}], "methodConfig": [{"name": [{"service": "sim.Plan"}],
          "retryPolicy": {"maxAttempts": \(attempts), "initialBackoff": "0.05s", "maxBackoff": "1s",
            "backoffMultiplier": 2, "retryableStatusCodes": ["UNAVAILABLE"]}}]}
        """

    /// Nothing is lost when listeners are replaced, though no policy allows to repeat what has reached a server.
    static func drained() throws -> CallScenario {
        var scenario = CallScenario("a client whose servers restart", on: .rough)
        scenario.servers = 3
        scenario.events = [.init(.drain, times: 1...6)]
        scenario.serverLimits.drainNotice = .seconds(20)
        scenario.link = try link(balanced)
        return scenario
    }

    /// Connections break, and the policy repeats what failed: no more often than it may.
    static func broken() throws -> CallScenario {
        var scenario = CallScenario("a client whose connections break", on: .rough)
        scenario.servers = 3
        scenario.conditions.resets = 0.3
        scenario.conditions.halfCloses = 0.3
        scenario.conditions.refusals = 0.2
        scenario.conditions.resolveFailures = 0.2
        scenario.mix.timeouts = 0.2
        scenario.mix.cancels = 0.2
        scenario.events = [.init(.resetConnections, times: 0...3)]
        scenario.link = try link(repeating)
        scenario.runsAllowed = attempts
        scenario.mayFail = [.unavailable]
        return scenario
    }

    @Test("end exactly once, and run no more often than the policy allows", arguments: [drained, broken])
    func seeds(_ make: @Sendable () throws -> CallScenario) throws {
        let scenario = try make()
        let environment = ProcessInfo.processInfo.environment
        let one = environment["SEED"].flatMap { UInt64($0) }
        let count = environment["SEEDS"].flatMap { UInt64($0) } ?? 25
        for seed in one.map({ [$0] }) ?? Array(1...max(count, 1)) {
            do {
                try scenario.run(seed: seed, trace: environment["TRACE"] != nil ? { print($0) } : nil)
            } catch let fault as SimulationFault {
                Issue.record("\(fault)\nreplay: SEED=\(seed) TRACE=1 swift test --filter ClientScenarioTests")
                return
            }
        }
    }
}
