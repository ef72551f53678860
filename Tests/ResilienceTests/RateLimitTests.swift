import Resilience
import Testing
import Timebase

@Suite struct RateLimitTests {
    enum Step: Sendable {
        /// So many calls come at once, of which so many go on.
        case calls(Int, go: Int)
        /// A call comes and is told to come back after so long.
        case refused(Duration)
        case pass(Duration)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let limit: RateLimit
        let steps: [Step]
        var testDescription: String { rule }

        init(_ rule: String, _ limit: RateLimit, _ steps: Step...) {
            self.rule = rule
            self.limit = limit
            self.steps = steps
        }
    }

    @Test(arguments: [
        Case("a burst goes on, and no more", RateLimit(calls: 100, burst: 5), .calls(9, go: 5)),
        Case(
            "unsaid, a tenth of a period's calls may come at once", RateLimit(calls: 100), .calls(50, go: 10)),
        Case("at least one may", RateLimit(calls: 3), .calls(2, go: 1)),
        Case("so may none, and it is one", RateLimit(calls: 10, burst: 0), .calls(2, go: 1)),
        Case(
            "who is refused hears when the next goes on", RateLimit(calls: 10, burst: 1), .calls(1, go: 1),
            .refused(.milliseconds(100)), .pass(.milliseconds(60)), .refused(.milliseconds(40)),
            .pass(.milliseconds(40)), .calls(2, go: 1)),
        Case(
            "a refused call takes nothing", RateLimit(calls: 10, burst: 1), .calls(1, go: 1), .calls(100, go: 0),
            .pass(.milliseconds(100)), .calls(1, go: 1)),
        Case(
            "what was not used comes back, up to a burst", RateLimit(calls: 10, burst: 3), .calls(5, go: 3),
            .pass(.milliseconds(200)), .calls(5, go: 2), .pass(.seconds(3600)), .calls(5, go: 3)),
        Case(
            "slower than one a second", RateLimit(calls: 1, per: .seconds(60), burst: 1), .calls(1, go: 1),
            .refused(.seconds(60)), .pass(.seconds(59)), .refused(.seconds(1)), .pass(.seconds(1)),
            .calls(2, go: 1)),
        Case(
            "fractions of calls", RateLimit(calls: 0.5, burst: 1), .calls(1, go: 1), .refused(.seconds(2))),
        Case(
            "a rate that no clock can tell lets all go", RateLimit(calls: 1e12, burst: 10), .calls(10, go: 10),
            .refused(.nanoseconds(1))),
        Case(
            "the slowest is a call a day", RateLimit(calls: 0.000_000_1, burst: 1), .calls(1, go: 1),
            .refused(.seconds(86_400))),
    ])
    func table(_ row: Case) {
        var now = Instant(nanoseconds: 5_000_000_000)
        var bucket = RateLimit.Bucket()
        for step in row.steps {
            switch step {
            case .pass(let duration): now = now.advanced(by: duration)
            case .refused(let pause): #expect(row.limit.ask(bucket, at: now) == .refused(retryAfter: pause))
            case .calls(let count, let go):
                var gone = 0
                for _ in 0..<count where row.limit.ask(bucket, at: now) == .go {
                    row.limit.take(from: &bucket, at: now)
                    gone += 1
                }
                #expect(gone == go)
            }
        }
    }

    /// Over any stretch of time no more go on than the rate and one burst, and of a caller that keeps to the rate, all do.
    @Test(arguments: 0..<20)
    func `never more than the rate and a burst`(seed: UInt64) {
        var chance = Chance(seed: seed)
        let burst = 1 + Int(chance.next() % 20)
        let limit = RateLimit(calls: 50, burst: burst)
        var bucket = RateLimit.Bucket()
        var now = Instant(nanoseconds: 0)
        var gone: [Instant] = []
        for _ in 0..<5000 {
            now = now.advanced(by: .microseconds(chance.next() % 30_000))
            guard limit.ask(bucket, at: now) == .go else { continue }
            limit.take(from: &bucket, at: now)
            gone.append(now)
        }
        for first in stride(from: 0, to: gone.count, by: 7) {
            for last in stride(from: first, to: gone.count, by: 11) {
                let span = gone[first].duration(to: gone[last]).inSeconds
                #expect(Double(last - first + 1) <= span * 50 + Double(burst) + 1e-6)
            }
        }
    }

    @Test func `an idle bucket is as good as a new one`() {
        let limit = RateLimit(calls: 10, burst: 1)
        let now = Instant(nanoseconds: 0)
        var bucket = RateLimit.Bucket()
        #expect(bucket.isIdle(at: now))
        limit.take(from: &bucket, at: now)
        #expect(!bucket.isIdle(at: now.advanced(by: .milliseconds(99))))
        #expect(bucket.isIdle(at: now.advanced(by: .milliseconds(100))))
    }
}
