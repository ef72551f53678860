import Resilience
import Testing
import Timebase

@Suite struct WeightedChoiceTests {
    @Test(arguments: [[90, 10], [1, 1, 1], [5, 0, 95], [1_000_000, 1]] as [[UInt32]])
    func `each is chosen as often as its weight is part of the sum`(_ weights: [UInt32]) {
        var chance = Chance(seed: 7)
        var picks = Array(repeating: 0, count: weights.count)
        for _ in 0..<10_000 {
            guard let index = WeightedChoice.pick(count: weights.count, &chance, weight: { weights[$0] }) else {
                Issue.record("somebody has a weight")
                return
            }
            picks[index] += 1
        }
        let total = weights.reduce(0) { $0 + Double($1) }
        for (weight, count) in zip(weights, picks) {
            let expected = 10_000 * Double(weight) / total
            // Four times the deviation that chance has (binomial).
            let slack = 4 * (expected * (1 - Double(weight) / total)).squareRoot()
            #expect(abs(Double(count) - expected) <= slack)
        }
    }

    @Test func `without any weight nothing is chosen`() {
        var chance = Chance(seed: 1)
        #expect(WeightedChoice.pick(count: 2, &chance) { _ in 0 } == nil)
        #expect(WeightedChoice.pick(count: 0, &chance) { _ in 1 } == nil)
    }
}

@Suite struct InjectionGateTests {
    static let start = Instant(nanoseconds: 1_000_000_000)
    static let wall = WallTime(seconds: 1000)
    static let later = WallTime(seconds: 2000)

    private static func strikes(_ gate: inout InjectionGate, calls: Int, over time: Duration, at wall: WallTime = wall)
        -> Int
    {
        var chance = Chance(seed: 3)
        return (0..<calls).count { index in
            gate.strikes(at: start.advanced(by: time * index / calls), wall, &chance)
        }
    }

    @Test func `a share of the calls meets it`() {
        var gate = InjectionGate(share: 0.3, perSecond: 1_000_000, until: Self.later)
        #expect((2_800...3_200).contains(Self.strikes(&gate, calls: 10_000, over: .seconds(10))))
    }

    @Test func `no more than so many a second meet it`() {
        var gate = InjectionGate(share: 1, perSecond: 10, until: Self.later)
        // The first second's at once, and then what comes in ten seconds.
        #expect((108...110).contains(Self.strikes(&gate, calls: 10_000, over: .seconds(10))))
    }

    @Test func `less than one a second is one now and then`() {
        var gate = InjectionGate(share: 1, perSecond: 0.5, until: Self.later)
        #expect((5...6).contains(Self.strikes(&gate, calls: 1_000, over: .seconds(10))))
    }

    @Test func `it ends by itself`() {
        var gate = InjectionGate(share: 1, perSecond: 1000, until: Self.later)
        #expect(
            Self.strikes(&gate, calls: 1, over: .seconds(1), at: WallTime(seconds: 1999, nanoseconds: 999_999_999)) == 1
        )
        #expect(Self.strikes(&gate, calls: 1, over: .seconds(1), at: Self.later) == 0)
        #expect(gate.isOver(Self.later))
    }
}
