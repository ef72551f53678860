import Glibc
import Reactor
import Simulation
import Synchronization
import Timebase

/// Shares the seeds of the scenarios out to threads, one simulation on each.
final class SeedRunner: Sendable {
    /// Faults of one scenario that are shown: further seeds mostly show the same one.
    private static let shownFaults = 3

    private let options: Options
    private let state: Mutex<State>

    private struct State {
        var next: (scenario: Int, seed: UInt64)
        var faults: [Int]
        var handlers = 0
    }

    init(_ options: Options) {
        self.options = options
        state = Mutex(
            State(
                next: (0, options.seeds.lowerBound), faults: Array(repeating: 0, count: options.scenarios.count)))
    }

    /// False if a run failed.
    func run() -> Bool {
        let start = SystemClock.now
        // A trace is for one reader: its lines must not mix with another run's.
        let threads = options.traces || options.tells ? 1 : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let finished = ThreadCounter()
        for index in 1..<threads {
            let code = Thread.start(name: "simulate-\(index)") { [self] in
                work()
                finished.signal()
            }
            if code != 0 { finished.signal() }
        }
        work()
        for _ in 1..<threads { finished.wait() }
        let (faults, handlers) = state.withLock { ($0.faults.reduce(0, +), $0.handlers) }
        let runs = options.scenarios.reduce(0) { $0 + Int($1.last(of: options.seeds) - options.seeds.lowerBound) + 1 }
        let time = start.duration(to: SystemClock.now)
        print("\(runs) runs of \(options.scenarios.count) scenarios, \(handlers) handlers, \(time): \(faults) failed")
        return faults == 0
    }

    private func work() {
        while let (index, seed) = take() {
            let scenario = options.scenarios[index]
            do {
                let report = try scenario.run(seed: seed, tells: options.tells, traces: options.traces)
                state.withLock { $0.handlers += report.handlers }
                if options.seeds.count == 1 {
                    print("\(scenario.name), seed \(seed): \(report.summary); \(report.time); digest \(report.digest)")
                }
            } catch {
                let count = state.withLock { state in
                    state.faults[index] += 1
                    return state.faults[index]
                }
                guard count <= SeedRunner.shownFaults else { continue }
                print("FAILED \(scenario.name): \(error)")
                let engine = options.engine.map { " --engine \($0)" } ?? ""
                let arguments = "--scenario '\(scenario.name)' --seed \(seed)\(engine) \(scenario.telling)"
                print("    replay: .ci/simulate \(arguments)")
                fflush(nil)
            }
        }
    }

    private func take() -> (Int, UInt64)? {
        state.withLock { state in
            guard state.next.scenario < options.scenarios.count else { return nil }
            let taken = state.next
            if taken.seed < options.scenarios[taken.scenario].last(of: options.seeds) {
                state.next.seed += 1
            } else {
                state.next = (taken.scenario + 1, options.seeds.lowerBound)
            }
            return (taken.scenario, taken.seed)
        }
    }
}

/// Counts threads that are done.
private final class ThreadCounter: @unchecked Sendable {  // a semaphore is made to be shared
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }
    func wait() { while sem_wait(semaphore) != 0 {} }
}
