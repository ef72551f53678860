import Bytes
import Exchange
import Policy
import Resilience
import Testing
import Timebase

/// What the tests of layers share: a call, a time.
enum Sample {
    static let now = Instant(nanoseconds: 1_000_000_000_000)
    static let plain = MethodEntry(service: "course", fullName: "p.S/Create")
    static let idempotent = MethodEntry(
        service: "course", fullName: "p.S/Get", policy: MethodPolicy(isIdempotent: true))

    static func call(
        _ method: MethodEntry = plain, caller: String = "spiffe://d/ns/n/sa/edge", deadline: Duration? = nil,
        attempt: Int = 1
    ) -> CallHead {
        let call = CallHead(
            method: method, caller: caller, deadline: deadline.map(now.advanced), startedAt: now,
            request: ["x-request-id": "r1"])
        call.attempt = attempt
        return call
    }
}

extension Admission {
    var refusal: String? { if case .refuse(let failure) = self { failure.reason } else { nil } }
    var deadline: Duration? {
        guard case .go(_, let deadline) = self, deadline != .distantFuture else { return nil }
        return Sample.now.duration(to: deadline)
    }
    var token: UInt64? { if case .go(let token, _) = self { token } else { nil } }
    var waiting: Waiting? { if case .wait(let waiting) = self { waiting } else { nil } }
}

extension Verdict {
    var delay: Duration? { if case .again(let delay) = self { delay } else { nil } }
}

@Suite struct RetryLayerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let outcome: Outcome
        let isIdempotent: Bool
        let repeats: Bool
        var testDescription: String { rule + (isIdempotent ? " (idempotent)" : "") }

        init(_ rule: String, _ kind: Outcome.Kind, _ reach: Failure.Reach?, idempotent: Bool = false, repeats: Bool) {
            self.rule = rule
            outcome = Outcome(kind, failure: reach.map { Failure(.wait, .peerReset, reach: $0) }, isReplayable: true)
            isIdempotent = idempotent
            self.repeats = repeats
        }
    }

    @Test(arguments: [
        Case("what was never sent", .fault, .neverSent, repeats: true),
        Case("what the peer did not process", .fault, .notProcessed, repeats: true),
        Case("what may have been done", .fault, .unknown, repeats: false),
        Case("what may have been done", .fault, .unknown, idempotent: true, repeats: true),
        Case("a fault that the peer answered", .fault, nil, repeats: false),
        Case("a fault that the peer answered", .fault, nil, idempotent: true, repeats: true),
        Case("the application's answer", .answered, nil, idempotent: true, repeats: false),
        Case("an answer of a member that processed nothing", .answered, .notProcessed, repeats: true),
        Case("an answer about something unclear", .answered, .unknown, idempotent: true, repeats: false),
        Case("a refusal on this side", .refused, .neverSent, idempotent: true, repeats: false),
        Case("an answer to what was never sent", .answered, .neverSent, repeats: true),
        Case("a success", .success, nil, idempotent: true, repeats: false),
        Case("a caller that left", .cancelled, .neverSent, idempotent: true, repeats: false),
    ])
    func `only what is provably safe is repeated`(row: Case) {
        let layer = RetryLayer(chance: Chance(seed: 1))
        let call = Sample.call(row.isIdempotent ? Sample.idempotent : Sample.plain)
        _ = layer.admit(call, waiting: nil, at: Sample.now)
        let verdict = layer.ended(call, token: 0, as: row.outcome, at: Sample.now)
        #expect((verdict.delay != nil) == row.repeats)
    }

    private static let unsent = Outcome(
        .fault, failure: Failure(.connect, .connectRefused, reach: .neverSent), isReplayable: true)

    @Test(arguments: [(1, true), (2, true), (3, false)])
    func `there are two retries`(attempt: Int, repeats: Bool) {
        let layer = RetryLayer(chance: Chance(seed: 1))
        let call = Sample.call(attempt: attempt)
        #expect((layer.ended(call, token: 0, as: Self.unsent, at: Sample.now).delay != nil) == repeats)
    }

    @Test func `what cannot be replayed is not repeated, and takes nothing from the budget`() {
        let layer = RetryLayer(chance: Chance(seed: 1))
        var outcome = Self.unsent
        outcome.isReplayable = false
        for _ in 0..<100 {
            #expect(layer.ended(Sample.call(), token: 0, as: outcome, at: Sample.now).delay == nil)
        }
        #expect(layer.ended(Sample.call(), token: 0, as: Self.unsent, at: Sample.now).delay != nil)
    }

    @Test func `the budget ends a storm`() {
        let layer = RetryLayer(chance: Chance(seed: 1))
        let repeated = (0..<100).count { _ in
            layer.ended(Sample.call(), token: 0, as: Self.unsent, at: Sample.now).delay != nil
        }
        #expect(repeated == 30)
    }

    @Test func `calls fill the budget, their repetitions do not`() {
        let layer = RetryLayer(chance: Chance(seed: 1))
        for _ in 0..<100 { _ = layer.admit(Sample.call(attempt: 2), waiting: nil, at: Sample.now) }
        for _ in 0..<50 { _ = layer.admit(Sample.call(), waiting: nil, at: Sample.now) }
        let repeated = (0..<100).count { _ in
            layer.ended(Sample.call(), token: 0, as: Self.unsent, at: Sample.now).delay != nil
        }
        #expect(repeated == 40)
    }

    @Test func `the server's wish goes before the back-off`() {
        let layer = RetryLayer(chance: Chance(seed: 1))
        var outcome = Self.unsent
        outcome.pushback = .after(.seconds(3))
        #expect(layer.ended(Sample.call(), token: 0, as: outcome, at: Sample.now).delay == .seconds(3))
        outcome.pushback = .never
        #expect(layer.ended(Sample.call(), token: 0, as: outcome, at: Sample.now).delay == nil)
    }

    @Test func `a retry that would come too late is none`() {
        let layer = RetryLayer(chance: Chance(seed: 1))
        var outcome = Self.unsent
        outcome.pushback = .after(.milliseconds(100))
        for (left, repeats) in [(104, false), (105, true)] {
            let call = Sample.call(deadline: .milliseconds(left))
            #expect((layer.ended(call, token: 0, as: outcome, at: Sample.now).delay != nil) == repeats)
        }
    }

    @Test func `the back-off grows with the attempts`() {
        let layer = RetryLayer(chance: Chance(seed: 7))
        for (attempt, bound) in [(1, 25), (2, 50)] {
            let delays = (0..<10).compactMap { _ in
                layer.ended(Sample.call(attempt: attempt), token: 0, as: Self.unsent, at: Sample.now).delay
            }
            #expect(delays.allSatisfy { $0 < .milliseconds(bound) })
            #expect(delays.contains { $0 > .milliseconds(bound / 2) })
        }
    }

    @Test func `no retries means that nothing need be kept`() {
        var limits = RetryLayer.Limits()
        #expect(RetryLayer(limits, chance: Chance(seed: 1)).repeatsCalls)
        limits.retries = 0
        #expect(!RetryLayer(limits, chance: Chance(seed: 1)).repeatsCalls)
    }
}

@Suite struct TimeLayerTests {
    @Test func `a deadline layer bounds a call by its contract`() {
        let method = MethodEntry(service: "s", fullName: "m", policy: MethodPolicy(timeout: .seconds(2)))
        let layer = DeadlineLayer(fallback: .seconds(15))
        #expect(layer.admit(Sample.call(method), waiting: nil, at: Sample.now).deadline == .seconds(2))
        #expect(layer.admit(Sample.call(), waiting: nil, at: Sample.now).deadline == .seconds(15))
        #expect(layer.admit(Sample.call(deadline: .seconds(20)), waiting: nil, at: Sample.now).deadline == .seconds(20))
        #expect(
            layer.admit(Sample.call(deadline: .milliseconds(4)), waiting: nil, at: Sample.now).refusal
                == "ADMIT.deadline_budget[p.S/Create]")
    }

    @Test func `a call that nobody bounded has no deadline`() {
        #expect(DeadlineLayer().admit(Sample.call(), waiting: nil, at: Sample.now).deadline == nil)
    }

    @Test func `an attempt is bounded by its contract, or by the fallback`() {
        let method = MethodEntry(service: "s", fullName: "m", policy: MethodPolicy(attemptTimeout: .milliseconds(300)))
        let layer = AttemptTimeoutLayer(fallback: .seconds(1))
        #expect(layer.admit(Sample.call(method), waiting: nil, at: Sample.now).deadline == .milliseconds(300))
        #expect(layer.admit(Sample.call(), waiting: nil, at: Sample.now).deadline == .seconds(1))
        #expect(AttemptTimeoutLayer().admit(Sample.call(), waiting: nil, at: Sample.now).deadline == nil)
    }
}

@Suite struct BulkheadLayerTests {
    private func enter(_ layer: BulkheadLayer, _ call: CallHead) -> Admission {
        layer.admit(call, waiting: nil, at: Sample.now)
    }

    @Test func `neither a method nor a caller takes another's places`() {
        let layer = BulkheadLayer(Bulkhead.Limits(inFlight: 1, queue: 0), per: .methodAndCaller)
        #expect(enter(layer, Sample.call(caller: "a")).token != nil)
        #expect(enter(layer, Sample.call(caller: "a")).refusal == "LIMIT.bulkhead_full[p.S/Create]")
        #expect(enter(layer, Sample.call(caller: "b")).token != nil)
        #expect(enter(layer, Sample.call(Sample.idempotent, caller: "a")).token != nil)
        #expect(layer.occupancy.inFlight == 3)
    }

    @Test func `a destination's places are everybody's`() {
        let layer = BulkheadLayer(Bulkhead.Limits(inFlight: 2, queue: 0), per: .whole)
        #expect(enter(layer, Sample.call(caller: "a")).token != nil)
        #expect(enter(layer, Sample.call(Sample.idempotent, caller: "b")).token != nil)
        #expect(enter(layer, Sample.call(caller: "c")).refusal == "LIMIT.bulkhead_full[course]")
    }

    @Test func `the contract says how many, if it says so`() {
        let policy = MethodPolicy(maxInFlight: 2, maxQueue: 1)
        let method = MethodEntry(service: "s", fullName: "m", policy: policy)
        let layer = BulkheadLayer(Bulkhead.Limits(inFlight: 9, queue: 9), per: .methodAndCaller)
        #expect(enter(layer, Sample.call(method)).token != nil)
        #expect(enter(layer, Sample.call(method)).token != nil)
        #expect(enter(layer, Sample.call(method)).waiting != nil)
        #expect(enter(layer, Sample.call(method)).refusal == "QUEUE.queue_full[m]")
    }

    @Test func `a place that is freed is announced at its gate, and given to who waits there`() throws {
        let layer = BulkheadLayer(Bulkhead.Limits(inFlight: 1, queue: 1), per: .methodAndCaller)
        let token = try #require(enter(layer, Sample.call(caller: "a")).token)
        _ = enter(layer, Sample.call(caller: "b"))
        let waiting = try #require(enter(layer, Sample.call(caller: "a")).waiting)
        #expect(layer.gate(of: token) == waiting.gate)
        _ = layer.ended(Sample.call(caller: "a"), token: token, as: Outcome(.success), at: Sample.now)
        let again = layer.admit(Sample.call(caller: "a"), waiting: waiting, at: Sample.now)
        #expect(again.token == token)
        #expect(layer.occupancy == (inFlight: 2, waiting: 0))
    }

    @Test func `who leaves the queue makes room in it`() throws {
        let layer = BulkheadLayer(Bulkhead.Limits(inFlight: 1, queue: 1), per: .methodAndCaller)
        _ = enter(layer, Sample.call())
        let waiting = try #require(enter(layer, Sample.call()).waiting)
        layer.left(Sample.call(), waiting: waiting, at: Sample.now)
        #expect(enter(layer, Sample.call()).waiting != nil)
    }

    @Test func `more callers than can be told apart share, and idle ones are forgotten`() {
        let layer = BulkheadLayer(Bulkhead.Limits(inFlight: 1, queue: 0), per: .methodAndCaller)
        for index in 0..<4095 { #expect(enter(layer, Sample.call(caller: "c\(index)")).token != nil) }
        #expect(enter(layer, Sample.call(caller: "one more")).token == 0)
        #expect(enter(layer, Sample.call(caller: "another")).refusal != nil)
        _ = layer.ended(Sample.call(caller: "c7"), token: 8, as: Outcome(.success), at: Sample.now)
        #expect(enter(layer, Sample.call(caller: "a third")).token == 8)
        #expect(enter(layer, Sample.call(caller: "c7")).refusal != nil)
        _ = layer.ended(Sample.call(caller: "one more"), token: 0, as: Outcome(.success), at: Sample.now)
        #expect(enter(layer, Sample.call(caller: "c7")).token == 0)
    }

    @Test func `what is shared keeps its own limits`() {
        let layer = BulkheadLayer(Bulkhead.Limits(inFlight: 1, queue: 0), per: .methodAndCaller)
        for index in 0..<4095 { _ = enter(layer, Sample.call(caller: "c\(index)")) }
        let policy = MethodPolicy(maxInFlight: 5)
        let roomy = MethodEntry(service: "s", fullName: "roomy", policy: policy)
        #expect(enter(layer, Sample.call(roomy)).token == 0)
        #expect(enter(layer, Sample.call(roomy)).refusal != nil)
    }
}

@Suite struct BreakerLayerTests {
    @Test(arguments: [
        (Outcome.Kind.success, false), (.answered, false), (.fault, true), (.cancelled, false), (.refused, false),
    ])
    func `only the endpoint's faults trip it`(kind: Outcome.Kind, trips: Bool) throws {
        let layer = BreakerLayer(of: "a:1", chance: Chance(seed: 1))
        for _ in 0..<50 {
            guard let token = layer.admit(Sample.call(), waiting: nil, at: Sample.now).token else { break }
            _ = layer.ended(Sample.call(), token: token, as: Outcome(kind), at: Sample.now)
        }
        #expect((layer.phase == .open) == trips)
        #expect(layer.isUsable(at: Sample.now) == !trips)
    }

    @Test func `it says why it refuses, and calls in panic pass`() {
        var phases: [CircuitBreaker.Phase] = []
        let layer = BreakerLayer(of: "a:1", chance: Chance(seed: 1)) { phases.append($0.phase) }
        while let token = layer.admit(Sample.call(), waiting: nil, at: Sample.now).token {
            _ = layer.ended(Sample.call(), token: token, as: Outcome(.fault), at: Sample.now)
        }
        let refused = layer.admit(Sample.call(), waiting: nil, at: Sample.now)
        #expect(refused.refusal == "LIMIT.breaker_open[a:1]")
        if case .refuse(let failure) = refused {
            #expect(failure.detail.hasPrefix("5 faults in a row; next try in 1"))
            #expect(failure.reach == .neverSent)
        }
        let panicking = Sample.call()
        panicking.isPanic = true
        let token = layer.admit(panicking, waiting: nil, at: Sample.now).token
        #expect(token != nil)
        _ = layer.ended(panicking, token: token ?? 0, as: Outcome(.success), at: Sample.now)
        #expect(layer.phase == .open)
        let later = Sample.now.advanced(by: .seconds(2))
        _ = layer.admit(Sample.call(), waiting: nil, at: later)
        #expect(phases == [.open, .probing])
    }
}

@Suite struct RolesLayerTests {
    private let method = MethodEntry(service: "s", fullName: "m", policy: MethodPolicy(roles: ["teacher", "admin"]))

    @Test func `one of the roles is enough, none is not`() {
        let layer = RolesLayer(.enforce, rolesOfCaller: { $0.caller == "t" ? ["learner", "teacher"] : ["learner"] })
        #expect(layer.admit(Sample.call(method, caller: "t"), waiting: nil, at: Sample.now).token != nil)
        #expect(
            layer.admit(Sample.call(method, caller: "l"), waiting: nil, at: Sample.now).refusal
                == "AUTHZ.policy_denied[m]")
        #expect(layer.admit(Sample.call(caller: "l"), waiting: nil, at: Sample.now).token != nil)
    }

    @Test func `in audit mode calls go on, and are told`() {
        var told: [String] = []
        let layer = RolesLayer(.audit, rolesOfCaller: { _ in [] }) { _, failure in told.append(failure.reason) }
        #expect(layer.admit(Sample.call(method), waiting: nil, at: Sample.now).token != nil)
        #expect(told == ["AUTHZ.policy_denied[m]"])
    }
}

@Suite struct AccessLogLayerTests {
    @Test func `it hears of each call's begin and end`() {
        var lines: [String] = []
        let layer = AccessLogLayer(
            began: { lines.append("began \($0.requestID)") },
            ended: { lines.append("ended \($0.requestID) \($1.kind)") })
        _ = layer.admit(Sample.call(), waiting: nil, at: Sample.now)
        #expect(layer.inFlight == 1)
        _ = layer.ended(Sample.call(), token: 0, as: Outcome(.fault), at: Sample.now)
        #expect(layer.inFlight == 0)
        #expect(lines == ["began r1", "ended r1 fault"])
    }
}

@Suite struct BulkheadChangeTests {
    private let layer = BulkheadLayer(Bulkhead.Limits(inFlight: 2, queue: 0), per: .methodAndCaller)

    private func enter(_ call: CallHead = Sample.call()) -> Admission {
        layer.admit(call, waiting: nil, at: Sample.now)
    }

    private func leave(_ admission: Admission) {
        guard let token = admission.token else { return }
        _ = layer.ended(Sample.call(), token: token, as: Outcome(.success), at: Sample.now)
    }

    @Test func `with new limits those in flight stay`() {
        let first = enter()
        let second = enter()
        layer.replace(Bulkhead.Limits(inFlight: 1, queue: 0))
        #expect(layer.occupancy == (2, 0))
        leave(first)
        #expect(enter().refusal == "LIMIT.bulkhead_full[p.S/Create]")
        leave(second)
        #expect(enter().token != nil)
        layer.replace(Bulkhead.Limits(inFlight: 3, queue: 0))
        #expect(enter().token != nil && enter().token != nil && enter().refusal != nil)
        #expect(layer.fullest?.bulkhead.inFlight == 3 && layer.fullest?.method == "p.S/Create")
    }

    @Test func `a contract that is made anew changes a method's limits, not who is in flight`() {
        let old = [enter(), enter()]
        var policy = MethodPolicy()
        policy.maxInFlight = 3
        let changed = Sample.call(MethodEntry(service: "course", fullName: "p.S/Create", policy: policy))
        #expect(enter(changed).token != nil)
        #expect(enter(changed).refusal == "LIMIT.bulkhead_full[p.S/Create]")
        for admission in old { leave(admission) }
        #expect(layer.occupancy == (1, 0))
    }

    @Test func `a refused caller hears when a place may be free`() {
        let first = enter()
        guard let token = first.token else { return }
        let outcome = Outcome(.success, from: Sample.now, to: Sample.now)
        _ = layer.ended(Sample.call(), token: token, as: outcome, at: Sample.now.advanced(by: .milliseconds(40)))
        _ = (enter(), enter())
        guard case .refuse(let failure) = enter() else {
            Issue.record("it went on")
            return
        }
        #expect(failure.retryAfter == .milliseconds(20))
    }

    @Test func `a hundred thousand callers share a bounded number of bulkheads`() {
        for number in 0..<100_000 { leave(enter(Sample.call(caller: "c\(number)"))) }
        #expect(layer.overflows == 0 && layer.occupancy == (0, 0))
        for number in 0..<5000 { _ = enter(Sample.call(caller: "d\(number)")) }
        #expect(layer.overflows > 0)
    }
}
