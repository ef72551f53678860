import Bytes
import Timebase

// The way inwards, through layers and picks to an exchange, and all the waiting.
extension CallDriver {
    /// Goes on from where the call stands. `answer` is what the next layer said already.
    func walk(after answer: Admission? = nil, at now: Instant) {
        phase = .walking
        var answer = answer
        while true {
            if layer < stack.stepCount {
                let admission = answer ?? stack.steps[layer].admit(call, waiting: nil, at: now)
                answer = nil
                switch admission {
                case .go(let token, let deadline): hold(token, before: deadline, at: now)
                case .wait(let waiting): return wait(waiting, at: now)
                case .refuse(let failure): return refuse(failure)
                }
            } else {
                switch stack.core {
                case .exchanger(let exchanger): return open(on: exchanger, at: now)
                case .refusal(let failure): return refuse(failure)
                case .picker(let picker):
                    switch picker.pick(for: call, after: call.attempts, at: now) {
                    case .use(let inner, let isPanic): enter(inner, isPanic: isPanic)
                    case .wait: return waitToPick(picker, at: now)
                    case .refuse(let failure): return refuse(failure)
                    }
                case .hedge(let hedging, let inner):
                    guard let plan = hedging.plan(for: call) else {
                        enter(inner, isPanic: call.isPanic)
                        continue
                    }
                    return open(hedging, plan, through: inner, at: now)
                }
            }
        }
    }

    private func hold(_ token: UInt64, before deadline: Instant, at now: Instant) {
        let outside = call.deadline ?? .distantFuture
        if stack.steps[layer].hearsEndings {
            held.append(
                HeldLayer(
                    stack: place, token: token, admittedAt: now, deadline: outside, depth: Int32(depth),
                    layer: Int32(layer)))
        }
        if deadline < outside { call.deadline = deadline }
        layer += 1
    }

    private func enter(_ inner: consuming Stack, isPanic: Bool) {
        if !inner.name.isEmpty { call.endpoint = inner.name }
        call.isPanic = isPanic
        layer = 0
        depth += 1
        place = .passUnretained(inner)
        if depth == 1 { picked = inner } else { further.append(inner) }
    }

    private func open(on exchanger: any Exchanger, at now: Instant) {
        phase = .attempting
        let remaining = call.deadline.map { max(now.duration(to: $0) - environment.hopAllowance, .microseconds(1)) }
        environment.dialect.prepare(&call.request, remaining: remaining, attempt: call.attempt)
        let attempt = Attempt(of: self)
        let intent = CallIntent(
            destination: call.method.service, deadline: call.deadline, waitsForReady: call.waitsForReady)
        begin(attempt, on: exchanger.open(intent, handler: attempt), at: now)
    }

    private func open(_ hedging: any Hedging, _ plan: HedgePlan, through inner: Stack, at now: Instant) {
        phase = .attempting
        let attempt = Attempt(of: self)
        let exchange = HedgedExchange(
            call, by: hedging, plan, through: inner, executor: downstream.executor, handler: attempt, in: environment)
        begin(attempt, on: exchange, at: now)
    }

    private func begin(_ attempt: consuming Attempt, on stream: consuming any ExchangeStream, at now: Instant) {
        // A method of the last attempt's stream may have led here.
        if let former = upstream.counted { formerStreams.append(former) }
        self.attempt = attempt
        upstream = StreamSlot(stream)
        answer = nil
        openedAt = now
        sentAt = nil
        let endsWithHead = body.isEmptyAndEnded
        if endsWithHead { body.sentEndWithHead() }
        upstream.send(head: call.request, end: endsWithHead)
        pump()
        if let deadline = call.deadline { arm(deadline) }
    }

    // MARK: Waiting for an endpoint

    private func waitToPick(_ picker: any Picker, at now: Instant) {
        guard stack.enqueueToPick(self, atMost: picker.mostWaiting) else {
            return refuse(
                Failure(
                    .queue, .queueFull, subject: stack.name,
                    detail: "\(picker.mostWaiting) calls wait for a connection already", reach: .neverSent))
        }
        phase = .picking
        if let deadline = call.deadline { arm(deadline) }
    }

    /// Something changed at the endpoints.
    func pickAgain() {
        if case .picking = phase { walk(at: now) }
    }

    // MARK: Waiting before a layer

    private func wait(_ waiting: Waiting, at now: Instant) {
        guard stack.enqueue(self, waiting, beforeLayer: layer) else {
            stack.layers[layer].left(call, waiting: waiting, at: now)
            return refuse(Failure(.queue, .queueFull, subject: stack.name, reach: .neverSent))
        }
        phase = .waiting(waiting)
        arm(min(waiting.until, call.deadline ?? .distantFuture))
    }

    /// A place became free, or the time to wait is over.
    func askAgain() {
        guard case .waiting(let waiting) = phase else { return }
        let now = now
        let admission = stack.layers[layer].admit(call, waiting: waiting, at: now)
        if case .wait(let next) = admission {
            precondition(next.gate == waiting.gate, "a call waits at one gate")
            phase = .waiting(next)
            arm(min(next.until, call.deadline ?? .distantFuture))
            return
        }
        stack.forget(self, waiting, beforeLayer: layer)
        walk(after: admission, at: now)
    }

    /// Whatever it waits for: the call does so no more.
    func leaveQueues() {
        switch phase {
        case .waiting(let waiting): leaveQueue(waiting)
        case .picking: stack.forgetPick(of: self)
        case .walking, .pausing, .attempting, .answered, .over: break
        }
    }

    private func leaveQueue(_ waiting: Waiting) {
        stack.forget(self, waiting, beforeLayer: layer)
        stack.layers[layer].left(call, waiting: waiting, at: now)
    }

    // MARK: Time

    /// Sees to it that `timeCame` is called at `due`, or earlier: whoever comes early looks again.
    func arm(_ due: Instant) {
        guard due < timerDue else { return }
        timer?.cancel()
        timerDue = due
        timer = environment.timers.timer(at: due) { self.timeCame() }
    }

    func disarm() {
        timer?.cancel()
        timer = nil
        timerDue = .distantFuture
    }

    private func timeCame() {
        timer = nil
        timerDue = .distantFuture
        let now = now
        let deadline = call.deadline ?? .distantFuture
        switch phase {
        case .walking, .over:
            break
        case .waiting(let waiting) where now >= deadline:
            leaveQueue(waiting)
            refuse(
                Failure(
                    .queue, .deadline, subject: stack.name, detail: "the deadline passed in the queue",
                    reach: .neverSent))
        case .picking where now >= deadline:
            leaveQueues()
            refuse(
                Failure(
                    .pick, .deadline, subject: stack.name, detail: "no endpoint was ready before the deadline",
                    reach: .neverSent))
        case .picking:
            arm(deadline)
        case .waiting(let waiting):
            now >= waiting.until ? askAgain() : arm(min(waiting.until, deadline))
        case .pausing(let until):
            now >= until ? walk(at: now) : arm(until)
        case .attempting where now >= deadline:
            fail(Failure(.wait, .deadline, subject: call.endpoint, detail: "no answer before the deadline"))
        case .attempting:
            arm(deadline)
        case .answered(let lingering):
            now >= lingering ? downstream.reset(.noError) : arm(lingering)
        }
    }
}
