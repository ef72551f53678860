import Exchange
import Policy
import Resilience
import Testing
import Timebase

/// gRFC A6, as a layer and as a plan for hedges.
@Suite struct ConfiguredRetryTests {
    enum Expected: Sendable, Equatable { case done, unseen, again(ClosedRange<Int>) }

    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        var attempt = 1
        var kind = Outcome.Kind.fault
        var status = 14
        var reach: Failure.Reach?
        var phase = Failure.Phase.send
        var pushback: Outcome.Pushback?
        var isReplayable = true
        var unseen = 0
        var wasRefused = false
        var pushedBackAt = 0
        var deadline: Duration?
        let expected: Expected
        var testDescription: String { rule }
    }

    private static let plan = RetryPlan(
        maxAttempts: 4, initialBackoff: .milliseconds(100), maxBackoff: .milliseconds(300), backoffMultiplier: 2,
        statuses: StatusSet([14, 8]))

    private static let method: MethodEntry = {
        var policy = MethodPolicy()
        policy.attempts = .retry(plan)
        return MethodEntry(service: "s", fullName: "p.S/M", policy: policy)
    }()

    private func verdict(_ row: Case, _ layer: ConfiguredRetryLayer, _ method: MethodEntry = method) -> Expected {
        let call = Sample.call(method, deadline: row.deadline, attempt: row.attempt)
        call.unseenAttempts = row.unseen
        call.wasRefusedUnprocessed = row.wasRefused
        call.pushedBackAt = row.pushedBackAt
        let failure = row.reach.map { Failure(row.phase, .peerReset, reach: $0) }
        let outcome = Outcome(
            row.kind, status: row.status, failure: failure, pushback: row.pushback, isReplayable: row.isReplayable)
        switch layer.ended(call, token: 0, as: outcome, at: Sample.now) {
        case .done, .spent: return .done
        case .transparently: return .unseen
        case .again(let delay):
            let milliseconds = Int(
                delay.components.seconds * 1000 + delay.components.attoseconds / 1_000_000_000_000_000)
            return .again(milliseconds...milliseconds)
        }
    }

    @Test(arguments: [
        Case(rule: "a status of the plan is worth another attempt", expected: .again(80...120)),
        Case(rule: "the wait grows", attempt: 2, expected: .again(160...240)),
        Case(rule: "to its limit", attempt: 3, expected: .again(240...360)),
        Case(rule: "the last attempt is the last", attempt: 4, expected: .done),
        Case(rule: "an answer counts like a fault", kind: .answered, status: 8, expected: .again(80...120)),
        Case(rule: "other statuses are answers", status: 13, expected: .done),
        Case(rule: "a success needs no other", kind: .success, status: 0, expected: .done),
        Case(rule: "nor does a caller who left", kind: .cancelled, expected: .done),
        Case(
            rule: "what this side refused is tried again: an endpoint may be ready then", kind: .refused,
            expected: .again(80...120)),
        Case(rule: "what went on to the caller is not", isReplayable: false, expected: .done),
        Case(rule: "the server says when", pushback: .after(.milliseconds(700)), expected: .again(700...700)),
        Case(rule: "even at once", pushback: .after(.zero), expected: .again(0...0)),
        Case(rule: "or never", pushback: .never, expected: .done),
        Case(rule: "after a pushback the wait begins anew", attempt: 3, pushedBackAt: 2, expected: .again(80...120)),
        Case(rule: "no wait beyond the deadline", deadline: .milliseconds(60), expected: .done),
        Case(rule: "but one within it", deadline: .milliseconds(150), expected: .again(80...120)),
        Case(rule: "never sent: at once, whatever the attempt", attempt: 4, reach: .neverSent, expected: .unseen),
        Case(rule: "and as often as it takes", reach: .neverSent, unseen: 15, expected: .unseen),
        Case(rule: "within reason", attempt: 4, reach: .neverSent, unseen: 16, expected: .done),
        Case(
            rule: "but a full queue is not asked again", attempt: 4, reach: .neverSent, phase: .queue, expected: .done),
        Case(rule: "unprocessed: once", attempt: 4, reach: .notProcessed, expected: .unseen),
        Case(rule: "not twice", attempt: 4, reach: .notProcessed, wasRefused: true, expected: .done),
        Case(rule: "then by the plan", reach: .notProcessed, wasRefused: true, expected: .again(80...120)),
        Case(
            rule: "what was refused here is not unseen", attempt: 4, kind: .refused, reach: .neverSent, expected: .done),
        Case(rule: "nor what went on", attempt: 1, reach: .notProcessed, isReplayable: false, expected: .done),
    ])
    func `attempts follow by rule`(row: Case) {
        let layer = ConfiguredRetryLayer(CallThrottle(), chance: Chance(seed: 3))
        switch (verdict(row, layer), row.expected) {
        case (.again(let found), .again(let range)): #expect(range.contains(found.lowerBound), "\(found)")
        case (let found, let expected): #expect(found == expected)
        }
    }

    @Test func `without a plan only the unseen is repeated`() {
        let layer = ConfiguredRetryLayer(CallThrottle(), chance: Chance(seed: 3))
        #expect(verdict(Case(rule: "", expected: .done), layer, Sample.plain) == .done)
        #expect(verdict(Case(rule: "", reach: .notProcessed, expected: .unseen), layer, Sample.plain) == .unseen)
    }

    @Test func `the throttle counts what the plan names and what the server pushes back`() {
        let throttle = CallThrottle(RetryThrottle(maxTokens: 8, tokenRatio: 1))
        let layer = ConfiguredRetryLayer(throttle, chance: Chance(seed: 3))
        func end(_ row: Case, times: Int = 1) { for _ in 0..<times { _ = verdict(row, layer) } }
        // None of these takes a token.
        end(Case(rule: "", kind: .refused, expected: .done), times: 9)
        end(Case(rule: "", status: 5, expected: .done), times: 9)
        end(Case(rule: "", kind: .cancelled, expected: .done), times: 9)
        end(Case(rule: "", reach: .notProcessed, expected: .unseen), times: 9)
        end(Case(rule: "", expected: .done), times: 3)
        #expect(throttle.allows)
        end(Case(rule: "", status: 5, pushback: .never, expected: .done))
        #expect(!throttle.allows)
        #expect(verdict(Case(rule: "", expected: .done), layer) == .done)
        end(Case(rule: "", kind: .success, status: 0, expected: .done), times: 2)
        #expect(throttle.allows)
    }

    @Test func `hedges have a plan and share the throttle`() {
        let throttle = CallThrottle(RetryThrottle(maxTokens: 2, tokenRatio: 1))
        let hedging = ConfiguredHedging(throttle)
        var policy = MethodPolicy()
        let plan = HedgePlan(maxAttempts: 2, delay: .zero, nonFatal: StatusSet([14]))
        policy.attempts = .hedge(plan)
        let call = Sample.call(MethodEntry(service: "s", fullName: "p.S/M", policy: policy))
        #expect(hedging.plan(for: call) == plan)
        #expect(hedging.plan(for: Sample.call(Self.method)) == nil)
        for outcome in [Outcome(.answered, status: 5), Outcome(.cancelled, status: 14), Outcome(.refused, status: 14)] {
            hedging.ended(call, as: outcome, at: Sample.now)
            #expect(hedging.mayHedge(call, at: Sample.now))
        }
        hedging.ended(call, as: Outcome(.fault, status: 14), at: Sample.now)
        #expect(!hedging.mayHedge(call, at: Sample.now) && !throttle.allows)
        hedging.ended(call, as: Outcome(.success), at: Sample.now)
        #expect(hedging.mayHedge(call, at: Sample.now))
        hedging.ended(call, as: Outcome(.answered, status: 5, pushback: .never), at: Sample.now)
        #expect(!hedging.mayHedge(call, at: Sample.now))
    }
}
