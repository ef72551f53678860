import Glibc
import RPC
import Reactor
import Simulation
import Synchronization
import Timebase
import Transport

/// Calls of all kinds over real sockets, in ten rounds; after each, everything must be back to zero.
///
/// Callers cancel, leave and set deadlines; handlers fail and sleep; connections are reset and half-closed from outside,
/// grow old after seconds, and listeners are replaced. What is counted does not depend on how fast the machine is.
final class CallSoak: Sendable {
    /// Calls that are open at once: enough to queue on streams, few enough to notice one that hangs.
    private static let open = 128
    /// No call of a round ends for so long: one hangs.
    private static let patience: Duration = .seconds(60)
    /// Between two connections that are broken.
    private static let strikeEvery: Duration = .milliseconds(40)

    /// Connections that are broken between two replacements of the listener: about a second.
    private static let strikesPerListener = 25

    private let calls: Int
    private let seed: UInt64
    private let ledger: CallLedger
    private let mix: CallMix
    private let serverLoop: Loop
    private let clientLoop: Loop
    private let server: SoakServer
    private let pool: ConnectionPool
    private let caller: PlannedCaller
    /// The next call's number, and the first one of the next round.
    private let next = Mutex((number: 0, end: 0))

    init(calls: Int, seed: UInt64) throws {
        self.calls = calls
        self.seed = seed
        ledger = CallLedger(calls: calls)
        mix = CallSoak.mix
        serverLoop = try Loop.start(name: "server")
        clientLoop = try Loop.start(name: "client")
        server = try SoakServer(on: serverLoop, limits: CallSoak.limits, ledger: ledger) { [mix] in
            mix.plan($0, seed: seed)
        }
        pool = ConnectionPool(
            to: server.address, loop: clientLoop, security: .plaintext, limits: CallSoak.limits)
        caller = PlannedCaller(
            Channel(pool, destination: "soak", timers: clientLoop), on: clientLoop, ledger: ledger, repeats: 5)
    }

    private static let limits: ConnectionLimits = {
        var limits = ConnectionLimits()
        limits.maxAge = .seconds(3)
        limits.maxConcurrentStreams = 50
        limits.backoffBase = .milliseconds(2)
        limits.backoffLimit = .milliseconds(20)
        limits.keepaliveMinimum = .seconds(1)
        limits.keepalive = .seconds(5)
        limits.keepaliveTimeout = .seconds(5)
        return limits
    }()

    private static let mix: CallMix = {
        var mix = CallMix()
        mix.bytes = 0...600
        mix.large = 0.02
        mix.largeBytes = 10_000...300_000
        mix.timeouts = 0.2
        mix.timeout = .milliseconds(1)...(.milliseconds(200))
        mix.cancels = 0.15
        mix.cancelAfter = .zero...(.milliseconds(20))
        mix.slowHandlers = 0.1
        mix.handlerDelay = .zero...(.milliseconds(20))
        mix.slowReaders = 0.02
        mix.readerDelay = .zero...(.milliseconds(5))
        mix.failures = 0.05
        mix.leaves = 0.1
        return mix
    }()

    /// Answers what did not hold.
    func run() throws -> [String] {
        let rounds = 10
        var saboteur = Saboteur(seed: seed)
        var quiet: [(resident: Int, heap: Int)] = []
        let begun = SystemClock.now
        for round in 1...rounds {
            begin(until: calls * round / rounds)
            var lastEnded = (count: -1, at: SystemClock.now)
            while ledger.ended < calls * round / rounds {
                usleep(UInt32(CallSoak.strikeEvery.components.attoseconds / 1_000_000_000_000))
                saboteur.strike()
                if saboteur.broken % CallSoak.strikesPerListener == 0 { server.replaceListener() }
                let ended = ledger.ended
                if ended != lastEnded.count { lastEnded = (ended, SystemClock.now) }
                if lastEnded.at.duration(to: SystemClock.now) > CallSoak.patience {
                    return ledger.complaints + ["\(ledger.begun - ended) calls hang; \(ledger.summary)"]
                }
            }
            guard becomesQuiet() else { return ledger.complaints + ["round \(round) does not become quiet: \(state)"] }
            quiet.append((Memory.resident, Memory.heap))
            print(
                "round \(round): \(ledger.ended) calls, \(saboteur.broken) connections broken, "
                    + "\(server.replaced) listeners replaced; resident \(Memory.resident) KiB, heap \(Memory.heap) KiB")
            fflush(nil)
        }
        let time = begun.duration(to: SystemClock.now)
        print("\(calls) calls in \(time), at most \(ledger.mostOpen) at once, \(ledger.handlersBegun) handlers")
        print(ledger.summary)
        ledger.close()
        return ledger.complaints + end() + growth(quiet)
    }

    private func begin(until end: Int) {
        let first = next.withLock { next in
            next.end = end
            return min(CallSoak.open, end - next.number)
        }
        for _ in 0..<first { beginNext() }
    }

    private func beginNext() {
        let number: Int? = next.withLock { next in
            guard next.number < next.end else { return nil }
            next.number += 1
            return next.number - 1
        }
        guard let number else { return }
        let plan = mix.plan(number, seed: seed)
        caller.begin(plan) { [self] code, error in
            judge(plan, code, error)
            beginNext()
        }
    }

    private func judge(_ plan: CallPlan, _ code: StatusCode, _ error: RPCError?) {
        var allowed: Set<StatusCode> = [plan.failure ?? .ok, .unavailable]
        if plan.timeout != nil { allowed.insert(.deadlineExceeded) }
        if plan.cancelAfter != nil { allowed.insert(.cancelled) }
        if plan.leavesAfter != nil { allowed.insert(.ok) }
        if !allowed.contains(code) { ledger.complain("\(plan) must not end with \(error.map { "\($0)" } ?? "OK")") }
    }

    // MARK: Quiet

    private var state: String {
        "\(ledger.handlersRunning) handlers run, the pool counts \(pool.activeExchanges) exchanges"
    }

    /// No handler runs and no exchange is open, within the time that a lingering stream may take.
    private func becomesQuiet() -> Bool {
        let end = SystemClock.now.advanced(by: .seconds(20))
        while SystemClock.now < end {
            let exchanges = Waiting<Int>()
            clientLoop.execute { [pool] in exchanges.put(pool.activeExchanges) }
            if ledger.handlersRunning == 0, exchanges.wait() == 0 { return true }
            usleep(10_000)
        }
        return false
    }

    /// Ends everything; what is left is a leak.
    private func end() -> [String] {
        pool.drain()
        server.close()
        let end = SystemClock.now.advanced(by: .seconds(30))
        var left = ""
        while SystemClock.now < end {
            let timers = Waiting<Int>()
            clientLoop.execute { [clientLoop] in timers.put(clientLoop.pendingTimers) }
            let serverTimers = Waiting<Int>()
            serverLoop.execute { [serverLoop] in serverTimers.put(serverLoop.pendingTimers) }
            let connections = server.connections
            let (one, two) = (timers.wait(), serverTimers.wait())
            if one == 0, two == 0, connections == 0 { return [] }
            left = "\(one) and \(two) timers and \(connections) connections are left"
            usleep(50_000)
        }
        return [left]
    }

    /// The heap in use at quiet must not grow from the first round to the last. Resident pages may, by what fragments: the
    /// bound is what one connection's worth of blocks takes.
    private func growth(_ quiet: [(resident: Int, heap: Int)]) -> [String] {
        let heap = quiet[quiet.count - 1].heap - quiet[0].heap
        let resident = quiet[quiet.count - 1].resident - quiet[0].resident
        print("from the first round to the last: heap \(heap) KiB, resident \(resident) KiB")
        var complaints: [String] = []
        if heap > 2_048 { complaints.append("the heap grew by \(heap) KiB") }
        if resident > 16_384 { complaints.append("resident memory grew by \(resident) KiB") }
        return complaints
    }
}

/// A value from a loop, waited for by a thread that may block.
final class Waiting<Value: Sendable>: @unchecked Sendable {  // a semaphore is made to be shared
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private let value = Mutex<Value?>(nil)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func put(_ value: Value) {
        self.value.withLock { $0 = value }
        sem_post(semaphore)
    }

    func wait() -> Value {
        while true {
            while sem_wait(semaphore) != 0 {}
            if let value = value.withLock({ $0 }) { return value }
        }
    }
}
