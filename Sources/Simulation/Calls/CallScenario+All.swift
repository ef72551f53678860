import RPC
import Transport

extension CallScenario {
    /// What `make simulate` tries, each with many seeds.
    public static let all: [CallScenario] = [
        calm, impatient, drained, ageing, crowded, broken, halfClosed, silent, partitioned, suspended, hostile, secure,
        secureHostile,
    ]

    /// Nothing happens but what the plans say.
    static let calm = CallScenario("calm")

    /// Small pieces and buffers, and callers who give up: by deadlines, by cancelling, by leaving.
    static let impatient: CallScenario = {
        var scenario = CallScenario("impatient callers", on: .rough)
        scenario.mix.timeouts = 0.3
        scenario.mix.cancels = 0.3
        scenario.mix.leaves = 0.3
        return scenario
    }()

    /// A drain must not lose a call: not one code more is allowed than without it. What was not sent yet when the peer said
    /// GOAWAY is made again.
    static let drained: CallScenario = {
        var scenario = CallScenario("listeners are replaced", on: .rough)
        scenario.events = [.init(.drain, times: 1...4)]
        scenario.repeats = 5
        scenario.serverLimits.drainNotice = slowNotice
        return scenario
    }()

    /// Longer than a ping takes to go round behind what these slow connections hold: a peer that is told sooner loses the
    /// calls that it began without having heard.
    private static let slowNotice: Duration = .seconds(20)

    /// Nor may the age of connections, on either side.
    static let ageing: CallScenario = {
        var scenario = CallScenario("connections age", on: .rough)
        scenario.serverLimits.maxAge = .milliseconds(300)
        scenario.clientLimits.maxAge = .milliseconds(500)
        scenario.clientLimits.idleTimeout = .milliseconds(200)
        scenario.serverLimits.drainNotice = slowNotice
        scenario.repeats = 5
        scenario.calls = 60
        return scenario
    }()

    /// Few streams a connection: calls wait for each other, and the pool opens connections beside the first.
    static let crowded: CallScenario = {
        var scenario = CallScenario("more calls than streams", on: .rough)
        scenario.serverLimits.maxConcurrentStreams = 2
        scenario.clientLimits.maxConnectionsPerPool = 3
        scenario.mix.cancels = 0.2
        scenario.spread = .milliseconds(100)
        return scenario
    }()

    /// Connections break at any byte, in any way that a kernel can tell of.
    static let broken: CallScenario = {
        var scenario = CallScenario("connections break", on: .rough)
        scenario.repeats = 3
        scenario.conditions.resets = 0.4
        scenario.conditions.halfCloses = 0.2
        scenario.conditions.refusals = 0.1
        scenario.conditions.resolveFailures = 0.1
        scenario.events = [.init(.resetConnections, times: 0...2)]
        scenario.mayFail = [.unavailable]
        return scenario
    }()

    /// One side closes its direction and goes on reading, as `shutdown` does it: what was not sent must not be sent then,
    /// since it is made again elsewhere.
    static let halfClosed: CallScenario = {
        var scenario = CallScenario("one direction ends", on: .rough)
        scenario.conditions.halfCloses = 1.5
        scenario.conditions.segment = 500...8_000
        scenario.conditions.latency = .microseconds(1)...(.milliseconds(2))
        scenario.repeats = 8
        scenario.calls = 80
        scenario.spread = .milliseconds(500)
        scenario.mayFail = [.unavailable]
        return scenario
    }()

    /// Connections go silent, which no kernel tells of within a call's time.
    static let silent: CallScenario = {
        var scenario = CallScenario("connections go silent", on: .rough)
        scenario.conditions.silences = 0.5
        scenario.conditions.slowConnects = 0.2
        scenario.mix.timeouts = 0.5
        scenario.mayFail = [.unavailable]
        return scenario
    }()

    static let partitioned: CallScenario = {
        var scenario = CallScenario("hosts do not reach each other", on: .rough)
        scenario.events = [.init(.cut(.milliseconds(10)...(.seconds(12))), times: 1...3)]
        scenario.mix.timeouts = 0.5
        scenario.mayFail = [.unavailable]
        return scenario
    }()

    /// Hosts stand still and clocks jump: much is due at once, in an order that nobody planned.
    static let suspended: CallScenario = {
        var scenario = CallScenario("hosts stand still", on: .rough)
        let pause: ClosedRange<Duration> = .milliseconds(1)...(.seconds(8))
        scenario.events = [
            .init(.pauseServer(pause), times: 0...2), .init(.pauseClient(pause), times: 0...2),
            .init(.jump(pause), times: 0...1),
        ]
        scenario.mix.timeouts = 0.5
        scenario.mix.cancels = 0.2
        scenario.mayFail = [.unavailable]
        return scenario
    }()

    /// All of it together.
    static let hostile: CallScenario = {
        var scenario = CallScenario("everything at once", on: .hostile)
        scenario.repeats = 1
        scenario.mix.timeouts = 0.3
        scenario.mix.cancels = 0.2
        scenario.mix.leaves = 0.2
        scenario.clientLimits.maxConnectionsPerPool = 3
        scenario.serverLimits.maxConcurrentStreams = 5
        scenario.serverLimits.maxAge = .seconds(1)
        scenario.events =
            suspended.events + [
                .init(.cut(.milliseconds(10)...(.seconds(5))), times: 0...2), .init(.resetConnections, times: 0...2),
                .init(.drain, times: 0...2),
            ]
        scenario.mayFail = [.unavailable]
        return scenario
    }()

    static let secure: CallScenario = {
        var scenario = CallScenario("callers give up, over TLS", on: .rough)
        scenario.mix = impatient.mix
        scenario.isSecure = true
        scenario.calls = 20
        return scenario
    }()

    static let secureHostile: CallScenario = {
        var scenario = hostile
        scenario.name = "everything at once, over TLS"
        scenario.isSecure = true
        scenario.calls = 20
        return scenario
    }()
}
