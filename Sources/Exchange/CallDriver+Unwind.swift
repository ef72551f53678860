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
        if unwind(outcome, at: now) { deliver(finish, at: now) }
    }

    /// Lets go of the current attempt: what it still hears is nobody's, and what it was sent is reset if it is not over.
    func endAttempt(_ outcome: Outcome, isComplete: Bool, at now: Instant) {
        if let attempt {
            if outcome.kind != .success { record(outcome, openedAt: attempt.openedAt, at: now) }
            self.attempt = nil
            attempt.driver = nil
            if unconsumed > 0 { attempt.stream?.consume(unconsumed) }
            if !isComplete || !body.sentEnd { attempt.stream?.reset(.cancel) }
        } else if outcome.kind == .refused, !call.endpoint.isEmpty {
            record(outcome, openedAt: now, at: now)
        }
    }

    private func record(_ outcome: Outcome, openedAt: Instant, at now: Instant) {
        attempts.append(
            AttemptRecord(
                endpoint: call.endpoint, waited: waitsSince.duration(to: openedAt), awaited: openedAt.duration(to: now),
                reason: outcome.failure?.reason ?? "status \(outcome.status)"))
        waitsSince = now
    }

    /// Tells the layers, innermost first. Answers false if one of them has the call tried again.
    func unwind(_ outcome: Outcome, at now: Instant) -> Bool {
        var outcome = outcome
        outcome.endedAt = now
        outcome.isReplayable = outcome.kind != .cancelled && !isCommitted && body.isReplayable
        var (stack, depth) = (stack, depth)
        var layers = stack.layers
        while let last = held.popLast() {
            if last.depth != depth {
                (stack, depth) = (last.stack, last.depth)
                layers = stack.layers
            }
            call.deadline = last.deadline
            outcome.admittedAt = last.admittedAt
            let verdict = layers[last.layer].ended(call, token: last.token, as: outcome, at: now)
            stack.wake(layer: last.layer, token: last.token)
            guard outcome.isReplayable else { continue }
            switch verdict {
            case .done:
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

    private func tryAgain(from last: Held, after delay: Duration, at now: Instant) {
        body.rewind()
        stack = last.stack
        depth = last.depth
        between.removeLast(max(0, between.count - max(0, depth - 1)))
        layer = last.layer
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
        told.attempts = attempts
        if downstream.fail(told) { return }
        if !isCommitted {
            downstream.send(head: dialect.answer(to: failure, of: call, after: attempts), end: true)
        } else if let trailers = dialect.trailers(for: failure, of: call, after: attempts) {
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
