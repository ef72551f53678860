import Resilience
import Testing
import Timebase

@Suite struct BulkheadTests {
    enum Step: Sendable {
        case enter(Bulkhead.Answer)
        /// A newcomer that has so long.
        case enterWith(Duration, Bulkhead.Answer)
        /// The first that waits asks again, having been told to wait for so long at time zero.
        case reenter(told: Duration, Bulkhead.Answer)
        case leave(after: Duration)
        case abandon
        case pass(Duration)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let places: Int
        let queue: Int
        let steps: [Step]
        var testDescription: String { rule }

        init(_ rule: String, places: Int = 1, queue: Int = 1, _ steps: Step...) {
            self.rule = rule
            self.places = places
            self.queue = queue
            self.steps = steps
        }
    }

    static func wait(_ duration: Duration) -> Bulkhead.Answer {
        .wait(until: Instant(nanoseconds: 0).advanced(by: duration))
    }

    @Test(arguments: [
        Case(
            "a place is given while there is one", places: 2, .enter(.entered), .enter(.entered),
            .enter(wait(.seconds(1)))),
        Case("without a queue the next is refused", queue: 0, .enter(.entered), .enter(.refused(.full))),
        Case("a full queue refuses", .enter(.entered), .enter(wait(.seconds(1))), .enter(.refused(.queueFull))),
        Case("a place that is freed can be taken again", .enter(.entered), .leave(after: .zero), .enter(.entered)),
        Case(
            "who waits gets the place, not who comes", queue: 2, .enter(.entered), .enter(wait(.seconds(1))),
            .leave(after: .zero),
            .enter(wait(.seconds(1))), .reenter(told: .seconds(1), .entered)),
        Case(
            "who gives up makes room in the queue", .enter(.entered), .enter(wait(.seconds(1))), .abandon,
            .enter(wait(.seconds(1)))),
        Case(
            "asked too early, it waits on, until the same time", .enter(.entered), .enter(wait(.seconds(1))),
            .pass(.milliseconds(999)), .reenter(told: .seconds(1), wait(.seconds(1)))),
        Case(
            "asked at the end of its patience, it is refused", .enter(.entered), .enter(wait(.seconds(1))),
            .pass(.seconds(1)),
            .reenter(told: .seconds(1), .refused(.noTime)), .enter(.wait(until: Instant(nanoseconds: 2_000_000_000)))),
        Case(
            "a place at the last moment is a place", .enter(.entered), .enter(wait(.seconds(1))), .leave(after: .zero),
            .pass(.seconds(1)), .reenter(told: .seconds(1), .entered)),
        Case("a call waits a tenth of its time", .enter(.entered), .enterWith(.seconds(2), wait(.milliseconds(200)))),
        Case(
            "who would wait longer than that is refused at once", .enter(.entered), .leave(after: .seconds(1)),
            .enter(.entered),
            .enterWith(.seconds(9), .refused(.noTime)), .enterWith(.seconds(10), wait(.seconds(1)))),
        Case(
            "more places make shorter waits", places: 2, queue: 9, .enter(.entered), .leave(after: .seconds(1)),
            .enter(.entered),
            .enter(.entered), .enterWith(.milliseconds(4999), .refused(.noTime)),
            .enterWith(.seconds(5), wait(.milliseconds(500)))),
        Case(
            "those before count", queue: 9, .enter(.entered), .leave(after: .milliseconds(100)), .enter(.entered),
            .enterWith(.seconds(1), wait(.milliseconds(100))), .enterWith(.seconds(1), .refused(.noTime)),
            .enterWith(.seconds(2), wait(.milliseconds(200)))),
    ])
    func table(_ row: Case) {
        var bulkhead = Bulkhead(Bulkhead.Limits(inFlight: row.places, queue: row.queue))
        var now = Instant(nanoseconds: 0)
        for step in row.steps {
            switch step {
            case .enter(let expected): #expect(bulkhead.enter(before: nil, at: now) == expected)
            case .enterWith(let time, let expected):
                #expect(bulkhead.enter(before: now.advanced(by: time), at: now) == expected)
            case .reenter(let told, let expected):
                let until = Instant(nanoseconds: 0).advanced(by: told)
                #expect(bulkhead.reenter(until: until, at: now) == expected)
            case .leave(let elapsed): bulkhead.leave(since: now.advanced(by: .zero - elapsed), at: now)
            case .abandon: bulkhead.abandon()
            case .pass(let duration): now = now.advanced(by: duration)
            }
        }
    }

    @Test func `nobody is lost whatever the order`() {
        var chance = Chance(seed: 5)
        var bulkhead = Bulkhead(Bulkhead.Limits(inFlight: 3, queue: 4))
        let now = Instant(nanoseconds: 0)
        var inFlight = 0
        var waiting: [Instant] = []
        for _ in 0..<10_000 {
            switch chance.next() % 4 {
            case 0, 1:
                switch bulkhead.enter(before: nil, at: now) {
                case .entered: inFlight += 1
                case .wait(let until): waiting.append(until)
                case .refused: break
                }
            case 2 where inFlight > 0:
                bulkhead.leave(since: now, at: now)
                inFlight -= 1
            case 3 where !waiting.isEmpty:
                if case .entered = bulkhead.reenter(until: waiting[0], at: now) {
                    waiting.removeFirst()
                    inFlight += 1
                } else if chance.next() % 2 == 0 {
                    bulkhead.abandon()
                    waiting.removeFirst()
                }
            default: break
            }
            #expect(bulkhead.inFlight == inFlight && bulkhead.waiting == waiting.count)
            #expect(inFlight <= 3 && waiting.count <= 4)
        }
    }

    @Test func `limits below use are mended`() {
        let limits = Bulkhead.Limits(inFlight: 0, queue: -1)
        #expect(limits.inFlight == 1)
        #expect(limits.queue == 0)
    }
}

@Suite struct DeadlineRuleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let asked: Duration?
        let contract: Duration?
        let fallback: Duration?
        let expected: DeadlineRule.Answer
        var testDescription: String { rule }
    }

    static func by(_ duration: Duration) -> DeadlineRule.Answer { .by(Instant(nanoseconds: 0).advanced(by: duration)) }

    @Test(arguments: [
        Case(rule: "nobody asked", asked: nil, contract: nil, fallback: nil, expected: .by(.distantFuture)),
        Case(
            rule: "the fallback is for who says nothing", asked: nil, contract: nil, fallback: .seconds(15),
            expected: by(.seconds(15))),
        Case(
            rule: "the caller's own time counts, not the fallback", asked: .seconds(20), contract: nil,
            fallback: .seconds(15),
            expected: by(.seconds(20))),
        Case(
            rule: "the contract bounds the caller", asked: .seconds(20), contract: .seconds(2), fallback: nil,
            expected: by(.seconds(2))),
        Case(
            rule: "the caller may ask for less", asked: .seconds(1), contract: .seconds(2), fallback: nil,
            expected: by(.seconds(1))),
        Case(
            rule: "the contract goes before the fallback", asked: nil, contract: .seconds(20), fallback: .seconds(15),
            expected: by(.seconds(20))),
        Case(
            rule: "five milliseconds are enough", asked: .milliseconds(5), contract: nil, fallback: nil,
            expected: by(.milliseconds(5))),
        Case(
            rule: "less is not", asked: .microseconds(4999), contract: nil, fallback: nil,
            expected: .refused(remaining: .microseconds(4999))),
        Case(
            rule: "a deadline that passed is refused", asked: .milliseconds(-1), contract: nil, fallback: nil,
            expected: .refused(remaining: .milliseconds(-1))),
    ])
    func table(_ row: Case) {
        let now = Instant(nanoseconds: 0)
        let rule = DeadlineRule(fallback: row.fallback)
        #expect(rule.admit(asked: row.asked.map(now.advanced), contract: row.contract, at: now) == row.expected)
    }

    @Test(arguments: [(10, 14, false), (10, 15, true), (0, 5, true), (0, 4, false)])
    func `what starts later needs time to succeed`(delay: Int, left: Int, expected: Bool) {
        let now = Instant(nanoseconds: 0)
        let deadline = now.advanced(by: .milliseconds(left))
        #expect(DeadlineRule.allows(.milliseconds(delay), before: deadline, at: now) == expected)
        #expect(DeadlineRule.allows(.milliseconds(delay), before: nil, at: now))
        #expect(DeadlineRule.allows(.milliseconds(delay), before: .distantFuture, at: now))
    }
}

@Suite struct BulkheadRuleTests {
    /// Whatever comes, in whatever order: never more in flight than places, nobody is lost, and who waits gets in.
    @Test(arguments: 0..<200)
    func `under any interleaving no more are in flight than there are places`(seed: UInt64) {
        var chance = Chance(seed: seed)
        var limits = Bulkhead.Limits(inFlight: 1 + Int(chance.next() % 5), queue: Int(chance.next() % 4))
        var bulkhead = Bulkhead(limits)
        var now = Instant(nanoseconds: 0)
        var running: [Instant] = []
        var waiting: [Instant] = []
        /// With fewer places than calls in flight nobody enters; calls that were there before may stay.
        var most = limits.inFlight
        for _ in 0..<2000 {
            now = now.advanced(by: .microseconds(chance.next() % 1000))
            let before = running.count
            switch chance.next() % 8 {
            case 0...2:
                let deadline = chance.next() % 3 == 0 ? nil : now.advanced(by: .milliseconds(chance.next() % 100))
                switch bulkhead.enter(before: deadline, at: now) {
                case .entered: running.append(now)
                case .wait(let until): waiting.append(until)
                case .refused: break
                }
            case 3...4:
                guard !running.isEmpty else { continue }
                let index = Int(chance.next() % UInt64(running.count))
                let endings: [Bulkhead.Ending] = [.success, .late, .noNews]
                bulkhead.leave(
                    since: running.remove(at: index), as: endings[Int(chance.next() % 3)], at: now)
            case 5...6:
                guard let until = waiting.first else { continue }
                waiting.removeFirst()
                switch bulkhead.reenter(until: until, at: now) {
                case .entered: running.append(now)
                case .wait(let until): waiting.insert(until, at: 0)
                case .refused: #expect(now >= until)
                }
            default:
                if !waiting.isEmpty, chance.next() % 2 == 0 {
                    waiting.removeLast()
                    bulkhead.abandon()
                } else if chance.next() % 10 == 0 {
                    limits.inFlight = 1 + Int(chance.next() % 5)
                    bulkhead.replace(limits)
                }
            }
            most = max(limits.inFlight, min(most, running.count))
            #expect(bulkhead.inFlight == running.count && bulkhead.waiting == waiting.count)
            #expect(running.count <= most)
            if running.count > before { #expect(running.count <= limits.inFlight) }
            #expect(waiting.count <= limits.queue)
        }
    }

    /// Calls that took so many milliseconds each, a hundred of them.
    private func bulkhead(taking milliseconds: (Int) -> Int) -> Bulkhead {
        var bulkhead = Bulkhead()
        let start = Instant(nanoseconds: 0)
        for number in 0..<500 {
            _ = bulkhead.enter(before: nil, at: start)
            bulkhead.leave(since: start, at: start.advanced(by: .milliseconds(milliseconds(number))))
        }
        return bulkhead
    }

    private func mayFinish(_ bulkhead: inout Bulkhead, in milliseconds: Int) -> Bool {
        let now = Instant(nanoseconds: 0)
        return bulkhead.mayFinish(before: now.advanced(by: .milliseconds(milliseconds)), at: now)
    }

    @Test func `a call that has less time than even quick ones take is refused`() {
        var steady = bulkhead { _ in 40 }
        #expect(mayFinish(&steady, in: 60))
        #expect(!mayFinish(&steady, in: 30))
        let always = steady.mayFinish(before: nil, at: Instant(nanoseconds: 0))
        #expect(always)
        // A third of the answers come from a cache.
        var mixed = bulkhead { $0 % 3 == 0 ? 2 : 100 }
        #expect(mayFinish(&mixed, in: 20))
        // Streams and long polls answer when their caller's time is over.
        var long = bulkhead { _ in 3000 }
        #expect(mayFinish(&long, in: 20))
        var new = Bulkhead()
        #expect(mayFinish(&new, in: 1))
    }

    @Test func `of hopeless calls some go on, to find out whether they still are`() {
        var bulkhead = bulkhead { _ in 40 }
        let start = Instant(nanoseconds: 0)
        let deadline = start.advanced(by: .milliseconds(10))
        var tried = 0
        for _ in 0..<10_000 where bulkhead.mayFinish(before: deadline, at: start) {
            tried += 1
            _ = bulkhead.enter(before: deadline, at: start)
            bulkhead.leave(since: start, as: .late, at: deadline)
        }
        #expect((300...1200).contains(tried))
        // The service recovers, and soon nobody is refused.
        var refused = 0
        for _ in 0..<1000 {
            guard bulkhead.mayFinish(before: deadline, at: start) else {
                refused += 1
                continue
            }
            _ = bulkhead.enter(before: deadline, at: start)
            bulkhead.leave(since: start, at: start.advanced(by: .milliseconds(1)))
        }
        #expect(refused < 100)
    }
}
