import Resilience
import Testing
import Timebase

@Suite struct SheddingTests {
    enum Step: Sendable {
        /// Looks every 200 ms, so many times: so much of a ceiling of 100, and so long a turn where 100 ms are allowed.
        /// The level is what it is after the last look.
        case see(Int, delay: Int = 0, times: Int = 1, Shedding.Level)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let steps: [Step]
        var testDescription: String { rule }

        init(_ rule: String, _ steps: Step...) {
            self.rule = rule
            self.steps = steps
        }
    }

    @Test(arguments: [
        Case("below the first bound nothing is shed", .see(84, times: 100, .nothing)),
        Case("batch work goes first", .see(85, .sheddable)),
        Case("then what nobody waits for", .see(90, .sheddablePlus)),
        Case("then what somebody waits for", .see(95, .critical)),
        Case("at the ceiling everything", .see(100, .everything)),
        Case("up goes it at once, as far as it must", .see(10, .nothing), .see(96, .critical), .see(150, .everything)),
        Case("just below its bound a level stays", .see(90, .sheddablePlus), .see(82, times: 100, .sheddablePlus)),
        Case(
            "down it goes by one level a second", .see(100, .everything), .see(10, times: 5, .everything),
            .see(10, .critical), .see(10, times: 4, .critical), .see(10, .sheddablePlus),
            .see(10, times: 5, .sheddable), .see(10, times: 5, .nothing)),
        Case(
            "calm that is broken begins anew", .see(85, .sheddable), .see(70, times: 4, .sheddable),
            .see(80, .sheddable), .see(70, times: 5, .sheddable), .see(70, .nothing)),
        Case("one long turn is a pause", .see(0, delay: 5000, .nothing), .see(0, .nothing)),
        Case("two are as well", .see(0, delay: 5000, times: 2, .nothing), .see(0, times: 5, .nothing)),
        Case("three are a load", .see(0, delay: 100, times: 2, .nothing), .see(0, delay: 100, .sheddable)),
        Case(
            "the shortest of them counts", .see(0, delay: 900, times: 2, .nothing), .see(0, delay: 250, .sheddablePlus)),
        Case("a delay alone never sheds what is most critical", .see(0, delay: 60_000, times: 3, .critical)),
        Case("the worse of both counts", .see(86, delay: 250, times: 3, .sheddablePlus)),
    ])
    func table(_ row: Case) {
        var shedding = Shedding(Shedding.Limits(memory: 100, delay: .milliseconds(100)))
        var now = Instant(nanoseconds: 0)
        for step in row.steps {
            switch step {
            case .see(let memory, let delay, let times, let level):
                for _ in 0..<times {
                    now = now.advanced(by: .milliseconds(200))
                    _ = shedding.see(memory: memory, delay: .milliseconds(delay), at: now)
                }
                #expect(shedding.level == level)
            }
        }
    }

    @Test func `it says what the level comes from, and when it changed`() {
        var shedding = Shedding(Shedding.Limits(memory: 100))
        let now = Instant(nanoseconds: 0)
        var changes = (0..<3).map { _ in shedding.see(memory: 0, delay: .seconds(1), at: now) }
        #expect(changes == [false, false, true] && shedding.reason == .delay)
        changes = [shedding.see(memory: 99, delay: .zero, at: now), shedding.see(memory: 100, delay: .zero, at: now)]
        #expect(changes == [false, true] && shedding.reason == .memory)
    }

    /// Load that goes when it is shed and comes back when it is not: without hysteresis it would flap with every look.
    @Test func `load that comes and goes with the shedding does not make it flap`() {
        var shedding = Shedding(Shedding.Limits(memory: 100))
        var now = Instant(nanoseconds: 0)
        var changes = 0
        for _ in 0..<600 {
            now = now.advanced(by: .milliseconds(200))
            let memory = shedding.level == .nothing ? 88 : 60
            if shedding.see(memory: memory, delay: .zero, at: now) { changes += 1 }
        }
        // Two minutes: no more than one change in about a second.
        #expect((1...200).contains(changes))
    }
}
