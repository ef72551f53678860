import Bytes
import Exchange
import Policy
import Resilience
import Testing
import Timebase

@Suite struct RateLimitLayerTests {
    typealias Rule = RateLimitLayer.Rule

    static let other = MethodEntry(service: "course", fullName: "p.S/Other")
    static let one = RateLimit(calls: 10, burst: 1)

    /// A call, and what becomes of it: the rule that refuses it, or nil.
    private func ask(
        _ layer: RateLimitLayer, _ caller: String = "a", _ method: MethodEntry = Sample.plain,
        _ head: Fields = [:], after: Duration = .zero
    ) -> String? {
        let call = CallHead(
            method: method, caller: "spiffe://d/ns/n/sa/\(caller)", startedAt: Sample.now, request: head)
        return layer.admit(call, waiting: nil, at: Sample.now.advanced(by: after)).refusal
    }

    @Test func `each caller and method has a bucket of its own`() {
        let layer = RateLimitLayer([Rule("r", Self.one)])
        #expect(ask(layer) == nil)
        #expect(ask(layer) == "LIMIT.quota[r]")
        #expect(ask(layer, "b") == nil)
        #expect(ask(layer, "a", Self.other) == nil)
        #expect(ask(layer, "b") == "LIMIT.quota[r]" && ask(layer, "a", Self.other) == "LIMIT.quota[r]")
        #expect(ask(layer, after: .milliseconds(100)) == nil)
        #expect(layer.ownBuckets == 3)
    }

    @Test func `methods share what a caller may do, and callers what a service can`() {
        let callers = RateLimitLayer([Rule("r", Self.one, per: .caller)])
        #expect(ask(callers) == nil && ask(callers, "a", Self.other) != nil && ask(callers, "b") == nil)
        let service = RateLimitLayer([Rule("r", Self.one, per: .service)])
        #expect(ask(service) == nil && ask(service, "b", Self.other) != nil)
    }

    @Test func `the refusal says who may do what, and when to come back`() {
        let layer = RateLimitLayer([Rule("r", RateLimit(calls: 2, per: .seconds(4), burst: 1))])
        _ = ask(layer, "web")
        let call = Sample.call(caller: "spiffe://d/ns/n/sa/web")
        guard case .refuse(let failure) = layer.admit(call, waiting: nil, at: Sample.now) else {
            Issue.record("it went on")
            return
        }
        #expect(failure.retryAfter == .seconds(2) && failure.reach == .neverSent)
        #expect(failure.detail == "spiffe://d/ns/n/sa/web may make 2.0 calls in 4.0 seconds, 1 at once")
    }

    @Test func `a rule is for whom it says`() {
        let match = CallMatch(
            callers: [CallerPattern("a")], methods: [MethodPattern("p.S/Create")], headers: [HeaderPattern("x-batch")])
        let layer = RateLimitLayer([Rule("r", Self.one, for: match)])
        let batch: Fields = ["x-batch": "1"]
        #expect(ask(layer, "a", Sample.plain, batch) == nil)
        #expect(ask(layer, "a", Sample.plain, batch) == "LIMIT.quota[r]")
        #expect(ask(layer) == nil && ask(layer) == nil)
        #expect(ask(layer, "a", Self.other, batch) == nil && ask(layer, "b", Sample.plain, batch) == nil)
        #expect(ask(layer, "a", Self.other, batch) == nil && ask(layer, "b", Sample.plain, batch) == nil)
    }

    @Test func `what one rule refuses takes nothing from another`() {
        let layer = RateLimitLayer([
            Rule("wide", RateLimit(calls: 1, burst: 3), per: .service), Rule("narrow", Self.one),
        ])
        #expect(ask(layer) == nil)
        for _ in 0..<5 { #expect(ask(layer) == "LIMIT.quota[narrow]") }
        #expect(ask(layer, "b") == nil && ask(layer, "c") == nil)
        #expect(ask(layer, "d") == "LIMIT.quota[wide]")
        // The rule that takes longer to agree is the one to wait for.
        #expect(ask(layer) == "LIMIT.quota[wide]")
    }

    @Test func `a rule in shadow tells and refuses nobody`() {
        final class Told { var rules: [String] = [] }
        let told = Told()
        let layer = RateLimitLayer([Rule("r", Self.one, isShadow: true)]) { _, rule, _ in
            told.rules.append(rule.name)
        }
        for _ in 0..<3 { #expect(ask(layer) == nil) }
        #expect(told.rules == ["r", "r"])
    }

    @Test func `entries for many methods are told apart by their paths`() {
        let other = MethodEntry(service: "course", fullName: "other")
        let match = CallMatch(methods: [MethodPattern("p.S/Get")])
        let layer = RateLimitLayer([Rule("r", Self.one, for: match)])
        #expect(ask(layer, "a", other, [":path": "/p.S/List"]) == nil)
        #expect(ask(layer, "a", other, [":path": "/p.S/Get"]) == nil)
        #expect(ask(layer, "a", other, [":path": "/p.S/List"]) == nil)
        #expect(ask(layer, "a", other, [":path": "/p.S/Get"]) != nil)
    }

    @Test func `a million callers take a bounded number of buckets, and none gets another's`() {
        let layer = RateLimitLayer([Rule("r", Self.one)])
        var refused = 0
        for number in 0..<1_000_000 where ask(layer, "c\(number)", after: .microseconds(number)) != nil { refused += 1 }
        #expect(layer.ownBuckets == RateLimitLayer.mostBuckets)
        // A second's worth of callers would need a hundred thousand buckets of a tenth of a second each: the rest share one.
        #expect(layer.overflows > 0 && refused > 0)
        // Once they are idle, somebody new has his own again.
        let later = Duration.seconds(10)
        let overflows = layer.overflows
        #expect(ask(layer, "new", after: later) == nil && ask(layer, "newer", after: later) == nil)
        #expect(ask(layer, "new", after: later) != nil)
        #expect(layer.overflows == overflows)
    }

    @Test func `a bucket that went to somebody else is not its first owner's any more`() {
        let layer = RateLimitLayer([Rule("r", Self.one)])
        #expect(ask(layer, "first") == nil)
        for number in 0..<RateLimitLayer.mostBuckets { _ = ask(layer, "c\(number)", after: .seconds(1)) }
        // One of them took the first's bucket: he has another, and theirs are full.
        #expect(ask(layer, "first", after: .seconds(2)) == nil)
        #expect(ask(layer, "first", after: .seconds(2)) != nil)
        var gone = 0
        for number in 0..<100 where ask(layer, "c\(number)", after: .milliseconds(1050)) == nil { gone += 1 }
        #expect(gone <= 1)
    }

    @Test func `what was used up stays used up when other rules change`() {
        let layer = RateLimitLayer([Rule("gone", Self.one, per: .service), Rule("stays", Self.one)])
        #expect(ask(layer) == nil)
        layer.replace([Rule("new", RateLimit(calls: 1, burst: 1), per: .caller), Rule("renamed", Self.one)])
        #expect(ask(layer) == "LIMIT.quota[renamed]")
        #expect(ask(layer, "b") == nil && ask(layer, "b") == "LIMIT.quota[new]")
    }
}
