import Logging
import MeshPolicy
import Policy
import Reactor
import Resilience
import Timebase

/// Looks at the process five times a second: what memory it has, and how long the loop let the look wait. What it sees decides
/// which calls are shed.
///
/// *Memory* is what the process has resident, against 64 MiB beside what it had at its first look (14 MiB) and 32 KiB for
/// each connection and endpoint, which rest on memory of their own (20 KiB each): so the ceiling bounds what calls hold, and
/// ten thousand idle peers are no reason to turn anybody away. Where a policy says `memory_mib`, somebody knows the
/// container, and that is the ceiling for all of it.
final class LoadWatch: @unchecked Sendable {  // touched on its loop alone
    /// Often enough to be there before memory is gone, and a hundred-thousandth of a core.
    static let interval: Duration = .milliseconds(200)
    /// What a connection rests on (19.7 KiB with TLS), and the rings of buffers that it may have while it is used.
    static let perConnection = 32 << 10

    let state = SheddingState()
    private let loop: Loop
    private let log: Logger
    /// Nil where nobody can say: in a simulation the process is not the sidecar's own.
    var memory: (() -> Int)?
    /// Gives back what was freed; asked before anything is shed for memory.
    var trim: () -> Void = {}
    private let rules: () -> SheddingRules
    private let connections: () -> Int
    private var due: Instant
    private var trimmedAt: Instant?
    /// What the process had before it had anything to do.
    private var atFirst: Int?

    /// What was freed is given back at most so often.
    private static let trimInterval: Duration = .seconds(1)

    init(
        on loop: Loop, log: Logger, rules: @escaping () -> SheddingRules, connections: @escaping () -> Int
    ) {
        self.loop = loop
        self.log = log
        self.rules = rules
        self.connections = connections
        due = loop.now
    }

    func start() {
        due = loop.now.advanced(by: Self.interval)
        _ = loop.schedule(after: Self.interval) { [weak self] in
            self?.look()
            self?.start()
        }
    }

    func look() {
        let now = loop.now
        let rules = rules()
        if atFirst == nil { atFirst = memory?() }
        let ceiling =
            rules.memory ?? Shedding.standardMemory + (atFirst ?? 0) + connections() * Self.perConnection
        state.shedding.limits = Shedding.Limits(memory: ceiling, delay: rules.loopDelay)
        // Off is seen as calm: what was shed before comes back as after a load.
        let memory = rules.isOff ? 0 : resident(below: ceiling, at: now)
        let delay = rules.isOff ? .zero : max(.zero, due.duration(to: now))
        guard state.shedding.see(memory: memory, delay: delay, at: now) else { return }
        log.log(
            level: state.shedding.level == .nothing ? .notice : .warning, "what is shed has changed",
            metadata: ["level": "\(state.shedding.level)", "because": "\(state.describe())"])
    }

    /// An allocator keeps what was freed after a peak: what it keeps is no load.
    private func resident(below ceiling: Int, at now: Instant) -> Int {
        guard let memory else { return 0 }
        let seen = memory()
        guard Double(seen) >= Double(ceiling) * Shedding.firstMemoryShare,
            trimmedAt.map({ $0.duration(to: now) >= Self.trimInterval }) ?? true
        else {
            return seen
        }
        trimmedAt = now
        trim()
        return memory()
    }
}
