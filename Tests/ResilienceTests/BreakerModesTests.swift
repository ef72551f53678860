import Resilience
import Testing
import Timebase

/// Who decides over calls, and for how long.
@Suite struct BreakerModesTests {
    private static let start = Instant(nanoseconds: 5_000_000_000)

    private static func at(_ duration: Duration) -> Instant { start.advanced(by: duration) }

    private static func limits(_ mode: CircuitBreaker.Mode = .enforce) -> CircuitBreaker.Limits {
        var limits = CircuitBreaker.Limits()
        limits.jitter = 0
        limits.mode = mode
        return limits
    }

    /// Sends calls that end so at once; answers how many were let through.
    @discardableResult
    private func send(
        _ count: Int, _ report: CircuitBreaker.Report, _ breaker: inout CircuitBreaker, at now: Instant = start
    ) -> Int {
        var chance = Chance(seed: 1)
        var passed = 0
        for _ in 0..<count {
            guard case .allowed(let permit) = breaker.admit(at: now) else { continue }
            passed += 1
            breaker.record(report, permit: permit, at: now, chance: &chance)
        }
        return passed
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let mode: CircuitBreaker.Mode
        /// Of ten faulty calls to a closed breaker.
        let passed: Int
        let phase: CircuitBreaker.Phase
        let isUsable: Bool
        let isEjecting: Bool
        var testDescription: String { "\(mode)" }
    }

    @Test(arguments: [
        Row(mode: .enforce, passed: 5, phase: .open, isUsable: false, isEjecting: true),
        Row(mode: .shadow, passed: 10, phase: .open, isUsable: true, isEjecting: false),
        Row(mode: .forcedClosed, passed: 10, phase: .open, isUsable: true, isEjecting: false),
        Row(mode: .forcedOpen, passed: 0, phase: .closed, isUsable: false, isEjecting: true),
    ])
    func `ten faults, by who decides`(row: Row) {
        var byPolicy = CircuitBreaker(Self.limits(row.mode))
        var byForce = CircuitBreaker(Self.limits())
        byForce.force(row.mode, for: .seconds(60), at: Self.start)
        check(row, &byPolicy)
        check(row, &byForce)
    }

    private func check(_ row: Row, _ breaker: inout CircuitBreaker) {
        let passed = send(10, .fault, &breaker)
        #expect(passed == row.passed)
        let status = breaker.status(at: Self.start)
        #expect(status.phase == row.phase && status.mode == row.mode)
        let (isUsable, isEjecting) = (breaker.isUsable(at: Self.start), breaker.isEjecting(at: Self.start))
        #expect(isUsable == row.isUsable && isEjecting == row.isEjecting)
        // What passes without being asked for is evidence all the same.
        #expect(status.calls == row.passed && status.faults == row.passed)
        let violation = breaker.violation(at: Self.start)
        #expect(violation == nil)
    }

    @Test func `what watches alone goes through the same phases`() {
        var breaker = CircuitBreaker(Self.limits(.shadow))
        send(10, .fault, &breaker)
        send(2, .success, &breaker, at: Self.at(.seconds(1)))
        let holds1 = breaker.status(at: Self.at(.seconds(1))).phase == .probing
        #expect(holds1)
        send(1, .success, &breaker, at: Self.at(.seconds(1)))
        let holds2 = breaker.status(at: Self.at(.seconds(1))).phase == .closed
        #expect(holds2)
    }

    @Test func `a force ends by itself, and the machine stands where it would stand`() {
        var breaker = CircuitBreaker(Self.limits())
        breaker.force(.forcedClosed, for: .seconds(2), at: Self.start)
        send(5, .fault, &breaker)
        let during = send(3, .fault, &breaker, at: Self.at(.milliseconds(500)))
        #expect(during == 3)
        let holds3 = breaker.status(at: Self.at(.milliseconds(1999))).forcedUntil == Self.at(.seconds(2))
        #expect(holds3)
        // The cooldown is over too, and one fault of a probe opens it again: nothing but probes passes.
        let after = send(10, .fault, &breaker, at: Self.at(.seconds(2)))
        #expect(after == 1)
        let status = breaker.status(at: Self.at(.seconds(2)))
        #expect(status.mode == .enforce && status.forcedUntil == nil && status.phase == .open)
    }

    @Test func `a force open says until when it lasts, and is taken back`() {
        var breaker = CircuitBreaker(Self.limits())
        breaker.force(.forcedOpen, for: .seconds(30), at: Self.start)
        let admission = breaker.admit(at: Self.start)
        #expect(admission == .refused(until: Self.at(.seconds(30))))
        breaker.force(nil, at: Self.start)
        let passed = send(1, .success, &breaker)
        #expect(passed == 1)
    }

    @Test func `nobody forces for more than a day`() {
        var breaker = CircuitBreaker(Self.limits())
        breaker.force(.forcedOpen, for: .seconds(1_000_000), at: Self.start)
        let (during, after) = (
            breaker.isUsable(at: Self.at(.seconds(86_399))), breaker.isUsable(at: Self.at(.seconds(86_400)))
        )
        #expect(!during && after)
    }

    @Test func `an operator can have a breaker decide that only watches`() {
        var breaker = CircuitBreaker(Self.limits(.shadow))
        breaker.force(.enforce, for: .seconds(30), at: Self.start)
        let passed = send(10, .fault, &breaker)
        #expect(passed == 5)
    }

    @Test func `a spared breaker is open and lets calls through until it trips again`() {
        var breaker = CircuitBreaker(Self.limits())
        send(5, .fault, &breaker)
        breaker.spare()
        let (isUsable, isEjecting) = (breaker.isUsable(at: Self.start), breaker.isEjecting(at: Self.start))
        #expect(isUsable && !isEjecting)
        let passed = send(7, .fault, &breaker)
        #expect(passed == 7)
        let holds4 = breaker.status(at: Self.start).summary == "open, 5 faults in a row, spared"
        #expect(holds4)
        // A probe fails: whether it is spared again is asked anew.
        send(1, .fault, &breaker, at: Self.at(.seconds(1)))
        let again = breaker.isUsable(at: Self.at(.seconds(1)))
        let holds5 = !again && !breaker.isSpared
        #expect(holds5)
    }

    @Test func `a breaker that closes is no longer spared, and a closed one cannot be`() {
        var breaker = CircuitBreaker(Self.limits())
        breaker.spare()
        let holds6 = !breaker.isSpared
        #expect(holds6)
        send(5, .fault, &breaker)
        breaker.spare()
        let passed = send(9, .success, &breaker, at: Self.at(.seconds(1)))
        let holds7 = passed == 9 && !breaker.isSpared && breaker.phase == .closed
        #expect(holds7)
    }

    @Test func `new limits keep what was counted, as far as it can mean something`() {
        var breaker = CircuitBreaker(Self.limits())
        send(4, .fault, &breaker)
        var limits = Self.limits()
        limits.faultsInRow = 3
        breaker.replace(limits, at: Self.start)
        let holds8 = breaker.status(at: Self.start).faultsInRow == 2 && breaker.phase == .closed
        #expect(holds8)
        let holds9 = breaker.violation(at: Self.start) == nil
        #expect(holds9)
        send(1, .fault, &breaker)
        let holds10 = breaker.phase == .open && breaker.lastTrip == "3 faults in a row"
        #expect(holds10)
        limits.longestCooldown = .milliseconds(200)
        limits.firstCooldown = .milliseconds(200)
        breaker.replace(limits, at: Self.start)
        let holds11 = breaker.status(at: Self.start).nextProbe == Self.at(.milliseconds(200))
        #expect(holds11)
    }

    @Test func `a status says what people ask`() {
        var breaker = CircuitBreaker(Self.limits())
        let empty = breaker.status(at: Self.start)
        #expect(empty.success == nil)
        send(2, .success, &breaker)
        send(2, .fault, &breaker)
        let closed = breaker.status(at: Self.start)
        #expect(closed.success == 0.5 && closed.summary == "closed, 2 faults in a row")
        send(3, .fault, &breaker)
        let open = breaker.status(at: Self.start)
        #expect(open.nextProbe == Self.at(.seconds(1)) && open.gate == .open && open.trips == 1)
        send(3, .success, &breaker, at: Self.at(.seconds(1)))
        let holds12 = breaker.status(at: Self.at(.seconds(1))).isRamping
        #expect(holds12)
        let holds13 = !breaker.status(at: Self.at(.seconds(11))).isRamping
        #expect(holds13)
    }

    /// Whatever happens, in whatever order, a breaker is one that may be.
    @Test(arguments: 0..<40) func `no storm makes a breaker that may not be`(seed: Int) {
        var chance = Chance(seed: UInt64(seed))
        var breaker = CircuitBreaker()
        var now = Self.start
        var inFlight: [CircuitBreaker.Permit] = []
        for step in 0..<2000 {
            switch chance.next() % 16 {
            case 0...6:
                let mayPass = breaker.isUsable(at: now)
                if case .allowed(let permit) = breaker.admit(at: now) {
                    #expect(mayPass)
                    inFlight.append(permit)
                } else {
                    #expect(!mayPass)
                }
            case 7...12 where !inFlight.isEmpty:
                let permit = inFlight.remove(at: Int(chance.next() % UInt64(inFlight.count)))
                let report: CircuitBreaker.Report = [.success, .fault, .fault, .noNews][Int(chance.next() % 4)]
                breaker.record(report, permit: permit, at: now, chance: &chance)
            case 13:
                breaker.spare()
            case 14:
                let modes: [CircuitBreaker.Mode?] = CircuitBreaker.Mode.allCases + [nil]
                breaker.force(modes[Int(chance.next() % 5)], for: .seconds(Int(chance.next() % 20)), at: now)
            case 15:
                var limits = CircuitBreaker.Limits()
                limits.faultsInRow = 1 + Int(chance.next() % 8)
                limits.probes = 1 + Int(chance.next() % 4)
                limits.longestCooldown = .seconds(1 + Int(chance.next() % 60))
                breaker.replace(limits, at: now)
            default:
                now = now.advanced(by: .milliseconds(Int64(chance.next() % 3000)))
            }
            let violation = breaker.violation(at: now)
            #expect(violation == nil, "step \(step)")
        }
    }
}

@Suite struct LatencyQuantileTests {
    @Test func `too few calls say nothing`() {
        var quantile = LatencyQuantile()
        for _ in 0..<19 { quantile.record(.milliseconds(1)) }
        #expect(quantile.time(under: 0.95) == nil)
        quantile.record(.milliseconds(1))
        #expect(quantile.time(under: 0.95) != nil)
    }

    @Test(arguments: [
        Duration.nanoseconds(0), .nanoseconds(1), .microseconds(1), .microseconds(37), .milliseconds(1),
        .milliseconds(5), .milliseconds(999), .seconds(9), .seconds(100), .seconds(100_000),
    ])
    func `an answer is never too low, and at most a quarter too high`(latency: Duration) {
        var quantile = LatencyQuantile()
        for _ in 0..<100 { quantile.record(latency) }
        let told = quantile.time(under: 0.95) ?? .zero
        let (lowest, highest) = (Duration.nanoseconds(1024), Duration.seconds(137))
        #expect(told > min(latency, highest) && told <= max(latency, lowest) * 1.251 || latency > highest)
    }

    @Test func `a twentieth of the calls is above the 95th part`() {
        var quantile = LatencyQuantile()
        for call in 1...100 { quantile.record(.milliseconds(call)) }
        let (p50, p95, p99) = (quantile.time(under: 0.5), quantile.time(under: 0.95), quantile.time(under: 0.99))
        #expect((50...63).contains((p50 ?? .zero) / .milliseconds(1)))
        #expect((95...119).contains((p95 ?? .zero) / .milliseconds(1)))
        #expect((99...124).contains((p99 ?? .zero) / .milliseconds(1)))
    }

    @Test func `what was long ago is forgotten`() {
        var quantile = LatencyQuantile()
        for _ in 0..<5000 { quantile.record(.seconds(1)) }
        for _ in 0..<6000 { quantile.record(.milliseconds(2)) }
        #expect((quantile.time(under: 0.95) ?? .zero) < .milliseconds(3))
    }
}
