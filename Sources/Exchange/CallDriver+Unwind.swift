import Bytes
import Timebase

// The way back: an ending is told to every layer that let the call go on, from the inside out, and then to the caller.
extension CallDriver {
    /// A policy of this side said no.
    func refuse(_ failure: Failure) {
        var outcome = environment.dialect.judge(failure)
        outcome.kind = .refused
        finish(outcome, with: .failure(failure), isComplete: false)
    }

    /// The attempt broke off, or its time was over.
    func fail(_ failure: Failure) {
        finish(environment.dialect.judge(failure), with: .failure(failure), isComplete: false)
    }

    /// An attempt ended, or the walk to one: layers hear of it, and if none wants another try, the caller does.
    ///
    /// `isComplete` says that the endpoint sent its whole response.
    func finish(_ outcome: Outcome, with finish: Finish, isComplete: Bool) {
        let now = now
        endAttempt(outcome, isComplete: isComplete, at: now)
        // Before the layers let go of what they hold for the call.
        if outcome.failure != nil { call.state = StackState(of: outermost, for: call, at: now) }
        guard unwind(outcome, at: now) else { return }
        let tellsOfAttempts =
            isComplete && outcome.kind != .success && (call.attempts.count > 1 || call.retriesAreSpent)
        deliver(tellsOfAttempts ? accompanied(finish) : finish, at: now)
    }

    private func accompanied(_ finish: Finish) -> Finish {
        switch finish {
        case .head(var head):
            environment.dialect.accompany(&head, of: call)
            return .head(head)
        case .trailers(var trailers):
            environment.dialect.accompany(&trailers, of: call)
            return .trailers(trailers)
        case .held(let head, var trailers):
            environment.dialect.accompany(&trailers, of: call)
            return .held(head, trailers)
        case .chunk, .failure:
            return finish
        }
    }

    /// Lets go of the current attempt: what it still hears is nobody's, and what it was sent is reset if it is not over.
    func endAttempt(_ outcome: Outcome, isComplete: Bool, at now: Instant) {
        if let attempt {
            if outcome.kind != .success || !call.attempts.isEmpty { record(outcome, wasOpened: true, at: now) }
            self.attempt = nil
            attempt.driver = nil
            if unconsumed > 0 { upstream.consume(unconsumed) }
            if !isComplete || !body.sentEnd {
                attempt.stream = upstream.counted
                upstream.reset(.cancel)
            }
        } else if outcome.kind == .refused, !call.endpoint.isEmpty {
            record(outcome, wasOpened: false, at: now)
        }
    }

    /// The attempt was not opened if the call did not get so far.
    private func record(_ outcome: Outcome, wasOpened: Bool, at now: Instant) {
        if case .hedge = stack.core, let inner = outcome.failure?.attempts, !inner.isEmpty {
            // What was one attempt to this driver was several to those below.
            call.attempts += inner
            waitsSince = now
            return
        }
        let openedAt = wasOpened ? openedAt : now
        // A pool that dialled first says when it was done.
        let connectedAt = min(now, max(openedAt, connectedAt(outcome.failure, wasOpened) ?? openedAt))
        let sentAt = body.sentEnd ? min(now, max(connectedAt, (wasOpened ? sentAt : nil) ?? connectedAt)) : now
        var record = AttemptRecord(
            endpoint: call.endpoint, waited: waitsSince.duration(to: openedAt), awaited: sentAt.duration(to: now),
            reason: outcome.failure?.reason ?? (outcome.kind == .success ? "ok" : "status \(outcome.status)"))
        record.connected = openedAt.duration(to: connectedAt)
        record.sent = connectedAt.duration(to: sentAt)
        var state = StackState()
        for layer in stack.layers { layer.describe(call, into: &state, at: now) }
        record.breaker = state.breaker
        call.attempts.append(record)
        waitsSince = now
    }

    /// nil if there was a connection at once; the distant future if there never was one.
    private func connectedAt(_ failure: Failure?, _ wasOpened: Bool) -> Instant? {
        switch failure?.phase {
        case .connect, .tls, .queue: .distantFuture
        default: wasOpened ? upstream.counted?.connectedAt : nil
        }
    }

    /// Tells the layers, innermost first. Answers false if one of them has the call tried again.
    func unwind(_ outcome: Outcome, at now: Instant) -> Bool {
        var outcome = outcome
        outcome.endedAt = now
        outcome.isReplayable = outcome.kind != .cancelled && !isCommitted && body.isReplayable
        while let last = held.popLast() {
            call.deadline = last.deadline == .distantFuture ? nil : last.deadline
            outcome.admittedAt = last.admittedAt
            let verdict = last.stack._withUnsafeGuaranteedRef { stack in
                let verdict = stack.steps[Int(last.layer)].ended(call, token: last.token, as: outcome, at: now)
                stack.wake(layer: Int(last.layer), token: last.token)
                return verdict
            }
            if case .spent = verdict { call.retriesAreSpent = true }
            guard outcome.isReplayable else { continue }
            switch verdict {
            case .done, .spent:
                continue
            case .again(let delay):
                if case .after = outcome.pushback { call.pushedBackAt = call.attempt }
                call.attempt += 1
                tryAgain(from: last, after: delay, at: now)
            case .transparently:
                call.unseenAttempts += 1
                if outcome.failure?.reach == .notProcessed { call.wasRefusedUnprocessed = true }
                tryAgain(from: last, after: .zero, at: now)
            }
            return false
        }
        return true
    }

    private func tryAgain(from last: HeldLayer, after delay: Duration, at now: Instant) {
        body.rewind()
        place = last.stack
        depth = Int(last.depth)
        further.removeLast(max(0, further.count - max(0, depth - 1)))
        layer = Int(last.layer)
        call.endpoint = ""
        call.isPanic = false
        guard delay > .zero else { return walk(at: now) }
        let until = now.advanced(by: delay)
        phase = .pausing(until: until)
        arm(until)
    }

    private func deliver(_ finish: Finish, at now: Instant) {
        let lingering = now.advanced(by: Self.lingering)
        phase = .answered(lingering: lingering)
        disarm()
        let unread = body.heldBytes
        if unread > 0 { downstream.consume(unread) }
        if !body.hasEnd { arm(lingering) }
        switch finish {
        case .head(let head): downstream.send(head: head, end: true)
        case .chunk(let chunk): downstream.send(chunk, end: true)
        case .trailers(let trailers): downstream.send(trailers: trailers)
        case .held(let head, let trailers):
            downstream.send(head: head, end: false)
            downstream.send(trailers: trailers)
        case .failure(let failure): deliver(failure)
        }
    }

    private func deliver(_ failure: Failure) {
        let dialect = environment.dialect
        var told = failure
        told.attempts = call.attempts
        if downstream.fail(told) { return }
        if !isCommitted {
            downstream.send(head: dialect.answer(to: failure, of: call, after: call.attempts), end: true)
        } else if let trailers = dialect.trailers(for: failure, of: call, after: call.attempts) {
            downstream.send(trailers: trailers)
        } else {
            downstream.reset(failure.code ?? .internalError)
        }
    }

    func enterOver() {
        phase = .over
        disarm()
    }
}
