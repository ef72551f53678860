import Bytes
import Exchange
import Timebase

/// A loop's time, moved by hand.
final class ManualTimers: CallTimers, @unchecked Sendable {  // a test runs on one thread
    private(set) var now = Instant(nanoseconds: 1_000_000_000)
    private var timers: [Timer] = []

    final class Timer: CancellableTimer {
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

    var pending: Int { timers.count { $0.action != nil } }
}

/// Stands for a loop where nothing is to run.
final class NoExecutor: TaskExecutor {
    static let shared = NoExecutor()

    func enqueue(_ job: consuming ExecutorJob) {
        preconditionFailure("drivers run no tasks")
    }
}

/// One end of an exchange that a test holds: it writes down what it is given.
final class TestStream: ExchangeStream {
    var executor: any TaskExecutor { NoExecutor.shared }
    /// What was sent, in short: `head`, `head.`, `3`, `3.`, `trailers.`, `reset 8`. A dot is the end.
    private(set) var sent: [String] = []
    private(set) var bytes: [UInt8] = []
    private(set) var heads: [Fields] = []
    private(set) var trailers: Fields?
    private(set) var consumed = 0
    private(set) var resets: [ResetCode] = []
    var room = 1 << 20
    /// Each byte that is sent takes room, until the test gives it back.
    var takesRoom = false
    var hasEnded: Bool { sent.contains { $0.hasSuffix(".") } }

    func send(head: Fields, end: Bool) {
        heads.append(head)
        note("head", end)
    }

    func send(_ chunk: Chunk, end: Bool) {
        bytes += chunk.array
        if takesRoom { room -= chunk.count }
        note("\(chunk.count)", end)
    }

    func send(trailers: Fields) {
        self.trailers = trailers
        note("trailers", true)
    }

    func reset(_ code: ResetCode) {
        resets.append(code)
        sent.append("reset \(code.rawValue)")
    }

    func consume(_ count: Int) { consumed += count }

    private func note(_ what: String, _ end: Bool) {
        precondition(!hasEnded, "nothing is sent after the end")
        sent.append(end ? what + "." : what)
    }
}

/// Opens exchanges on streams that the test holds.
final class TestExchanger: Exchanger, @unchecked Sendable {  // a test runs on one thread
    var executor: any TaskExecutor { NoExecutor.shared }
    private(set) var opened: [(stream: TestStream, handler: any ExchangeHandler)] = []
    var nextRoom = 1 << 20
    var takesRoom = false

    func open(_ intent: CallIntent, handler: any ExchangeHandler) -> any ExchangeStream {
        let stream = TestStream()
        stream.room = nextRoom
        stream.takesRoom = takesRoom
        opened.append((stream, handler))
        return stream
    }

    var last: (stream: TestStream, handler: any ExchangeHandler) { opened[opened.count - 1] }

    /// The whole answer of a call that went well, in order.
    func answer(_ body: String = "reply") {
        let handler = last.handler
        handler.heard(head: [":status": "200"], end: false)
        handler.heard(Chunk(body), end: false)
        handler.heard(trailers: ["grpc-status": "0"])
        handler.ended(.complete)
    }

    func answerWithStatus(_ status: Int) {
        let handler = last.handler
        handler.heard(head: [":status": "200", "grpc-status": "\(status)"], end: true)
        handler.ended(.complete)
    }

    func fail(_ failure: Failure) { last.handler.ended(.failed(failure)) }
}

/// The protocol of the tests: a status in `grpc-status`, the time in `grpc-timeout` as microseconds.
final class TestDialect: CallDialect {
    func timeout(of head: Fields) -> Duration? { nil }

    func prepare(_ head: inout Fields, remaining: Duration?, attempt: Int) {
        if let remaining { head.set(.grpcTimeout, "\(remaining.clampedNanoseconds / 1000)u") }
        if attempt > 1 { head.set(.grpcPreviousAttempts, "\(attempt - 1)") }
    }

    func judge(head: Fields, trailers: Fields?) -> Outcome {
        let status = Int((trailers ?? head)[.grpcStatus] ?? "") ?? 2
        return Outcome(status == 0 ? .success : status == 14 ? .fault : .answered, status: status)
    }

    func judge(_ failure: Failure) -> Outcome { Outcome(.fault, status: 14, failure: failure) }

    func answer(to failure: Failure, of call: CallHead, after attempts: [AttemptRecord]) -> Fields {
        let tried = attempts.map { "\($0.endpoint) after \($0.waited) in \($0.lasted)" }.joined(separator: ", ")
        return [":status": "200", "grpc-status": "14", "why": failure.reason, "attempts": tried]
    }

    func trailers(for failure: Failure, of call: CallHead, after attempts: [AttemptRecord]) -> Fields? {
        failure.cause == .peerReset ? nil : ["grpc-status": "14", "why": failure.reason]
    }
}

/// A layer that does what the test says, and writes down what it hears.
final class TestLayer: Layer, @unchecked Sendable {  // a test runs on one thread
    let name: String
    let journal: Journal
    var answers: [Admission]
    var verdicts: [Verdict]
    var hasGates: Bool
    var repeatsCalls: Bool
    private var nextToken: UInt64 = 1
    /// Tokens that were given out and not yet heard of.
    private(set) var outstanding: Set<UInt64> = []
    private(set) var waiting = 0
    private(set) var outcomes: [Outcome] = []

    /// After its `answers` it says go, after its `verdicts` done.
    init(
        _ name: String, _ journal: Journal, answers: [Admission] = [], verdicts: [Verdict] = [], hasGates: Bool = false,
        repeatsCalls: Bool = false
    ) {
        self.name = name
        self.journal = journal
        self.answers = answers
        self.verdicts = verdicts
        self.hasGates = hasGates
        self.repeatsCalls = repeatsCalls
    }

    func admit(_ call: CallHead, waiting asked: Waiting?, at now: Instant) -> Admission {
        if asked != nil { waiting -= 1 }
        let answer = answers.isEmpty ? .go() : answers.removeFirst()
        switch answer {
        case .go(_, let deadline):
            let token = nextToken
            nextToken += 1
            outstanding.insert(token)
            journal.note("\(name) go \(call.attempt)")
            return .go(token: token, before: deadline)
        case .wait:
            waiting += 1
            journal.note("\(name) wait")
        case .refuse:
            journal.note("\(name) refuse")
        }
        return answer
    }

    func left(_ call: CallHead, waiting: Waiting, at now: Instant) {
        self.waiting -= 1
        journal.note("\(name) left")
    }

    func ended(_ call: CallHead, token: UInt64, as outcome: Outcome, at now: Instant) -> Verdict {
        precondition(outstanding.remove(token) != nil, "\(name) heard twice of one token")
        outcomes.append(outcome)
        journal.note("\(name) ended \(outcome.kind)")
        return verdicts.isEmpty ? .done : verdicts.removeFirst()
    }
}

final class Journal {
    private(set) var lines: [String] = []
    func note(_ line: String) { lines.append(line) }
    func take() -> [String] {
        defer { lines = [] }
        return lines
    }
}

/// A caller, a stack and an endpoint, all in the test's hands.
final class Bench {
    let timers = ManualTimers()
    let journal = Journal()
    let endpoint = TestExchanger()
    let replay: ReplayBudget
    let environment: CallDriver.Environment
    lazy var stack = Stack([], around: .exchanger(endpoint), name: "endpoint")

    init(replayLimit: Int = 64 << 20, perCall: Int = 64 << 10) {
        replay = ReplayBudget(limit: replayLimit, perCall: perCall)
        environment = CallDriver.Environment(timers: timers, dialect: TestDialect(), replay: replay)
    }

    static let method = MethodEntry(service: "s", fullName: "p.S/M")

    /// A call of which the caller has sent the head.
    func call(
        end: Bool = false, deadline: Duration? = nil, answersOnce: Bool = false
    ) -> (driver: CallDriver, caller: TestStream) {
        let caller = TestStream()
        let call = CallHead(
            method: Self.method, caller: "me", deadline: deadline.map(timers.now.advanced), startedAt: timers.now,
            request: [":path": "/p.S/M"], answersOnce: answersOnce)
        let driver = CallDriver(call, through: stack, end: end, from: caller, in: environment)
        driver.start()
        return (driver, caller)
    }

    func layer(
        _ name: String, answers: [Admission] = [], verdicts: [Verdict] = [], hasGates: Bool = false,
        repeatsCalls: Bool = false
    ) -> TestLayer {
        TestLayer(name, journal, answers: answers, verdicts: verdicts, hasGates: hasGates, repeatsCalls: repeatsCalls)
    }
}
