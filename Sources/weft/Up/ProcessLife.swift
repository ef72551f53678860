import Timebase

/// Decides what to do with one process, from how it starts, answers and ends.
///
///     waiting ──start──▶ starting ──answers──▶ ready
///        ▲                  │ ends               │ ends
///        └──────────────── resting ◀─────────────┘      (0.2 s, doubling to 10 s; reset after 10 s of being ready)
///                           │ ended `maxFailedStarts` times without ever answering, or with exit code 2
///                           ▼
///                         failed
struct ProcessLife {
    enum State: Equatable {
        case waiting
        case starting
        case ready(since: Instant)
        case resting(until: Instant)
        case failed
    }

    /// What the process asks of its supervisor after an input.
    enum Step: Equatable {
        case none
        case wake(at: Instant)
        case giveUp
    }

    /// A process that never comes up so often has a fault that waiting does not mend: a port in use, a bad setting.
    static let maxFailedStarts = 3
    static let shortestRest = Duration.milliseconds(200)
    static let longestRest = Duration.seconds(10)
    /// Being ready for so long proves that the last start was good.
    static let provenAfter = Duration.seconds(10)
    /// Programs here say with this exit code that what they were asked is wrong.
    static let usageExitCode: Int32 = 2

    private(set) var state = State.waiting
    private(set) var restarts = 0
    private var failedStarts = 0
    private var rest = ProcessLife.shortestRest

    mutating func started() {
        state = .starting
    }

    mutating func answered(at now: Instant) {
        if case .starting = state {
            state = .ready(since: now)
            failedStarts = 0
        }
    }

    mutating func ended(exitCode: Int32?, at now: Instant) -> Step {
        if case .ready(let since) = state {
            if since.duration(to: now) >= Self.provenAfter {
                rest = Self.shortestRest
            }
        } else {
            failedStarts += 1
        }
        if exitCode == Self.usageExitCode || failedStarts >= Self.maxFailedStarts {
            state = .failed
            return .giveUp
        }
        restarts += 1
        let until = now.advanced(by: rest)
        rest = min(rest * 2, Self.longestRest)
        state = .resting(until: until)
        return .wake(at: until)
    }

    /// The rest may be over.
    mutating func woke(at now: Instant) {
        if case .resting(let until) = state, until <= now {
            state = .waiting
        }
    }
}
