import Glibc
import Reactor
import Simulation
import Testing
import Timebase

@Suite("A simulation")
struct SimulationTests {
    @Test("lets an idle year pass at once, and fires what is due on the way in its order")
    func time() throws {
        let simulation = Simulation(seed: 1)
        let loop = simulation.host("host").loop()
        let log = Log()
        loop.execute {
            loop.schedule(after: .seconds(86_400 * 365)) { log.add("year") }
            loop.schedule(after: .seconds(1)) { log.add("second") }
        }
        let start = simulation.now
        try simulation.run(within: .seconds(86_400 * 366)) { log.lines.count == 2 }
        #expect(log.lines == ["second", "year"])
        #expect(start.duration(to: simulation.now) >= .seconds(86_400 * 365))
        #expect(simulation.wall.seconds == 1_767_225_600 + 86_400 * 365)
    }

    @Test("says so when nothing can bring about what is waited for, or not in time")
    func stuck() throws {
        let simulation = Simulation(seed: 1)
        let loop = simulation.host("host").loop()
        #expect(throws: SimulationFault.self) { try simulation.run(within: .seconds(10)) { false } }
        loop.execute { loop.schedule(after: .seconds(60)) {} }
        let fault = #expect(throws: SimulationFault.self) { try simulation.run(within: .seconds(10)) { false } }
        #expect(fault?.what == "nothing brought it about in time")
    }

    @Test("says so when loops run and run, and time hardly passes")
    func livelock() throws {
        var limits = SimulationLimits()
        limits.maxTurns = 1_000
        let simulation = Simulation(seed: 1, limits: limits)
        let loop = simulation.host("host").loop()
        let again = Endless(loop)
        loop.execute { again.go() }
        #expect(throws: SimulationFault.self) { try simulation.run(within: .seconds(10)) { false } }
        again.stop()
        try simulation.run(for: .seconds(1))
    }

    @Test("finds a task that leaves its loops, and does not wait for one that sleeps by the real clock")
    func escapes() throws {
        for leaves in [true, false] {
            let simulation = Simulation(seed: 1)
            let loop = simulation.host("host").loop()
            loop.execute {
                Task.immediate(executorPreference: loop) {
                    if leaves {
                        await Task.detached {}.value
                    } else {
                        try? await Task.sleep(for: .nanoseconds(1))
                    }
                }
            }
            let fault = #expect(throws: SimulationFault.self) { try simulation.run(within: .seconds(1)) { false } }
            // What sleeps by the real clock is noticed by its absence, or when it comes back on another thread.
            #expect(fault?.what.contains(leaves ? "left the loops" : "") == true)
        }
    }

    @Test("runs loops by turns, each as if on a thread of its own")
    func loops() throws {
        let simulation = Simulation(seed: 1)
        let one = simulation.host("one").loop()
        let two = simulation.host("two").loop()
        let log = Log()
        one.execute {
            log.add("one \(one.isCurrent) \(two.isCurrent)")
            two.perform { log.add("two \(one.isCurrent) \(two.isCurrent)") }
            log.add("one goes on")
        }
        try simulation.run(within: .seconds(1)) { log.lines.count == 3 }
        #expect(log.lines == ["one true false", "one goes on", "two false true"])
    }

    @Test("stops a host that is paused or crashed, and makes up what a jump of the clock left out")
    func stops() throws {
        let simulation = Simulation(seed: 1)
        let host = simulation.host("host")
        let loop = host.loop()
        let log = Log()
        @Sendable func tick() {
            log.add("tick")
            loop.schedule(after: .seconds(1)) { tick() }
        }
        loop.execute { tick() }
        try simulation.run(for: .milliseconds(3_500))
        #expect(log.lines.count == 4)
        simulation.pause(host, for: .seconds(10))
        try simulation.run(for: .seconds(9))
        #expect(log.lines.count == 4)
        try simulation.run(for: .milliseconds(1_500))
        #expect(log.lines.count == 5)
        simulation.jump(by: .seconds(100))
        try simulation.run(for: .milliseconds(10))
        #expect(log.lines.count == 6)
        simulation.crash(host)
        try simulation.run(for: .seconds(5))
        #expect(log.lines.count == 6)
        simulation.end()
    }

    @Test("gives each loop chance of its own, the same for the same seed")
    func chance() {
        func draws(_ seed: UInt64) -> [UInt64] {
            let simulation = Simulation(seed: seed)
            let host = simulation.host("host")
            return [host.loop(), host.loop()].flatMap { loop in
                (0..<2).map { _ in
                    var chance = loop.chance()
                    return chance.next()
                }
            }
        }
        #expect(draws(5) == draws(5))
        #expect(Set(draws(5) + draws(6)).count == 8)
    }
}

/// What happened, in order.
final class Log: @unchecked Sendable {  // a simulation runs on one thread
    private(set) var lines: [String] = []

    func add(_ line: String) { lines.append(line) }
}

/// Asks its loop for another turn, for ever.
private final class Endless: @unchecked Sendable {  // a simulation runs on one thread
    private let loop: Loop
    private var isStopped = false

    init(_ loop: Loop) { self.loop = loop }

    func go() {
        loop.schedule(after: .zero) { [self] in if !isStopped { go() } }
    }

    func stop() { isStopped = true }
}
