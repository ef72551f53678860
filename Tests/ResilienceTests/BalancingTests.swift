import Resilience
import Testing
import Timebase

extension EndpointLoad {
    fileprivate mutating func end(_ report: Report, after elapsed: Duration, at now: Instant) {
        ended(report, since: now.advanced(by: .zero - elapsed), at: now)
    }
}

@Suite struct EndpointLoadTests {
    static let start = Instant(nanoseconds: 0)

    static func at(_ duration: Duration) -> Instant { start.advanced(by: duration) }

    static func settled(_ latency: Duration) -> EndpointLoad {
        var load = EndpointLoad(ramp: .zero, at: start)
        for second in 1...200 {
            load.began()
            load.end(.success, after: latency, at: at(.seconds(second)))
        }
        return load
    }

    @Test func `an unknown endpoint is thought to take 30 ms`() {
        #expect(EndpointLoad(ramp: .zero, at: Self.start).load(at: Self.start) == 0.03)
    }

    @Test func `each call in flight counts as much again`() {
        var load = EndpointLoad(ramp: .zero, at: Self.start)
        load.began()
        load.began()
        #expect(abs(load.load(at: Self.start) - 0.09) < 1e-12)
        load.ended(.noNews, since: Self.start, at: Self.start)
        #expect(abs(load.load(at: Self.start) - 0.06) < 1e-12)
    }

    @Test func `an endpoint that was slow and is not asked comes back into the choice`() {
        let slow = Self.settled(.milliseconds(500))
        let fast = Self.settled(.milliseconds(10))
        let now = Self.at(.seconds(200))
        #expect(slow.load(at: now) > fast.load(at: now) * 40)
        #expect(slow.load(at: Self.at(.seconds(400))) < fast.load(at: now))
    }

    @Test func `slowness is believed at once, speed gradually`() {
        var load = Self.settled(.milliseconds(10))
        #expect(abs(load.load(at: Self.at(.seconds(200))) - 0.01) < 0.001)
        load.began()
        load.end(.success, after: .milliseconds(500), at: Self.at(.seconds(201)))
        #expect(load.load(at: Self.at(.seconds(201))) == 0.5)
        load.began()
        load.end(.success, after: .milliseconds(10), at: Self.at(.seconds(202)))
        #expect((0.4..<0.5).contains(load.load(at: Self.at(.seconds(202)))))
        load.began()
        load.end(.success, after: .milliseconds(10), at: Self.at(.seconds(262)))
        #expect(load.load(at: Self.at(.seconds(262))) < 0.05)
    }

    @Test func `failing fast does not look fast`() {
        let good = Self.settled(.milliseconds(10))
        var bad = Self.settled(.milliseconds(10))
        let now = Self.at(.seconds(201))
        for _ in 0..<4 {
            bad.began()
            bad.end(.fault, after: .microseconds(100), at: now)
        }
        #expect(bad.load(at: now) > 10 * good.load(at: now))
        #expect(bad.load(at: now) < 20 * good.load(at: now))
    }

    @Test func `the penalty has a bound, and is forgotten`() {
        var load = Self.settled(.milliseconds(10))
        let now = Self.at(.seconds(201))
        for _ in 0..<100 {
            load.began()
            load.ended(.fault, since: now, at: now)
        }
        #expect(load.load(at: now) < 0.01 * 300)
        #expect(load.load(at: now.advanced(by: .seconds(10))) < 0.5 * load.load(at: now))
        #expect(load.load(at: now.advanced(by: .seconds(1000))) < 0.02)
    }

    @Test func `an old fault weighs less in the next one`() {
        var load = Self.settled(.milliseconds(10))
        let now = Self.at(.seconds(201))
        let later = now.advanced(by: .seconds(10))
        for time in [now, later] {
            load.began()
            load.end(.fault, after: .zero, at: time)
        }
        // 1 + (2 - 1) / 2.5, doubled.
        #expect((0.025..<0.031).contains(load.load(at: later)))
    }

    @Test func `a success after faults halves the penalty`() {
        var load = Self.settled(.milliseconds(10))
        let now = Self.at(.seconds(201))
        for _ in 0..<4 {
            load.began()
            load.ended(.fault, since: now, at: now)
        }
        let before = load.load(at: now)
        load.began()
        load.end(.success, after: .milliseconds(10), at: now)
        #expect(abs(load.load(at: now) - before / 2) < 0.01)
    }

    @Test func `weight divides the load`() {
        var load = EndpointLoad(weight: 3, ramp: .zero, at: Self.start)
        load.began()
        #expect(abs(load.load(at: Self.start) - 0.02) < 1e-12)
    }

    @Test(arguments: [(0, 0.1), (1, 0.1), (2, 0.2), (5, 0.5), (10, 1.0), (60, 1.0)])
    func `a new endpoint gets a tenth of its share first, and all after ten seconds`(second: Int, share: Double) {
        let load = EndpointLoad(ramp: .seconds(10), at: Self.start)
        #expect(abs(load.share(at: Self.at(.seconds(second))) - share) < 1e-9)
        var recovered = EndpointLoad(ramp: .zero, at: Self.start)
        #expect(recovered.share(at: Self.start) == 1)
        recovered.restart(over: .seconds(10), at: Self.at(.seconds(100)))
        #expect(abs(recovered.share(at: Self.at(.seconds(100 + second))) - share) < 1e-9)
        recovered.restart(over: .seconds(20), at: Self.at(.seconds(200)))
        #expect(recovered.share(at: Self.at(.seconds(210))) == 0.5)
    }

    @Test func `its share is no part of its load`() {
        #expect(EndpointLoad(ramp: .seconds(10), at: Self.start).load(at: Self.start) == 0.03)
    }

    @Test func `what a newcomer is thought to take is forgotten like what was measured`() {
        let load = EndpointLoad(latency: 0.002, ramp: .zero, at: Self.start)
        #expect(load.load(at: Self.start) == 0.002)
        #expect(load.load(at: Self.at(.seconds(60))) < 0.0002)
    }
}

@Suite struct TwoChoicesTests {
    @Test func `of two, the less loaded is always taken`() {
        var chance = Chance(seed: 1)
        for _ in 0..<100 {
            #expect(TwoChoices.pick(count: 2, &chance) { $0 == 0 ? 5 : 1 } == 1)
        }
    }

    @Test func `the most loaded of many is never taken, the others all are`() {
        var chance = Chance(seed: 2)
        var picked = [0, 0, 0, 0, 0]
        for _ in 0..<10_000 {
            picked[TwoChoices.pick(count: 5, &chance) { Double($0) }] += 1
        }
        #expect(picked[4] == 0)
        // Of ten pairs four hold the first as the lesser, three the second, ...
        for (place, share) in [4000, 3000, 2000, 1000].enumerated() {
            #expect(abs(picked[place] - share) < 250)
        }
    }

    @Test func `equals share evenly`() {
        var chance = Chance(seed: 3)
        var picked = [0, 0, 0]
        for _ in 0..<9000 { picked[TwoChoices.pick(count: 3, &chance) { _ in 1 }] += 1 }
        for count in picked { #expect(abs(count - 3000) < 250) }
    }

    @Test func `one is the only choice`() {
        var chance = Chance(seed: 4)
        #expect(TwoChoices.pick(count: 1, &chance) { _ in 1 } == 0)
    }

    @Test func `one with a tenth of its share gets a tenth of a fair part`() {
        var chance = Chance(seed: 5)
        var picked = [0, 0, 0, 0]
        for _ in 0..<100_000 {
            picked[TwoChoices.pick(count: 4, &chance, share: { $0 == 0 ? 0.1 : 1 }) { _ in 1 }] += 1
        }
        // As likely as not it is the first of the two and wins with equal loads: 0.1 of 3.1, once as either.
        #expect((2000...3600).contains(picked[0]), "\(picked)")
        for count in picked.dropFirst() { #expect(abs(count - 32_400) < 1000, "\(picked)") }
    }

    @Test func `however little its share, one of them is taken, after few draws`() {
        var chance = Chance(seed: 6)
        var picked = [0, 0]
        for _ in 0..<1000 { picked[TwoChoices.pick(count: 2, &chance, share: { _ in 0 }) { _ in 1 }] += 1 }
        #expect(picked[0] > 400 && picked[1] > 400)
    }

    @Test(arguments: [
        (0, 1, EndpointChoice.none), (0, 5, .none), (1, 1, .usable), (1, 2, .usable), (1, 3, .panic), (2, 5, .panic),
        (3, 6, .usable), (3, 5, .usable), (5, 5, .usable),
    ])
    func `under half usable means panic, none means refusal`(usable: Int, all: Int, expected: EndpointChoice) {
        #expect(EndpointChoice(usable: usable, of: all) == expected)
    }

    @Test func `where panic begins can be said`() {
        #expect(EndpointChoice(usable: 1, of: 5, panicShare: 0.2) == .usable)
        #expect(EndpointChoice(usable: 1, of: 6, panicShare: 0.2) == .panic)
        #expect(EndpointChoice(usable: 1, of: 100, panicShare: 0) == .usable)
        #expect(EndpointChoice(usable: 99, of: 100, panicShare: 1) == .panic)
    }

    @Test(arguments: [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (10, 5)])
    func `half of the endpoints may be left alone, and one always`(all: Int, most: Int) {
        #expect(BalancingRule().mostEjected(of: all) == most)
    }
}
