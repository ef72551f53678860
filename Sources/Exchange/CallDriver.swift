public import Bytes
import Timebase

/// Drives one call through the layers of a stack to an exchange, and back: the one place that waits.
///
///     walking ──go──▶ ... ──▶ attempting ──response ends──▶ answered ──▶ over
///        │ ▲                      │
///        │ └──woken, or time──  waiting (before a layer), picking (no endpoint is ready)
///        │ ▲                      │
///        │ └──after a delay──  pausing (before a retry) ◀──again── an attempt failed
///        └──refuse──▶ answered
///
/// It hears the caller (as the handler of the caller's stream) and, through an `Attempt`, the endpoint. Once anything of a
/// response was passed on the call is *committed* and never repeated (gRFC A6). That is when its head comes, unless the head
/// is all of it ("Trailers-Only"), with one exception: where a layer may repeat the call, the request is over, and the
/// answer is one message at most, the head waits for that message, or for the trailers. A head alone is no use to such a
/// caller, and a server that sent one before it failed can then be left like any other. The head of a stream of messages is
/// passed on at once, since its reader may wait for it. Bytes are taken from one side only as fast as the other takes them.
/// Each layer that said `go` hears `ended` exactly once.
public final class CallDriver: ExchangeHandler {
    /// What all calls of a loop share.
    public final class Environment: Sendable {
        public let timers: any CallTimers
        public let dialect: any CallDialect
        public let replay: ReplayBudget
        /// What this hop keeps back of the time that it passes on.
        public let hopAllowance: Duration

        public init(
            timers: any CallTimers, dialect: any CallDialect, replay: ReplayBudget = .process,
            hopAllowance: Duration = CallDriver.hopAllowance
        ) {
            self.timers = timers
            self.dialect = dialect
            self.replay = replay
            self.hopAllowance = hopAllowance
        }
    }

    enum Phase {
        case walking
        case waiting(Waiting)
        /// No endpoint is ready: the picker says when to ask again.
        case picking
        case pausing(until: Instant)
        case attempting
        /// The caller has its answer; the rest of its request is read and dropped until then.
        case answered(lingering: Instant)
        case over
    }

    /// How the caller's response ends.
    enum Finish {
        case head(Fields)
        case chunk(Chunk)
        case trailers(Fields)
        /// A head that was held back, and the trailers that came without a message.
        case held(Fields, Fields)
        case failure(Failure)
    }

    /// How long the rest of a request is read after its answer: a reset at once could overtake the answer.
    static let lingering: Duration = .seconds(2)
    /// What a hop keeps back of the time that it passes on, so that the next hop's own answer arrives before this one gives
    /// up, and what is passed on is smaller at each hop.
    public static let hopAllowance: Duration = .milliseconds(1)

    // Dynamic exclusivity checks were an eighth of what a call costs. What is marked is never held across a call that could
    // come back here: it is read or replaced whole, or changed by a method that calls nobody.
    let environment: Environment
    let downstream: any ExchangeStream
    public let call: CallHead
    @exclusivity(unchecked) var phase = Phase.walking
    @exclusivity(unchecked) var body: ReplayBuffer
    let outermost: Stack
    /// The stack that the outermost one's picker chose.
    @exclusivity(unchecked) var picked: Stack?
    /// Stacks inside that one, which a call seldom has.
    @exclusivity(unchecked) var further: [Stack] = []
    /// The stack that the call is in: one of those above.
    @exclusivity(unchecked) var place: Unmanaged<Stack>
    /// How many stacks lie around it.
    @exclusivity(unchecked) var depth = 0
    /// The layer of `stack` that comes next.
    @exclusivity(unchecked) var layer = 0
    @exclusivity(unchecked) var held = HeldLayers()
    @exclusivity(unchecked) var attempt: Attempt?
    /// What the attempt's endpoint is sent on, and those of earlier attempts.
    @exclusivity(unchecked) var upstream = StreamSlot()
    @exclusivity(unchecked) var formerStreams: [any ExchangeStream] = []
    /// The response's head. Until the call is committed, the caller has not got it.
    @exclusivity(unchecked) var answer: Fields?
    @exclusivity(unchecked) var openedAt: Instant
    /// When the request's last byte went out, if that was later than its head.
    @exclusivity(unchecked) var sentAt: Instant?
    /// When the call arrived, or its attempt before this ended.
    @exclusivity(unchecked) var waitsSince: Instant
    @exclusivity(unchecked) var isCommitted = false
    /// Bytes of the response that the caller has no room for yet.
    @exclusivity(unchecked) var unconsumed = 0
    @exclusivity(unchecked) var timer: (any CancellableTimer)?
    @exclusivity(unchecked) var timerDue = Instant.distantFuture

    /// `end` says that nothing follows the head of the request.
    public init(
        _ call: CallHead, through stack: Stack, end: Bool, from downstream: any ExchangeStream,
        in environment: Environment
    ) {
        self.environment = environment
        self.downstream = downstream
        place = .passUnretained(stack)
        outermost = stack
        waitsSince = call.startedAt
        openedAt = call.startedAt
        self.call = call
        body = ReplayBuffer(keeps: stack.repeatsCalls, budget: environment.replay)
        if end { body.endWithHead() }
    }

    deinit {
        attempt?.driver = nil
    }

    var now: Instant { environment.timers.now }
    var stack: Stack { place.takeUnretainedValue() }

    /// Begins. Nothing is heard or sent before; call it once, on the loop.
    public func start() {
        walk(at: call.startedAt)
    }
}

// MARK: - What the caller sends

extension CallDriver {
    public func heard(head: Fields, end: Bool) {
        preconditionFailure("a caller sends one head, and it was given to the driver")
    }

    public func heard(_ chunk: Chunk, end: Bool) {
        if isAnswered {
            downstream.consume(chunk.count)
            if end { disarm() }
            return
        }
        if passStraight(chunk, end: end) { return }
        switch body.append(chunk, end: end) {
        case .kept:
            pump()
        case .noRoom:
            downstream.consume(chunk.count)
            leaveQueues()
            fail(
                Failure(
                    .limit, .quota, subject: "replay", detail: "requests fill the memory kept for them",
                    reach: attempt == nil ? .neverSent : .unknown))
        }
    }

    public func heard(trailers: Fields) {
        if isAnswered { return disarm() }
        body.append(trailers: trailers)
        pump()
    }

    /// The end of a request that comes later than its head: how long its sending took is known by that alone.
    private func noteSent() {
        let now = now
        if attempt != nil, now > openedAt { sentAt = now }
    }

    /// The caller can take more of the response.
    public func hasRoom() {
        guard unconsumed > 0, attempt != nil else { return }
        let count = unconsumed
        unconsumed = 0
        upstream.consume(count)
    }

    /// The caller's stream is over: it has the whole answer, or it left.
    public func ended(_ ending: Ending) {
        switch phase {
        case .over:
            return
        case .answered:
            enterOver()
        case .walking, .waiting, .picking, .pausing, .attempting:
            leaveQueues()
            leave()
        }
    }

    private func leave() {
        var outcome = environment.dialect.judge(Failure(.relay, .cancelled, subject: call.endpoint))
        outcome.kind = .cancelled
        let now = now
        enterOver()
        endAttempt(outcome, isComplete: false, at: now)
        _ = unwind(outcome, at: now)
    }

    /// Ends the call with a failure that has nothing to do with how it goes: what it may do has changed. Answers false if
    /// its caller has the answer already.
    public func overrule(_ failure: Failure) -> Bool {
        if isAnswered { return false }
        leaveQueues()
        refuse(failure)
        return true
    }

    private var isAnswered: Bool {
        switch phase {
        case .answered, .over: true
        case .walking, .waiting, .picking, .pausing, .attempting: false
        }
    }

    /// Sends what the attempt has room for, and gives the caller its window back for what is sent for the first time.
    func pump() {
        while case .attempting = phase, body.hasNext, upstream.room > 0 {
            switch body.next() {
            case .chunk(let chunk, let end, let isFirstTime):
                if isFirstTime { downstream.consume(chunk.count) }
                upstream.send(chunk, end: end)
                if end { noteSent() }
            case .trailers(let trailers):
                upstream.send(trailers: trailers)
                noteSent()
            case nil:
                return
            }
        }
    }

    /// The short way for a request that is not kept: nothing stands before the chunk, and there is room.
    private func passStraight(_ chunk: Chunk, end: Bool) -> Bool {
        guard case .attempting = phase, body.mayPassStraight, upstream.room > 0 else { return false }
        body.passStraight(end: end)
        downstream.consume(chunk.count)
        upstream.send(chunk, end: end)
        if end { noteSent() }
        return true
    }
}

// MARK: - What the endpoint sends, by way of the current attempt

extension CallDriver {
    func attemptHeard(head: Fields, end: Bool) {
        if end {
            return finish(environment.dialect.judge(head: head, trailers: nil), with: .head(head), isComplete: true)
        }
        // An interim head is no answer yet, and gRPC has no use for one.
        if head.withValue(.status, { $0.first == UInt8(ascii: "1") }) == true { return }
        answer = head
        if call.answersOnce, body.isReplayable, body.hasEnd { return }
        commit(head)
    }

    /// The caller gets the head, and with it this attempt for good.
    private func commit(_ head: Fields) {
        isCommitted = true
        body.giveUpReplay()
        downstream.send(head: head, end: false)
    }

    func attemptHeard(_ chunk: Chunk, end: Bool) {
        guard attempt != nil else { return }
        if !isCommitted, let answer { commit(answer) }
        if end {
            upstream.consume(chunk.count)
            let outcome = environment.dialect.judge(head: answer ?? Fields(), trailers: nil)
            return finish(outcome, with: .chunk(chunk), isComplete: true)
        }
        downstream.send(chunk, end: false)
        if downstream.room > 0 {
            upstream.consume(chunk.count)
        } else {
            unconsumed += chunk.count
        }
    }

    func attemptHeard(trailers: Fields) {
        let outcome = environment.dialect.judge(head: answer ?? Fields(), trailers: trailers)
        finish(
            outcome, with: isCommitted ? .trailers(trailers) : .held(answer ?? Fields(), trailers), isComplete: true)
    }

    func attemptEnded(_ ending: Ending) {
        switch ending {
        case .failed(var failure):
            if failure.subject.isEmpty { failure.subject = call.endpoint }
            fail(failure)
        case .complete:
            fail(
                Failure(
                    .receive, .protocolError, subject: call.endpoint, detail: "the exchange ended without a response"))
        }
    }
}
