public import Bytes
import CLinux
import Glibc
public import Timebase
import Synchronization

/// One thread that waits for readiness, timers and tasks, and does everything for the connections that it owns.
///
///     wait ──▶ due timers ──▶ ready handles ──▶ tasks and jobs ──▶ flush what became dirty ──▶ wait
///                                                    ▲                       │
///                                                    └── woken by a flush ───┘
///
/// Work done for one ready handle never writes: a connection marks itself with `atTurnEnd` and flushes once, however many
/// calls a turn answers on it. That batching is most of what makes a loop fast. Nothing that a call touches is shared
/// between loops.
///
/// A loop is a task executor: with it as their preference, tasks run on its thread and resume on it, without a hop.
///
/// Unchecked: all but `foreign`, `owner` and `isStopping` is touched on its thread alone.
public final class Loop: @unchecked Sendable {
    /// Tasks run before the loop looks at its handles again, so that tasks which wake each other cannot starve them.
    static let jobsPerTurn = 4096
    /// What flushes wake is flushed in the same turn up to so many times; a fast writer goes on in the next turn.
    static let flushRounds = 4
    /// Room for retired objects that is kept: what a busy turn ends, a few hundred calls with their streams.
    static let keptRetired = 1024

    public let name: String
    /// Read once a turn.
    @exclusivity(unchecked) public private(set) var now: Instant
    /// The time of day, for certificates and logs.
    public var wall: WallTime { poller.wall }
    /// A new source of chance, for jitter and picks: a simulation's loop draws it from the seed. Any thread may ask.
    public func chance() -> Chance { poller.chance() }

    /// Memory to read into. What is in it is good until the source that read it returns.
    public let readBuffer: UnsafeMutableRawBufferPointer
    /// More of it, for what is decrypted or about to be encrypted.
    public let plainBuffer: UnsafeMutableRawBufferPointer
    public let buffers = BufferPool()
    /// Output on its way through one function: what is about to be encrypted. Empty between two calls.
    public let scratch: OutputChain

    private let poller: any Poller
    private var registrations: [Registration] = []
    private var timers = TimerHeap()
    @exclusivity(unchecked) var jobs = Ring<UnownedJob>()
    private var thunks = Ring<@Sendable () -> Void>()
    @exclusivity(unchecked) private var flushers = Ring<any TurnEndFlusher>()
    @exclusivity(unchecked) private var retired: [any Retired] = []

    /// What other threads left for this loop.
    private let foreign = Mutex(Inbox())
    private let owner: Atomic<UInt>
    private let isStopping = Atomic<Bool>(false)

    private struct Registration {
        var generation: UInt32
        var source: (any ReadySource)?
    }

    struct Inbox {
        var jobs: [UnownedJob] = []
        var thunks: [@Sendable () -> Void] = []
        /// The loop was woken and has not looked yet: one wake is enough.
        var isWoken = false
    }

    /// A loop that belongs to this thread until some thread calls `run`.
    public convenience init(name: String = "loop") throws(ReactorError) {
        _ = HeapRules.keptFree
        self.init(name: name, poller: try EpollPoller())
    }

    /// A loop on another poller: a simulation's.
    public init(name: String, poller: any Poller) {
        self.name = name
        self.poller = poller
        now = poller.now
        owner = Atomic(UInt(pthread_self()))
        readBuffer = .allocate(byteCount: 64 * 1024, alignment: 64)
        // One read of ciphertext never gives more plaintext than it has bytes, but a record that began in an earlier read
        // may add 16 KiB.
        plainBuffer = .allocate(byteCount: 96 * 1024, alignment: 64)
        scratch = OutputChain(blocks: buffers)
    }

    deinit {
        readBuffer.deallocate()
        plainBuffer.deallocate()
        jobs.discard()
        thunks.discard()
        flushers.discard()
    }

    /// This thread is the loop's.
    public var isCurrent: Bool { owner.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Does `job` on the loop, soon. Any thread may ask; on the loop's own thread it happens later in this turn.
    public func execute(_ job: @escaping @Sendable () -> Void) {
        if isCurrent {
            thunks.append(job)
        } else {
            post { $0.thunks.append(job) }
        }
    }

    /// Does `job` now if this is the loop's thread, else soon.
    public func perform(_ job: @escaping @Sendable () -> Void) {
        if isCurrent { job() } else { execute(job) }
    }
}

// MARK: - Timers, handles, flushing: on the loop's thread

extension Loop {
    /// Does `action` after `delay`, not before. The loop keeps the timer until then.
    @discardableResult
    public func schedule(after delay: Duration, _ action: @escaping () -> Void) -> LoopTimer {
        schedule(at: now.advanced(by: delay), action)
    }

    @discardableResult
    public func schedule(at due: Instant, _ action: @escaping () -> Void) -> LoopTimer {
        let timer = LoopTimer(due: due, loop: self, action: action)
        timers.insert(timer)
        return timer
    }

    func forget(_ timer: LoopTimer) {
        timers.remove(timer)
        _ = timer.takeAction()
    }

    /// Tells `source` when `handle` is ready, until `forget`. The loop keeps the source.
    public func watch(_ handle: Int32, _ interest: Interest, _ source: any ReadySource) throws(ReactorError) {
        let index = Int(handle)
        while registrations.count <= index {
            registrations.append(Registration(generation: 0, source: nil))
        }
        precondition(registrations[index].source == nil, "a handle has one source")
        try poller.add(handle, interest, token: token(handle))
        registrations[index].source = source
    }

    public func update(_ handle: Int32, _ interest: Interest) throws(ReactorError) {
        try poller.change(handle, interest, token: token(handle))
    }

    /// Stops watching. Call it before the handle is closed; readiness that was on its way is dropped.
    public func forget(_ handle: Int32) {
        let index = Int(handle)
        guard index < registrations.count, registrations[index].source != nil else { return }
        poller.remove(handle)
        registrations[index].source = nil
        registrations[index].generation &+= 1
    }

    /// Calls `flusher` once when this turn's work is done. The flusher asks again in the next turn; asking twice flushes twice.
    public func atTurnEnd(_ flusher: any TurnEndFlusher) {
        flushers.append(flusher)
    }

    /// Keeps an object that is done with until the turn's end, and lets go of it then.
    ///
    /// Methods of the object may be running, further up the stack, for callers who count no reference to what they call:
    /// so an event costs no counting, where two objects a step were a third of a proxied call. A turn ends what it heard
    /// of, so that no more is kept than one turn's events.
    public func retire(_ object: any Retired) {
        retired.append(object)
    }

    private func letGoOfRetired() {
        guard !retired.isEmpty else { return }
        // What goes may retire more, which waits for the next turn's end.
        var gone: [any Retired] = []
        swap(&gone, &retired)
        while let object = gone.popLast() { object.letGo() }
        if gone.capacity <= Loop.keptRetired, retired.isEmpty { swap(&gone, &retired) }
    }

    /// Who watches a handle here: sockets, for those who list them.
    public var sources: [any ReadySource] { registrations.compactMap(\.source) }

    /// A handle's number comes back as soon as it is closed: the generation tells old readiness from new.
    private func token(_ handle: Int32) -> UInt64 {
        UInt64(registrations[Int(handle)].generation) << 32 | UInt64(UInt32(bitPattern: handle))
    }
}

/// What is kept until the turn's end because one of its methods may be running.
public protocol Retired: AnyObject {
    /// Nobody calls it any more: it lets go of what holds it in turn.
    func letGo()
}

/// Writes what a turn has gathered, once.
public protocol TurnEndFlusher: AnyObject {
    func flush()
}

// MARK: - Running

extension Loop {
    /// Starts a loop on a thread of its own.
    public static func start(name: String) throws(ReactorError) -> Loop {
        let loop = try Loop(name: name)
        let started = Started()
        let code = Thread.start(name: name) {
            loop.owner.store(UInt(pthread_self()), ordering: .sequentiallyConsistent)
            started.signal()
            loop.run()
            loop.owner.store(0, ordering: .sequentiallyConsistent)  // another thread may get this one's number
        }
        guard code == 0 else { throw ReactorError(call: "pthread_create", code: code) }
        started.wait()
        return loop
    }

    /// Makes this thread the loop's and runs turns until `stop`.
    public func run() {
        owner.store(UInt(pthread_self()), ordering: .sequentiallyConsistent)
        while !isStopping.load(ordering: .relaxed) {
            turn()
        }
        turn(wait: false)  // what was left for the loop before it was stopped
        isStopping.store(false, ordering: .relaxed)
    }

    /// Ends `run`, after what was asked of the loop before. Any thread may ask.
    public func stop() {
        isStopping.store(true, ordering: .relaxed)
        poller.wake()
    }

    /// One turn. `wait: false` does what is ready now: a simulation drives its loops so.
    public func turn(wait: Bool = true) {
        let ready: Int
        do {
            ready = try poller.wait(until: wait && !hasWork ? timers.next : now)
        } catch {
            preconditionFailure("the loop cannot wait: \(error)")
        }
        now = poller.now
        fireTimers()
        for index in 0..<ready {
            let (token, readiness) = poller.ready(at: index)
            dispatch(token, readiness)
        }
        takeForeign()
        runJobs()
        flushAll()
        letGoOfRetired()
    }

    // MARK: Many loops on one thread: a simulation

    /// When the loop wants its next turn, if nothing becomes ready before: nil if it has nothing to do at all.
    package var nextDue: Instant? { hasWork ? now : timers.next }

    package var pendingTimers: Int { timers.count }

    /// Belongs to no thread until its next turn: what others ask of it comes to its inbox, as from another thread.
    package func disown() {
        owner.store(0, ordering: .relaxed)
    }

    /// One turn that does not wait, during which this loop alone is current on this thread.
    package func turnAlone() {
        owner.store(UInt(pthread_self()), ordering: .relaxed)
        turn(wait: false)
        disown()
    }

    /// A timer that an action sets for now fires in the next turn: one that renews itself must not hold the loop.
    private func fireTimers() {
        var left = timers.count
        while left > 0, let timer = timers.popDue(at: now) {
            timer.takeAction()?()
            left -= 1
        }
    }

    private var hasWork: Bool { !(jobs.isEmpty && thunks.isEmpty && flushers.isEmpty) }

    private func dispatch(_ token: UInt64, _ readiness: Readiness) {
        let index = Int(token & 0xffff_ffff)
        guard index < registrations.count else { return }  // the poller's own handle
        guard registrations[index].generation == UInt32(token >> 32) else { return }
        registrations[index].source?.ready(readiness)
    }

    private func runJobs() {
        var left = Loop.jobsPerTurn
        while left > 0 {
            if let job = jobs.popFirst() {
                run(job)
            } else if let thunk = thunks.popFirst() {
                thunk()
            } else {
                return
            }
            left -= 1
        }
    }

    /// A flush may wake tasks that write more: they are flushed too, a few times over, before handles are looked at again.
    private func flushAll() {
        for _ in 0..<Loop.flushRounds {
            var left = flushers.count
            if left == 0 { return }
            while left > 0, let flusher = flushers.popFirst() {
                flusher.flush()
                left -= 1
            }
            runJobs()
        }
    }

    private func takeForeign() {
        let inbox = foreign.withLock { inbox in
            let taken = inbox
            if taken.isWoken { inbox = Inbox() }
            return taken
        }
        for job in inbox.jobs { jobs.append(job) }
        for thunk in inbox.thunks { thunks.append(thunk) }
    }

    func post(_ leave: (inout Inbox) -> Void) {
        let mustWake = foreign.withLock { inbox in
            leave(&inbox)
            defer { inbox.isWoken = true }
            return !inbox.isWoken
        }
        if mustWake { poller.wake() }
    }
}
