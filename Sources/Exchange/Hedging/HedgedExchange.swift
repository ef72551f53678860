import Bytes
import Timebase

/// One call as several attempts at the same time, of which the first good answer wins: an exchange to its driver, and to
/// each attempt a caller.
///
///     driver ──▶ HedgedExchange ──▶ HedgeBranch ──▶ CallPort ──▶ CallDriver ──inner stack──▶ endpoint a
///                        │      └─▶ HedgeBranch ──▶ CallPort ──▶ CallDriver ──inner stack──▶ endpoint b
///                        └─ keeps the request until an attempt has won
///
/// Every attempt is a call of its own through the inner stack: it picks, waits and is measured like any other. An attempt
/// wins when something of its answer must go on (see `CallDriver` on committing), or by any ending that is not non-fatal;
/// the others are reset then. If all end non-fatally, the last ending is the call's. A request larger than may be kept
/// commits the call to the attempt that has taken most of it.
final class HedgedExchange: ExchangeStream {
    let executor: any TaskExecutor
    let call: CallHead
    private let hedging: any Hedging
    private let inner: Stack
    let environment: CallDriver.Environment
    private var handler: (any ExchangeHandler)?
    private let startedAt: Instant
    private var schedule: HedgeSchedule
    private var timer: (any CancellableTimer)?

    private var branches: [HedgeBranch] = []
    private var winner: HedgeBranch?
    /// How the call ends if no attempt is left.
    private var lastAnswer: HedgeBranch.Answer?
    private var tried: [AttemptRecord] = []

    private var head = Fields()
    private var kept: [Chunk] = []
    private var keptBytes = 0
    private var trailers: Fields?
    private(set) var requestHasEnded = false

    init(
        _ call: CallHead, by hedging: any Hedging, _ plan: HedgePlan, through inner: Stack, executor: any TaskExecutor,
        handler: any ExchangeHandler, in environment: CallDriver.Environment
    ) {
        self.call = call
        self.hedging = hedging
        self.inner = inner
        self.executor = executor
        self.handler = handler
        self.environment = environment
        startedAt = environment.timers.now
        schedule = HedgeSchedule(plan, at: startedAt)
    }

    deinit {
        environment.replay.give(keptBytes)
    }

    // MARK: The request

    func send(head: Fields, end: Bool) {
        self.head = head
        requestHasEnded = end
        advance()
    }

    func send(_ chunk: Chunk, end: Bool) {
        guard handler != nil else { return }
        requestHasEnded = end
        if winner == nil { keep(chunk) }
        if let winner { return winner.port?.send(chunk, end: end) ?? () }
        for branch in branches { branch.port?.send(chunk, end: end) }
    }

    func send(trailers: Fields) {
        guard handler != nil else { return }
        requestHasEnded = true
        self.trailers = trailers
        if let winner { return winner.port?.send(trailers: trailers) ?? () }
        for branch in branches { branch.port?.send(trailers: trailers) }
    }

    private func keep(_ chunk: Chunk) {
        if keptBytes + chunk.count <= environment.replay.perCall, environment.replay.take(chunk.count) {
            kept.append(chunk)
            keptBytes += chunk.count
        } else if let first = branches.max(by: { ($0.port?.room ?? 0) < ($1.port?.room ?? 0) }) {
            decide(for: first)
        } else {
            schedule.stop()
            advance()
        }
    }

    func reset(_ code: ResetCode) {
        end(.failed(Failure(.relay, .cancelled, reach: .unknown, code: code)))
    }

    func consume(_ count: Int) { winner?.port?.consume(count) }

    /// What is not decided yet is kept, and that has its own bound.
    var room: Int { winner.map { $0.port?.room ?? 0 } ?? CallPort.window }

    // MARK: Attempts

    /// Begins what is due.
    private func advance() {
        guard handler != nil, winner == nil else { return }
        let now = environment.timers.now
        while handler != nil, winner == nil, let due = schedule.due, due <= now {
            if schedule.begun > 0, !hedging.mayHedge(call, at: now) {
                schedule.stop()
            } else {
                begin(at: now)
            }
        }
        timer?.cancel()
        timer = nil
        guard handler != nil, winner == nil else { return }
        if let due = schedule.due {
            timer = environment.timers.timer(at: due) { [weak self] in self?.advance() }
        } else if branches.isEmpty, let lastAnswer {
            deliver(lastAnswer)
        }
    }

    private func begin(at now: Instant) {
        schedule.began(at: now)
        let attempt = CallHead(
            method: call.method, caller: call.caller, deadline: call.deadline, startedAt: now, request: head,
            waitsForReady: call.waitsForReady, answersOnce: call.answersOnce)
        attempt.attempt = schedule.begun
        attempt.isPanic = call.isPanic
        attempt.avoids = branches.map(\.call.endpoint) + tried.map(\.endpoint)
        let branch = HedgeBranch(attempt, of: self)
        branches.append(branch)
        let endsWithHead = requestHasEnded && kept.isEmpty && trailers == nil
        branch.begin(through: inner, head, end: endsWithHead)
        for (index, chunk) in kept.enumerated() {
            branch.port?.send(chunk, end: requestHasEnded && trailers == nil && index == kept.count - 1)
        }
        if let trailers { branch.port?.send(trailers: trailers) }
    }

    /// An attempt is the call from here on.
    func decide(for branch: HedgeBranch) {
        guard winner == nil else { return }
        winner = branch
        // Who looks at the call sees where its answer comes from.
        call.endpoint = branch.call.endpoint
        settle(except: branch)
    }

    /// No more attempts begin, and those under way but one are given up.
    private func settle(except kept: HedgeBranch?) {
        schedule.stop()
        timer?.cancel()
        timer = nil
        self.kept = []
        environment.replay.give(keptBytes)
        keptBytes = 0
        let others = branches.filter { $0 !== kept }
        branches = kept.map { [$0] } ?? []
        for branch in others { branch.giveUp() }
    }

    // MARK: The answer

    /// What the winner hears goes on.
    var listener: (any ExchangeHandler)? { handler }

    func answered(_ branch: HedgeBranch, _ outcome: Outcome, with answer: HedgeBranch.Answer) {
        branches.removeAll { $0 === branch }
        let now = environment.timers.now
        hedging.ended(branch.call, as: outcome, at: now)
        if outcome.kind == .success {
            hedging.answered(
                call, after: startedAt.duration(to: now), byFirst: branch.call.attempt == 1, at: now)
        }
        guard winner == nil, outcome.kind != .success, schedule.plan.nonFatal.contains(status: outcome.status) else {
            if case .failure = answer { note(branch, outcome) }
            return deliver(answer)
        }
        note(branch, outcome)
        lastAnswer = answer
        schedule.failed(outcome.pushback, at: now)
        branch.giveUp()
        advance()
    }

    private func note(_ branch: HedgeBranch, _ outcome: Outcome) {
        let known = outcome.failure?.attempts ?? []
        tried.append(
            contentsOf: known.isEmpty
                ? [
                    AttemptRecord(
                        endpoint: branch.call.endpoint, waited: call.startedAt.duration(to: branch.call.startedAt),
                        awaited: branch.call.startedAt.duration(to: environment.timers.now),
                        reason: outcome.failure?.reason ?? "status \(outcome.status)")
                ] : known)
    }

    private func deliver(_ answer: HedgeBranch.Answer) {
        guard let handler else { return }
        switch answer {
        case .passedOn:
            break
        case .head(let head):
            handler.heard(head: head, end: true)
        case .held(let head, let trailers):
            handler.heard(head: head, end: false)
            handler.heard(trailers: trailers)
        case .failure(var failure):
            failure.attempts = tried
            return end(.failed(failure))
        }
        end(.complete)
    }

    /// The last news for the driver.
    private func end(_ ending: Ending) {
        guard let handler else { return }
        self.handler = nil
        settle(except: nil)
        winner = nil
        handler.ended(ending)
    }
}

/// One attempt of a hedged call, as its caller.
final class HedgeBranch: ExchangeHandler {
    /// How an attempt ended.
    enum Answer {
        case head(Fields)
        case held(Fields, Fields)
        case failure(Failure)
        /// The whole of it went on as it came.
        case passedOn
    }

    let call: CallHead
    private(set) var port: CallPort?
    private var group: HedgedExchange?
    private var head: Fields?
    private var hasWon = false

    init(_ call: CallHead, of group: HedgedExchange) {
        self.call = call
        self.group = group
    }

    func begin(through inner: Stack, _ head: Fields, end: Bool) {
        guard let group else { return }
        let port = CallPort(executor: group.executor, handler: self) { [call, environment = group.environment] in
            CallDriver(call, through: inner, end: $1, from: $2, in: environment)
        }
        self.port = port
        port.send(head: head, end: end)
    }

    /// Nobody wants its answer any more.
    func giveUp() {
        group = nil
        port?.reset(.cancel)
        port = nil
    }

    // MARK: Its answer

    func heard(head: Fields, end: Bool) {
        guard let group else { return }
        if end { return group.answered(self, judge(head, nil), with: .head(head)) }
        self.head = head
        if !(call.answersOnce && group.requestHasEnded) { win() }
    }

    func heard(_ chunk: Chunk, end: Bool) {
        guard let group else { return }
        win()
        group.listener?.heard(chunk, end: end)
        if end { group.answered(self, judge(head ?? Fields(), nil), with: .passedOn) }
    }

    func heard(trailers: Fields) {
        guard let group else { return }
        let outcome = judge(head ?? Fields(), trailers)
        if hasWon { group.listener?.heard(trailers: trailers) }
        group.answered(self, outcome, with: hasWon ? .passedOn : .held(head ?? Fields(), trailers))
    }

    func hasRoom() {
        if hasWon { group?.listener?.hasRoom() }
    }

    func ended(_ ending: Ending) {
        port = nil
        guard let group else { return }
        self.group = nil
        if case .failed(let failure) = ending {
            group.answered(self, group.environment.dialect.judge(failure), with: .failure(failure))
        }
    }

    private func win() {
        guard !hasWon, let group else { return }
        hasWon = true
        group.decide(for: self)
        if let head { group.listener?.heard(head: head, end: false) }
    }

    private func judge(_ head: Fields, _ trailers: Fields?) -> Outcome {
        group?.environment.dialect.judge(head: head, trailers: trailers) ?? Outcome(.cancelled)
    }
}
