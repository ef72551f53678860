import Resilience
import Testing
import Timebase

@Suite struct RetryThrottleTests {
    enum Step: Sendable { case fail, succeed, allowed, refused }

    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let tokens: Int
        let ratio: Double
        let steps: [Step]
        var testDescription: String { rule }

        init(_ rule: String, _ tokens: Int, _ ratio: Double, _ steps: Step...) {
            self.rule = rule
            self.tokens = tokens
            self.ratio = ratio
            self.steps = steps
        }
    }

    @Test(arguments: [
        Case("it begins full", 1, 0.1, .allowed),
        Case("half is too little", 4, 0.1, .fail, .allowed, .fail, .refused),
        Case("an odd maximum has its half between tokens", 3, 0.1, .fail, .allowed, .fail, .refused),
        Case("successes bring it back", 4, 0.5, .fail, .fail, .refused, .succeed, .allowed),
        Case(
            "by their ratio", 4, 0.25, .fail, .fail, .fail, .refused, .succeed, .succeed, .succeed, .succeed, .refused,
            .succeed, .allowed),
        Case("three decimals count", 2, 0.001, .fail, .refused, .succeed, .allowed),
        Case("no more than the maximum", 2, 1, .succeed, .succeed, .succeed, .fail, .refused),
        Case("no less than nothing", 1, 1, .fail, .fail, .fail, .fail, .succeed, .allowed),
        Case("a ratio below a thousandth is one", 2, 0.0001, .fail, .refused, .succeed, .allowed),
        Case("no maximum is one", 0, 1, .allowed, .fail, .refused),
    ])
    func `tokens allow repetitions`(row: Case) {
        var throttle = RetryThrottle(maxTokens: row.tokens, tokenRatio: row.ratio)
        for step in row.steps {
            switch step {
            case .fail: throttle.failed()
            case .succeed: throttle.succeeded()
            case .allowed: #expect(throttle.allows)
            case .refused: #expect(!throttle.allows)
            }
        }
    }

    @Test(arguments: [
        (1, 100), (2, 200), (3, 400), (4, 800), (5, 1000), (6, 1000), (60, 1000), (1_000_000, 1000), (0, 100),
    ])
    func `waits grow to a limit, give or take a fifth`(number: Int, bound: Int) {
        let backoff = ExponentialBackoff(first: .milliseconds(100), longest: .seconds(1), factor: 2)
        var chance = Chance(seed: 7)
        let delays = (0..<500).map { _ in backoff.delay(number, &chance) }
        #expect(delays.allSatisfy { $0 >= .milliseconds(bound) * 0.8 && $0 <= .milliseconds(bound) * 1.2 })
        #expect((delays.min() ?? .zero) < .milliseconds(bound) * 0.82)
        #expect((delays.max() ?? .zero) > .milliseconds(bound) * 1.18)
    }

    @Test func `a factor of one, and a first wait beyond the longest, stay in bounds`() {
        var chance = Chance(seed: 7)
        let flat = ExponentialBackoff(first: .milliseconds(10), longest: .seconds(1), factor: 1).delay(99, &chance)
        #expect(flat <= .milliseconds(12))
        let long = ExponentialBackoff(first: .seconds(9), longest: .seconds(1), factor: 2).delay(1, &chance)
        #expect(long <= .milliseconds(1200))
    }
}
