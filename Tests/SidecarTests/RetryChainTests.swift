import Bytes
import Exchange
import Policy
import RPC
import Reactor
import Resilience
import Testing
import Timebase

/// Three hops in a row, each with retries of its own, before a service that answers every call with UNAVAILABLE.
@Suite struct RetryChainTests {
    private final class Timers: CallTimers, @unchecked Sendable {  // a test runs on one thread
        var now = Instant(nanoseconds: 1_000_000_000)
        private var timers: [Timer] = []

        private final class Timer: CancellableTimer {
            let due: Instant
            var action: (() -> Void)?

            init(due: Instant, action: @escaping () -> Void) {
                self.due = due
                self.action = action
            }

            func cancel() { action = nil }
        }

        func timer(at due: Instant, _ action: @escaping () -> Void) -> any CancellableTimer {
            let timer = Timer(due: due, action: action)
            timers.append(timer)
            return timer
        }

        func pass(_ duration: Duration) {
            let end = now.advanced(by: duration)
            while let next = timers.filter({ $0.action != nil && $0.due <= end }).min(by: { $0.due < $1.due }) {
                now = max(now, next.due)
                timers.removeAll { $0 === next || $0.action == nil }
                next.action?()
            }
            now = end
        }
    }

    private final class NoExecutor: TaskExecutor {
        static let shared = NoExecutor()
        func enqueue(_ job: consuming ExecutorJob) { preconditionFailure("drivers run no tasks") }
    }

    /// The service: it counts, and answers in a head alone.
    private final class Service: Exchanger, @unchecked Sendable {  // a test runs on one thread
        var executor: any TaskExecutor { NoExecutor.shared }
        let timers: Timers
        let answer: Fields
        var calls = 0

        init(_ timers: Timers, _ answer: Fields) {
            self.timers = timers
            self.answer = answer
        }

        func open(_ intent: CallIntent, handler: any ExchangeHandler) -> any ExchangeStream {
            calls += 1
            _ = timers.timer(at: timers.now.advanced(by: .milliseconds(1))) { [answer] in
                handler.heard(head: answer, end: true)
                handler.ended(.complete)
            }
            return Deaf()
        }
    }

    private final class Deaf: ExchangeStream {
        var executor: any TaskExecutor { NoExecutor.shared }
        func send(head: Fields, end: Bool) {}
        func send(_ chunk: Chunk, end: Bool) {}
        func send(trailers: Fields) {}
        func reset(_ code: ResetCode) {}
        func consume(_ count: Int) {}
        var room: Int { 1 << 20 }
    }

    private final class Caller: ExchangeHandler {
        var answer: Fields?
        var failure: Failure?
        func heard(head: Fields, end: Bool) { answer = head }
        func heard(_ chunk: Chunk, end: Bool) {}
        func heard(trailers: Fields) { answer = trailers }
        func hasRoom() {}
        func ended(_ ending: Ending) { if case .failed(let failure) = ending { self.failure = failure } }
    }

    private static let method = MethodEntry(
        service: "course", fullName: "p.S/Get", policy: MethodPolicy(isIdempotent: true))

    private func chain(_ hops: Int, over service: Service, _ timers: Timers) -> any Exchanger {
        var inner: any Exchanger = service
        for hop in 0..<hops {
            let retry = RetryLayer(chance: Chance(seed: UInt64(hop)))
            let stack = Stack([retry], around: .exchanger(inner), name: "hop \(hop)")
            let environment = CallDriver.Environment(timers: timers, dialect: GRPCDialect(reporter: "hop \(hop)"))
            inner = StackExchanger(executor: NoExecutor.shared, in: environment) { _, request, now in
                (CallHead(method: Self.method, startedAt: now, request: request), stack)
            }
        }
        return inner
    }

    private func run(_ calls: Int, hops: Int = 3, answer: Fields) -> (service: Service, callers: [Caller]) {
        let timers = Timers()
        let service = Service(timers, answer)
        let chain = chain(hops, over: service, timers)
        let callers = (0..<calls).map { _ in
            timers.pass(.milliseconds(1))
            let caller = Caller()
            let stream = chain.open(CallIntent(destination: "course"), handler: caller)
            stream.send(head: [":path": "/p.S/Get"], end: true)
            return caller
        }
        timers.pass(.seconds(5))
        return (service, callers)
    }

    private static let unavailable: Fields = [":status": "200", "grpc-status": "14", "grpc-message": "out of order"]

    @Test func `with everything failing, three hops make no more of the load than one`() {
        let (service, callers) = run(5000, answer: Self.unavailable)
        #expect(callers.allSatisfy { $0.answer?[.grpcStatus] == "14" && $0.answer?[.grpcMessage] == "out of order" })
        #expect(Double(service.calls) <= 1.25 * 5000, "\(service.calls) attempts of 5000 calls")
        #expect(Double(service.calls) >= 1.15 * 5000)
    }

    @Test func `one call is tried three times, not twenty-seven`() {
        let (service, callers) = run(1, answer: Self.unavailable)
        #expect(service.calls == 3)
        #expect(callers[0].answer?[.weftRetries] == "spent")
    }

    @Test func `what the server wants left alone is marked too`() {
        var answer = Self.unavailable
        answer.append(.grpcRetryPushback, "-1")
        let (service, callers) = run(1, answer: answer)
        #expect(service.calls == 1 && callers[0].answer?[.weftRetries] == "spent")
    }

    @Test func `a member that processed nothing is asked again by the hop before it alone`() {
        var answer = Self.unavailable
        answer.append(.weftRetries, "safe")
        let (service, callers) = run(1, answer: answer)
        #expect(service.calls == 3)
        #expect(callers[0].answer?[.weftRetries] == "spent")
    }

    @Test func `an application's own no is not marked`() {
        let (service, callers) = run(1, answer: [":status": "200", "grpc-status": "5"])
        #expect(service.calls == 1 && callers[0].answer?[.weftRetries] == nil)
    }

    @Test func `a call that somebody repeats is not multiplied`() {
        let timers = Timers()
        let service = Service(timers, Self.unavailable)
        let caller = Caller()
        let stream = chain(1, over: service, timers).open(CallIntent(destination: "course"), handler: caller)
        stream.send(head: [":path": "/p.S/Get", "grpc-previous-rpc-attempts": "1"], end: true)
        timers.pass(.seconds(5))
        #expect(service.calls == 1 && caller.answer?[.weftRetries] == "spent")
    }
}

/// Which endings count against an endpoint: by all codes, from whom they come.
@Suite struct FaultTableTests {
    enum Origin: String, CaseIterable, Sendable {
        case peer, connect, tls, pool, wire, policy
    }

    static let faults: Set<StatusCode> = [.unavailable, .internal, .dataLoss, .deadlineExceeded]

    @Test(arguments: 0...16) func `of an application's seventeen codes, four are the endpoint's fault`(code: Int) throws
    {
        let status = try #require(StatusCode(rawValue: code))
        let dialect = GRPCDialect(reporter: "me")
        for outcome in [
            dialect.judge(head: [":status": "200"], trailers: ["grpc-status": "\(code)"]),
            dialect.judge(head: [":status": "200", "grpc-status": "\(code)"], trailers: nil),
        ] {
            #expect(trips(outcome) == Self.faults.contains(status), "\(status)")
        }
    }

    @Test(arguments: [
        (Failure.Phase.connect, Failure.Cause.connectRefused, true), (.connect, .connectTimeout, true),
        (.tls, .tlsUntrusted, true), (.tls, .tlsIdentityMismatch, true), (.send, .peerReset, true),
        (.wait, .peerClosed, true), (.wait, .peerGoAway, true), (.wait, .deadline, true), (.receive, .peerReset, true),
        (.receive, .protocolError, true), (.queue, .queueFull, false), (.queue, .cancelled, false),
        (.limit, .bulkheadFull, false), (.limit, .quota, false), (.admit, .deadlineBudget, false),
        (.authorize, .policyDenied, false), (.pick, .allEjected, false), (.route, .noRoute, false),
    ])
    func `what Weft finds itself`(phase: Failure.Phase, cause: Failure.Cause, counts: Bool) {
        let outcome = GRPCDialect(reporter: "me").judge(Failure(phase, cause))
        #expect(trips(outcome) == counts, "\(phase.rawValue).\(cause.rawValue)")
    }

    @Test(arguments: [(10, false), (15, false), (20, true), (500, true)])
    func `a deadline counts only if there was time enough`(milliseconds: Int64, counts: Bool) {
        let outcome = GRPCDialect(reporter: "me").judge(Failure(.wait, .deadline))
        #expect(trips(outcome, after: .milliseconds(milliseconds), usual: .milliseconds(10)) == counts)
    }

    private func trips(_ outcome: Exchange.Outcome, after elapsed: Duration = .seconds(1), usual: Duration? = nil)
        -> Bool
    {
        var now = Instant(nanoseconds: 1_000_000_000)
        let meter = usual.map { usual in
            LoadLayer(EndpointLoad(latency: Double(usual.clampedNanoseconds) * 1e-9, ramp: .zero, at: now))
        }
        let breaker = BreakerLayer(of: "e", chance: Chance(seed: 1), meter: meter)
        let call = CallHead(method: MethodEntry(service: "s", fullName: "p.S/M"), startedAt: now)
        for _ in 0..<30 {
            guard case .go(let token, _) = breaker.admit(call, waiting: nil, at: now) else { return true }
            var outcome = outcome
            outcome.admittedAt = now
            now = now.advanced(by: elapsed)
            _ = breaker.ended(call, token: token, as: outcome, at: now)
        }
        return breaker.phase == .open
    }
}
