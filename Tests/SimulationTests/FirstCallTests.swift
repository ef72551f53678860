import BenchAPI
import Exchange
import RPC
import Reactor
import Simulation
import Testing
import Timebase
import Transport

@Suite("One call in a simulation")
struct FirstCallTests {
    /// Runs one echo on a calm network and answers the run's digest and time.
    private func echo(seed: UInt64) throws -> (digest: UInt64, time: Duration) {
        let simulation = Simulation(seed: seed)
        let server = simulation.host("server")
        let client = simulation.host("client")
        let serverLoop = server.loop()
        let clientLoop = client.loop()
        let router = Router(timers: serverLoop)
        router.add(Echo())
        let listener = try Listener.listen(
            on: .ip(server.addresses[0], port: 80), network: server.network, loop: serverLoop, security: .plaintext,
            acceptor: router)
        let pool = ConnectionPool(
            to: .name("server", port: 80), network: client.network, loop: clientLoop, security: .plaintext)
        let channel = Channel(pool, destination: "server", timers: clientLoop)
        let reply = Held<String>()
        clientLoop.execute {
            Task.immediate(executorPreference: clientLoop) {
                var message = Bench.Msg()
                message.id = "hello"
                reply.put((try? await Bench.EchoClient(channel).unary(message))?.id ?? "failed")
            }
        }
        let start = simulation.now
        try simulation.run(within: .seconds(10)) { reply.value != nil }
        #expect(reply.value == "hello")
        pool.drain()
        listener.drain(grace: .seconds(1)) {}
        try simulation.run(within: .seconds(10)) { server.openHandles == 0 && client.openHandles == 0 }
        return (simulation.digest, start.duration(to: simulation.now))
    }

    @Test("comes back, and leaves no handle open")
    func comesBack() throws {
        let (_, time) = try echo(seed: 1)
        #expect(time > .milliseconds(1) && time < .seconds(2))
    }

    @Test("is the same run for the same seed, and another for another")
    func repeats() throws {
        let first = try echo(seed: 7)
        let second = try echo(seed: 7)
        #expect(first.digest == second.digest)
        #expect(try echo(seed: 8).digest != first.digest)
    }
}
