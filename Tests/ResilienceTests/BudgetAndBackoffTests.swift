import Resilience
import Testing
import Timebase

@Suite struct RetryBudgetTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let calls: Int
        let after: Duration
        let retries: Int
        var testDescription: String { rule }

        init(_ rule: String, calls: Int, after: Duration = .zero, retries: Int) {
            self.rule = rule
            self.calls = calls
            self.after = after
            self.retries = retries
        }
    }

    @Test(arguments: [
        Case("a quiet caller has three a second over ten seconds", calls: 0, retries: 30),
        Case("a busy one has a fifth of its calls on top", calls: 1000, retries: 230),
        Case("parts of a retry do not count", calls: 4, retries: 30),
        Case("five calls make one", calls: 5, retries: 31),
        Case("calls count for nine seconds", calls: 1000, after: .seconds(9), retries: 230),
        Case("and not for ten", calls: 1000, after: .seconds(10), retries: 30),
    ])
    func table(_ row: Case) {
        var budget = RetryBudget()
        var now = Instant(nanoseconds: 7_000_000_000)
        for _ in 0..<row.calls { budget.began(at: now) }
        now = now.advanced(by: row.after)
        #expect(budget.left(at: now) == row.retries)
        var taken = 0
        while budget.take(at: now) { taken += 1 }
        #expect(taken == row.retries)
        #expect(budget.left(at: now) == 0)
    }

    @Test func `what was taken comes back after ten seconds`() {
        var budget = RetryBudget()
        let now = Instant(nanoseconds: 0)
        while budget.take(at: now) {}
        let isBackEarly = budget.take(at: now.advanced(by: .milliseconds(9999)))
        let isBack = budget.take(at: now.advanced(by: .seconds(10)))
        #expect(!isBackEarly && isBack)
    }

    @Test func `with everything failing, load grows by a fifth`() {
        var budget = RetryBudget()
        var retries = 0
        let calls = 100_000
        for call in 0..<calls {
            let now = Instant(nanoseconds: Int64(call) * 100_000)  // 10,000 calls a second for ten seconds
            budget.began(at: now)
            if budget.take(at: now) { retries += 1 }
            if budget.take(at: now) { retries += 1 }
        }
        #expect(retries <= calls / 5 + 30)
        #expect(retries >= calls / 5)
    }
}

@Suite struct BackoffTests {
    @Test(arguments: [(1, 25), (2, 50), (3, 100), (4, 200), (5, 250), (6, 250), (60, 250), (0, 25)])
    func `the bound doubles from 25 to 250 ms`(retry: Int, milliseconds: Int) {
        #expect(Backoff().bound(retry: retry) == .milliseconds(milliseconds))
    }

    @Test func `a delay lies anywhere under its bound`() {
        var chance = Chance(seed: 3)
        let delays = (0..<1000).map { _ in Backoff().delay(retry: 2, &chance) }
        #expect(delays.allSatisfy { $0 >= .zero && $0 < .milliseconds(50) })
        #expect(delays.count { $0 < .milliseconds(10) } > 120)
        #expect(delays.count { $0 > .milliseconds(40) } > 120)
    }

    @Test func `the same seed gives the same delays`() {
        var one = Chance(seed: 9)
        var other = Chance(seed: 9)
        for retry in 1...20 {
            #expect(Backoff().delay(retry: retry, &one) == Backoff().delay(retry: retry, &other))
        }
    }
}

@Suite struct CallWindowTests {
    @Test func `seconds fall out one by one`() {
        var window = CallWindow()
        for second in 0..<10 {
            window.record(counts: second % 2 == 0, at: Instant(nanoseconds: Int64(second) * 1_000_000_000))
        }
        let last = Instant(nanoseconds: 9_500_000_000)
        #expect(window.calls(at: last) == 10)
        #expect(window.countedCalls(at: last) == 5)
        #expect(window.calls(at: last.advanced(by: .seconds(1))) == 9)
        #expect(window.countedCalls(at: last.advanced(by: .seconds(1))) == 4)
        #expect(window.calls(at: last.advanced(by: .seconds(4))) == 6)
        #expect(window.calls(at: last.advanced(by: .seconds(100))) == 0)
    }

    @Test func `a clock may start below zero`() {
        var window = CallWindow()
        for second in -12 ..< -2 {
            window.record(counts: true, at: Instant(nanoseconds: Int64(second) * 1_000_000_000))
        }
        #expect(window.calls(at: Instant(nanoseconds: -3_000_000_000)) == 10)
        #expect(window.calls(at: Instant(nanoseconds: 0)) == 7)
    }

    @Test func `time that goes back a little is the newest second`() {
        var window = CallWindow()
        window.record(counts: true, at: Instant(nanoseconds: 5_000_000_000))
        window.record(counts: true, at: Instant(nanoseconds: 4_999_000_000))
        #expect(window.calls(at: Instant(nanoseconds: 5_000_000_000)) == 2)
    }
}
