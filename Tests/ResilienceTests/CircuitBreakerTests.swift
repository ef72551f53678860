import Resilience
import Testing
import Timebase

/// One step of a breaker's life, and what must be true of it.
enum Step: Sendable {
    /// A call is let through and ends so, at once.
    case success, fault, noNews
    /// A call is let through and stays in flight; it ends later, oldest first.
    case begin
    case endFirst(CircuitBreaker.Report)
    case refused
    case pass(Duration)
    case phase(CircuitBreaker.Phase)
    /// So many of the step before.
    case times(Int, [Step])
    /// `refused` says until when, to the millisecond, from now.
    case refusedFor(Duration)
}

@Suite struct CircuitBreakerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let steps: [Step]
        let limits: CircuitBreaker.Limits
        var testDescription: String { rule }

        init(_ rule: String, _ steps: Step..., jitter: Double = 0, leastCalls: Int = 20) {
            self.rule = rule
            self.steps = steps
            var limits = CircuitBreaker.Limits()
            limits.jitter = jitter
            limits.leastCalls = leastCalls
            self.limits = limits
        }
    }

    @Test(arguments: [
        Case("a new breaker is closed", .phase(.closed), .success),
        Case("four faults in a row leave it closed", .times(4, [.fault]), .phase(.closed), .success),
        Case("five faults in a row open it", .times(5, [.fault]), .phase(.open), .refused),
        Case(
            "a success in between begins the row anew", .times(4, [.fault]), .success, .times(4, [.fault]),
            .phase(.closed)),
        Case(
            "calls without news neither break the row nor lengthen it",
            .times(4, [.fault]), .times(9, [.noNews]), .phase(.closed), .fault, .phase(.open)),
        Case(
            "it opens for one second first", .times(5, [.fault]), .refusedFor(.seconds(1)), .pass(.milliseconds(999)),
            .refused, .pass(.milliseconds(1)), .begin, .phase(.probing)),
        Case(
            "three probes may be in flight, no fourth", .times(5, [.fault]), .pass(.seconds(1)), .times(3, [.begin]),
            .refused),
        Case(
            "a probe that ends without news makes room for another", .times(5, [.fault]), .pass(.seconds(1)),
            .times(3, [.begin]), .endFirst(.noNews), .begin, .refused),
        Case(
            "two successes do not close it", .times(5, [.fault]), .pass(.seconds(1)), .success, .success,
            .phase(.probing)),
        Case(
            "three successes close it", .times(5, [.fault]), .pass(.seconds(1)), .success, .success, .success,
            .phase(.closed)),
        Case(
            "a probe's fault opens it for twice as long", .times(5, [.fault]), .pass(.seconds(1)), .success, .fault,
            .phase(.open), .refusedFor(.seconds(2))),
        Case(
            "the doubling ends at sixty seconds", .times(5, [.fault]), .pass(.seconds(1)), .fault, .pass(.seconds(2)),
            .fault,
            .pass(.seconds(4)), .fault, .pass(.seconds(8)), .fault, .pass(.seconds(16)), .fault, .pass(.seconds(32)),
            .fault,
            .refusedFor(.seconds(60)), .pass(.seconds(60)), .fault, .refusedFor(.seconds(60))),
        Case(
            "a trip soon after closing is the same trouble", .times(5, [.fault]), .pass(.seconds(1)),
            .times(3, [.success]),
            .pass(.seconds(9)), .times(5, [.fault]), .refusedFor(.seconds(2))),
        Case(
            "a trip after the ramp is a new one", .times(5, [.fault]), .pass(.seconds(1)), .times(3, [.success]),
            .pass(.seconds(10)), .times(5, [.fault]), .refusedFor(.seconds(1))),
        Case(
            "what older calls report is no news", .begin, .times(5, [.fault]), .pass(.seconds(1)), .begin,
            .endFirst(.fault), .phase(.probing)),
        Case(
            "a fault from before the trip does not count after closing", .times(4, [.begin]), .times(5, [.fault]),
            .pass(.seconds(1)), .times(3, [.success]), .times(4, [.endFirst(.fault)]), .fault, .phase(.closed)),
        Case(
            "probes that do not report in time no longer hold others back", .times(5, [.fault]), .pass(.seconds(1)),
            .times(3, [.begin]), .pass(.seconds(1)), .begin, .begin, .begin, .refused),
        Case(
            "late probes still count as probes", .times(5, [.fault]), .pass(.seconds(1)), .times(3, [.begin]),
            .pass(.seconds(1)), .times(3, [.endFirst(.success)]), .phase(.closed)),
        Case(
            "success under 0.8 of twenty calls opens it", .times(5, [.fault, .success, .success]), .phase(.closed),
            .times(4, [.success]), .phase(.closed), .fault, .phase(.open)),
        Case(
            "success of 0.8 of twenty calls does not", .times(4, [.fault, .success, .success, .success, .success]),
            .phase(.closed)),
        Case(
            "nineteen calls say nothing", .times(9, [.fault, .success]), .fault, .phase(.closed), .success,
            .phase(.open)),
        Case(
            "the window forgets after ten seconds", .times(9, [.fault, .success]), .pass(.seconds(10)),
            .times(9, [.fault, .success]),
            .phase(.closed)),
        Case(
            "closing forgets the window", .times(7, [.fault, .success]), .times(5, [.fault]), .pass(.seconds(1)),
            .times(3, [.success]), .times(9, [.success, .fault]), .phase(.closed)),
    ])
    func table(_ row: Case) {
        var breaker = CircuitBreaker(row.limits)
        var run = Run()
        for step in row.steps { run.take(step, &breaker) }
    }

    private struct Run {
        var now = Instant(nanoseconds: 5_000_000_000)
        var chance = Chance(seed: 1)
        var inFlight: [CircuitBreaker.Permit] = []

        mutating func take(_ step: Step, _ breaker: inout CircuitBreaker) {
            switch step {
            case .success: call(.success, &breaker)
            case .fault: call(.fault, &breaker)
            case .noNews: call(.noNews, &breaker)
            case .begin:
                if let permit = admit(&breaker) { inFlight.append(permit) }
            case .endFirst(let report):
                breaker.record(report, permit: inFlight.removeFirst(), at: now, chance: &chance)
            case .refused:
                let isUsable = breaker.isUsable(at: now)
                #expect(!isUsable)
                if case .allowed = breaker.admit(at: now) { Issue.record("a call was let through") }
            case .refusedFor(let duration):
                let admission = breaker.admit(at: now)
                #expect(admission == .refused(until: now.advanced(by: duration)))
            case .pass(let duration): now = now.advanced(by: duration)
            case .phase(let expected):
                let phase = breaker.phase
                #expect(phase == expected)
            case .times(let count, let steps):
                for _ in 0..<count { for step in steps { take(step, &breaker) } }
            }
        }

        private mutating func admit(_ breaker: inout CircuitBreaker) -> CircuitBreaker.Permit? {
            let isUsable = breaker.isUsable(at: now)
            #expect(isUsable)
            guard case .allowed(let permit) = breaker.admit(at: now) else {
                Issue.record("a call was refused")
                return nil
            }
            return permit
        }

        private mutating func call(_ report: CircuitBreaker.Report, _ breaker: inout CircuitBreaker) {
            guard let permit = admit(&breaker) else { return }
            breaker.record(report, permit: permit, at: now, chance: &chance)
        }
    }

    @Test func `a cooldown is stretched by up to half of itself, and not always by as much`() {
        var lengths: Set<Int64> = []
        for seed in 0..<50 {
            var breaker = CircuitBreaker()
            var chance = Chance(seed: UInt64(seed))
            let now = Instant(nanoseconds: 0)
            for _ in 0..<5 {
                guard case .allowed(let permit) = breaker.admit(at: now) else { break }
                breaker.record(.fault, permit: permit, at: now, chance: &chance)
            }
            guard case .refused(let until) = breaker.admit(at: now) else {
                Issue.record("it did not open")
                return
            }
            #expect((1_000_000_000...1_500_000_000).contains(until.nanoseconds))
            lengths.insert(until.nanoseconds)
        }
        #expect(lengths.count > 40)
    }

    @Test func `a change of phase is told once, with its reason`() {
        var breaker = CircuitBreaker()
        var chance = Chance(seed: 1)
        let now = Instant(nanoseconds: 0)
        var changes = 0
        for _ in 0..<5 {
            guard case .allowed(let permit) = breaker.admit(at: now) else { break }
            if breaker.record(.fault, permit: permit, at: now, chance: &chance) { changes += 1 }
        }
        #expect(changes == 1)
        let reason = breaker.lastTrip
        #expect(reason == "5 faults in a row")
    }
}
