import Glibc
import Reactor
import Synchronization
import Timebase

/// What everything in a simulation shares: the time, the chance, what is to come, what has happened.
final class World {
    struct Seat {
        let loop: Loop
        let poller: SimulatedPoller
        let host: Host
    }

    /// 2026-01-01T00:00:00Z: certificates and logs of every run begin there.
    private static let wallStart = Instant(nanoseconds: 1_767_225_600_000_000_000)
    /// Not zero, so that nobody mistakes the beginning for "never".
    private static let start = Instant(nanoseconds: 1_000_000_000)

    private(set) var now = World.start
    var agenda = Agenda()
    var trace: Trace
    var hosts: [Host] = []
    /// Hosts whose process died and had a successor.
    var ghosts: [Host] = []
    var seats: [Seat] = []
    var conditions: Conditions
    /// Names that are not names of hosts.
    var names: [String: [String]] = [:]
    /// Pairs of hosts between which nothing passes, by their numbers.
    var cuts: Set<Link> = []
    /// What the network draws from.
    var chance: Chance
    private var seeds: Chance
    private var numbers = 0

    struct Link: Hashable {
        let low: Int
        let high: Int

        init(_ one: Host, _ other: Host) {
            low = min(one.number, other.number)
            high = max(one.number, other.number)
        }
    }

    init(seed: UInt64, conditions: Conditions, trace: Trace) {
        self.conditions = conditions
        self.trace = trace
        seeds = Chance(seed: seed)
        chance = Chance(seed: seeds.next())
    }

    /// The thread that runs the simulation, or 0.
    private let runner = Atomic<UInt>(0)
    private let hadStranger = Atomic<Bool>(false)

    func beginRun() { runner.store(UInt(pthread_self()), ordering: .sequentiallyConsistent) }
    func endRun() { runner.store(0, ordering: .sequentiallyConsistent) }

    /// Somebody wakes a loop: another thread than the runner's has no business here.
    func visit() {
        let runner = runner.load(ordering: .relaxed)
        if runner != 0, runner != UInt(pthread_self()) { hadStranger.store(true, ordering: .relaxed) }
    }

    /// Another thread has woken a loop since the run began.
    var wasVisited: Bool { hadStranger.load(ordering: .relaxed) }

    var wall: Instant { World.wallStart.advanced(by: World.start.duration(to: now)) }

    func newSeed() -> UInt64 { seeds.next() }

    func newNumber() -> Int {
        numbers += 1
        return numbers
    }

    func move(to later: Instant) {
        precondition(later >= now, "time does not run backwards")
        now = later
    }

    func after(_ delay: Duration, _ action: @escaping () -> Void) {
        agenda.add(at: now.advanced(by: delay), action)
    }

    /// Who is at the place of a host now: the process that was started there after it had died.
    func successor(of host: Host) -> Host {
        host.isDown ? hosts.first { $0.number == host.number } ?? host : host
    }

    func areCut(_ one: Host, _ other: Host) -> Bool {
        !cuts.isEmpty && cuts.contains(Link(one, other))
    }

    func note(_ kind: Trace.Kind, _ host: Host, _ handle: Int32 = -1, _ amount: Int = 0, _ text: String = "") {
        trace.add(
            kind, at: now, in: host.name, number: host.number, handle: handle, amount: amount, text: text)
    }

    func end() {
        agenda = Agenda()
        for host in hosts + ghosts { host.end() }
        hosts = []
        ghosts = []
        seats = []
    }
}

extension Chance {
    mutating func isHit(_ fraction: Double) -> Bool {
        fraction > 0 && self.fraction() < fraction
    }

    mutating func pick(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound == range.upperBound ? range.lowerBound : Int.random(in: range, using: &self)
    }

    mutating func pick(_ range: ClosedRange<Duration>) -> Duration {
        let low = range.lowerBound.clampedNanoseconds
        let high = range.upperBound.clampedNanoseconds
        return .nanoseconds(low == high ? low : Int64.random(in: low...high, using: &self))
    }
}
