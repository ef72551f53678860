import Exchange
import Policy
import Resilience
import Testing
import Timebase

/// How many endpoints breakers may leave alone, and what is told when one may not be.
@Suite struct EjectionTests {
    final class Told {
        var lines: [String] = []
    }

    let told = Told()

    private func fleet(_ count: Int, _ share: Double = 0.5) -> (ejections: Ejections, breakers: [BreakerLayer]) {
        var rule = BalancingRule()
        rule.mostEjected = share
        let ejections = Ejections(rule)
        let told = told
        let breakers = (0..<count).map { number in
            BreakerLayer(of: "e\(number)", within: ejections, chance: Chance(seed: UInt64(number))) { breaker in
                told.lines.append(
                    "\(breaker.endpoint) \(breaker.lastChange) \(breaker.status(at: Sample.now).summary)")
            }
        }
        return (ejections, breakers)
    }

    private func trip(_ breaker: BreakerLayer, at now: Instant = Sample.now) {
        for _ in 0..<5 {
            guard let token = breaker.admit(Sample.call(), waiting: nil, at: now).token else { return }
            _ = breaker.ended(Sample.call(), token: token, as: Outcome(.fault, status: 14), at: now)
        }
    }

    @Test(arguments: [(1, 0.5, 1), (2, 0.5, 1), (3, 0.5, 1), (4, 0.5, 2), (10, 0.5, 5), (10, 0.1, 1), (10, 1, 10)])
    func `so many of a fleet are left alone, and the rest is spared`(count: Int, share: Double, most: Int) {
        let (ejections, breakers) = fleet(count, share)
        for breaker in breakers { trip(breaker) }
        #expect(ejections.count(at: Sample.now) == most)
        #expect(breakers.allSatisfy { $0.phase == .open })
        #expect(breakers.count { $0.isSpared } == count - most)
        #expect(breakers.count { $0.isUsable(at: Sample.now) } == count - most)
        #expect(told.lines.count { $0.hasSuffix("spared") } == count - most)
    }

    @Test func `who tripped it last is said`() {
        let (_, breakers) = fleet(2)
        trip(breakers[0])
        #expect(breakers[0].lastFault == "status 14, p.S/Create, request r1")
        #expect(told.lines == ["e0 phase open, 5 faults in a row"])
    }

    @Test func `an endpoint that recovers makes room for another`() {
        let (_, breakers) = fleet(2)
        trip(breakers[0])
        trip(breakers[1])
        #expect(breakers[1].isSpared)
        let later = Sample.now.advanced(by: .seconds(2))
        for _ in 0..<3 {
            guard let token = breakers[0].admit(Sample.call(), waiting: nil, at: later).token else { break }
            _ = breakers[0].ended(Sample.call(), token: token, as: Outcome(.success), at: later)
        }
        #expect(breakers[0].phase == .closed)
        trip(breakers[1], at: later)
        #expect(breakers[1].isEjecting(at: later))
    }

    @Test func `with fewer endpoints, those that were left alone longest are spared`() {
        let (ejections, breakers) = fleet(4)
        trip(breakers[0], at: Sample.now)
        trip(breakers[1], at: Sample.now.advanced(by: .milliseconds(1)))
        let now = Sample.now.advanced(by: .milliseconds(2))
        ejections.remove(breakers[2], at: now)
        #expect(breakers.map(\.isSpared) == [true, false, false, false])
        #expect(told.lines.last == "e0 spared open, 5 faults in a row, spared")
        ejections.remove(breakers[3], at: now)
        #expect(ejections.count(at: now) == 1)
    }

    @Test func `a bound that shrinks holds at once`() {
        let (ejections, breakers) = fleet(10)
        for breaker in breakers.prefix(5) { trip(breaker) }
        #expect(ejections.count(at: Sample.now) == 5)
        var rule = BalancingRule()
        rule.mostEjected = 0.2
        ejections.replace(rule, at: Sample.now)
        #expect(ejections.count(at: Sample.now) == 2)
    }

    @Test func `what an operator forces open counts, and is not spared`() {
        let (ejections, breakers) = fleet(4)
        for breaker in breakers.prefix(3) { breaker.force(.forcedOpen, for: .seconds(60), at: Sample.now) }
        #expect(ejections.count(at: Sample.now) == 3)
        trip(breakers[3])
        #expect(breakers[3].isSpared)
        #expect(breakers[0].admit(Sample.call(), waiting: nil, at: Sample.now).refusal == "LIMIT.breaker_open[e0]")
        guard case .refuse(let failure) = breakers[0].admit(Sample.call(), waiting: nil, at: Sample.now) else { return }
        #expect(failure.detail == "it is forced open for 60000 ms more")
    }

    @Test func `forced open by policy, it says so`() {
        var limits = CircuitBreaker.Limits()
        limits.mode = .forcedOpen
        let breaker = BreakerLayer(of: "e", limits, chance: Chance(seed: 1))
        guard case .refuse(let failure) = breaker.admit(Sample.call(), waiting: nil, at: Sample.now) else {
            Issue.record("it passed")
            return
        }
        #expect(failure.detail == "it is forced open by its policy")
    }

    @Test func `a change of who decides is told once`() {
        let (_, breakers) = fleet(1)
        breakers[0].force(.shadow, for: .seconds(1), at: Sample.now)
        breakers[0].replace(CircuitBreaker.Limits(), at: Sample.now)
        #expect(told.lines == ["e0 mode closed, shadow"])
        var limits = CircuitBreaker.Limits()
        limits.mode = .forcedClosed
        breakers[0].replace(limits, at: Sample.now.advanced(by: .seconds(2)))
        #expect(told.lines.count == 2)
    }
}
