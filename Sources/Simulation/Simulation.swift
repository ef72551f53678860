import Reactor
public import Timebase

/// Hosts, loops, a network and a clock in one thread, all decided by a seed.
///
///     fire what is due ──▶ pick a loop that has something to do ──▶ its turn ──▶ the clock moves a little
///            ▲                         │ none                                        │
///            └── the clock moves to the next thing that is due ◀────────────────────┘
///
/// Real loops, transports and handlers run on it unchanged; only their poller and their network are the simulation's. The
/// same seed gives the same run: the same picks, the same bytes at the same times, the same `digest`.
///
/// A simulation stays on the thread that runs it. Everything in it is driven by `run`.
public final class Simulation {
    public let seed: UInt64
    let world: World
    private var picks: Chance
    private var random: Chance
    private let limits: SimulationLimits
    /// Hears of the host whose loop has had its turn.
    public var afterTurn: ((Host) -> Void)?
    private var runnable: [Int] = []

    public init(
        seed: UInt64, conditions: Conditions = .calm, limits: SimulationLimits = .init(), trace: Trace = Trace()
    ) {
        self.seed = seed
        self.limits = limits
        world = World(seed: seed, conditions: conditions, trace: trace)
        picks = Chance(seed: world.newSeed())
        random = Chance(seed: world.newSeed())
    }

    deinit {
        world.end()
    }

    /// Forgets everything that is still to come. What a scenario made may refer to the simulation, and both would hold
    /// each other for ever: whoever ends a run before it is quiet calls this.
    public func end() {
        world.end()
    }

    // MARK: What there is

    /// One more machine. Addresses are numeric; without any it gets 10.0.0.n.
    ///
    /// - Parameter other: one on the same machine: what passes between the two is neither slow nor faulty.
    public func host(_ name: String, addresses: [String] = [], beside other: Host? = nil) -> Host {
        precondition(!world.hosts.contains { $0.name == name }, "two hosts have the name \(name)")
        let number = world.newNumber()
        let host = Host(
            name, addresses: addresses.isEmpty ? ["10.0.\(number / 250).\(number % 250 + 1)"] : addresses,
            machine: other?.machine ?? name, number: number, in: world)
        world.hosts.append(host)
        return host
    }

    /// A name that resolves to these addresses. Names of hosts resolve to theirs by themselves.
    public func name(_ name: String, _ addresses: [String]) {
        world.names[name] = addresses
    }

    public var now: Instant { world.now }
    /// The time of day on hosts without a skew.
    public var wall: WallTime { WallTime(seconds: world.wall.nanoseconds / 1_000_000_000) }
    public var hosts: [Host] { world.hosts }
    public var digest: UInt64 { world.trace.digest }
    public var trace: Trace { world.trace }

    /// How new connections and segments fare from now on.
    public var conditions: Conditions {
        get { world.conditions }
        set { world.conditions = newValue }
    }

    /// A further source of chance that the seed decides, for the scenario's own picks.
    public func newChance() -> Chance { Chance(seed: world.newSeed()) }

    /// Writes a line into the trace, which its digest then covers.
    public func note(_ text: String) {
        world.trace.add(.note, at: now, in: "scenario", number: 0, text: text)
    }

    /// Does `action` after `delay`, outside of every loop.
    public func after(_ delay: Duration, _ action: @escaping () -> Void) {
        world.after(delay, action)
    }

    // MARK: Running

    /// Runs until `isOver` answers true; it is asked after every turn.
    ///
    /// Throws if that takes longer than `limit` of simulated time, if nothing is left that could bring it about, if a
    /// task leaves the loops, or if the loops spin without time passing.
    public func run(within limit: Duration, until isOver: () -> Bool) throws(SimulationFault) {
        try drawing { () throws(SimulationFault) in try runTurns(within: limit, until: isOver) }
    }

    /// Does `body` with OpenSSL's random numbers taken from the seed.
    package func drawing<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
        var drawn = random
        defer { random = drawn }
        try SeededRandom.draw(from: &drawn, body)
    }

    private func runTurns(within limit: Duration, until isOver: () -> Bool) throws(SimulationFault) {
        let end = now.advanced(by: limit)
        var turns = 0
        EscapeGuard.enter()
        world.beginRun()
        defer {
            world.endRun()
            EscapeGuard.leave()
        }
        while !isOver() {
            try step(before: end)
            turns += 1
            if EscapeGuard.found > 0 { throw fault("a task left the loops for the global pool or the main thread") }
            if world.wasVisited { throw fault("another thread woke a loop: a task left the loops for a while") }
            if turns >= limits.maxTurns { throw fault("\(turns) turns did not end it") }
        }
    }

    /// Runs for so long, whatever happens.
    public func run(for time: Duration) throws(SimulationFault) {
        let end = now.advanced(by: time)
        world.after(time) {}
        try run(within: time + .seconds(1)) { now >= end }
    }

    private func step(before end: Instant) throws(SimulationFault) {
        while let action = world.agenda.popDue(at: now) { action() }
        var next = world.agenda.next
        runnable.removeAll(keepingCapacity: true)
        for index in world.seats.indices {
            let seat = world.seats[index]
            if seat.host.isDown { continue }
            let pausedUntil = seat.host.pausedUntil
            let due = seat.poller.isRunnable ? now : seat.loop.nextDue
            guard let due else { continue }
            let at = max(due, pausedUntil)
            if at <= now { runnable.append(index) } else { next = min(next ?? at, at) }
        }
        if !runnable.isEmpty {
            let seat = world.seats[runnable[picks.pick(0...runnable.count - 1)]]
            world.trace.add(.turn, at: now, in: seat.poller.name, number: seat.poller.number)
            seat.loop.turnAlone()
            afterTurn?(seat.host)
            world.move(to: now.advanced(by: picks.pick(limits.turnTime)))
        } else if let next {
            if next > end { throw fault("nothing brought it about in time") }
            world.move(to: max(next, now))
        } else {
            // A task in `Task.sleep` waits for the real clock, which no hook tells of.
            throw fault("nothing is left to do in here, and it has not come about")
        }
        if now > end { throw fault("nothing brought it about in time") }
    }

    private func fault(_ what: String) -> SimulationFault {
        SimulationFault(seed: seed, what: what, at: now, tail: world.trace.tail)
    }
}

public struct SimulationLimits: Sendable {
    /// How long a turn takes.
    public var turnTime: ClosedRange<Duration> = .microseconds(1)...(.microseconds(60))
    /// A scenario that takes more turns runs away: time passes with each, but loops that wake each other never end.
    public var maxTurns = 2_000_000

    public init() {}
}

/// A simulation did not come to where it should. It says how to see it again.
public struct SimulationFault: Error, CustomStringConvertible, Sendable {
    public let seed: UInt64
    public let what: String
    public let at: Instant
    /// The last lines of the trace.
    public let tail: [Trace.Line]

    public var description: String {
        let lines = tail.map { "    \($0)" }.joined(separator: "\n")
        return "seed \(seed), at \(Double(at.nanoseconds) / 1e9) s: \(what)\n\(lines)"
    }
}

// MARK: - Faults

extension Simulation {
    /// Nothing passes between the two hosts until `heal`. Connections between them live on, as the kernel repeats what is
    /// lost, for 30 s.
    public func cut(_ one: Host, _ other: Host) {
        world.cuts.insert(World.Link(one, other))
        world.note(.fault, one, -1, 0, "cut from \(other.name)")
    }

    public func heal(_ one: Host, _ other: Host) {
        world.cuts.remove(World.Link(one, other))
        world.note(.fault, one, -1, 0, "joined to \(other.name)")
    }

    /// The host does nothing for so long: a machine that swaps, a debugger, a hypervisor that moves it.
    public func pause(_ host: Host, for time: Duration) {
        host.pausedUntil = max(host.pausedUntil, now.advanced(by: time))
        world.note(.fault, host, -1, 0, "paused")
    }

    /// The clock of the whole world jumps: everything that was due on the way is due at once.
    public func jump(by time: Duration) {
        world.move(to: now.advanced(by: time))
        world.trace.add(.fault, at: now, in: "world", number: 0, text: "the clock jumped")
    }

    /// The process on the host dies. Its loops run no more, its peers are reset.
    public func crash(_ host: Host) {
        guard !host.isDown else { return }
        host.isDown = true
        world.note(.fault, host, -1, 0, "crashed")
        for handle in host.allHandles { handle.crash() }
        host.listeners = []
    }

    /// A new process in the place of one that is dead, or dies now: with its name, its addresses and its links, and with
    /// nothing else of it.
    public func restart(_ host: Host) -> Host {
        crash(host)
        let successor = Host(
            host.name, addresses: host.addresses, machine: host.machine, number: host.number, in: world)
        successor.clockSkew = host.clockSkew
        world.seats.removeAll { $0.host === host }
        world.hosts.removeAll { $0 === host }
        world.hosts.append(successor)
        world.ghosts.append(host)
        world.note(.fault, successor, -1, 0, "started anew")
        return successor
    }

    /// Lets the dead put away what they had, where they reach nobody: tasks of theirs that wait for ever would keep it.
    /// `drain` is done first, for processes that can end by themselves. For the end of a run, when nothing is judged any more.
    public func bury(_ drain: () -> Void) {
        afterTurn = nil
        for host in world.ghosts + world.hosts.filter(\.isDown) {
            host.isDown = false
            host.isGhost = true
            world.seats.removeAll { $0.host === host }
            for (loop, poller) in zip(host.loops, host.pollers) {
                world.seats.append(World.Seat(loop: loop, poller: poller, host: host))
            }
        }
        drain()
        // It ends with a fault when nothing is left to do, which is what is wanted.
        try? run(within: Simulation.burial) { false }
    }

    /// Longer than any grace of a drain.
    private static let burial: Duration = .seconds(45)

    /// Every connection of the host is reset.
    public func resetConnections(of host: Host) {
        world.note(.fault, host, -1, 0, "every connection reset")
        for case let socket as SimulatedSocket in host.allHandles { socket.breakOff() }
    }
}
