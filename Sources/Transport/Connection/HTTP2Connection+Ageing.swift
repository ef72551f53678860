import Exchange
import HTTP2
import Reactor
import Timebase

// MARK: - Ageing and draining

extension HTTP2Connection {
    /// Ends the connection without losing an exchange, in two steps (RFC 9113 §6.8): a notice that allows what is under
    /// way, then, when the peer must have read it, the id of the last stream that is served.
    func beginDrain() {
        guard life < .noticed else { return }
        if acceptor == nil || life == .beginning {
            life = .draining
            observer?.beganDraining(self)
            session.goAway(code: ResetCode.noError.rawValue)
            wire.wantsFlush()
            return
        }
        life = .noticed
        session.shutdownNotice()
        mustPing = true
        wire.wantsFlush()
        observer?.beganDraining(self)
        timers.append(
            loop.schedule(after: limits.drainNotice) { [unowned self] in finishDrain() })
    }

    /// The notice went out: whoever answers a ping that follows has read it. In one flush the ping would overtake it.
    func pingAfterNotice() {
        guard mustPing else { return }
        mustPing = false
        session.ping(HTTP2Connection.drainPing)
        wire.wantsFlush()
    }

    func finishDrain() {
        guard life == .noticed else { return }
        life = .draining
        session.goAway(code: ResetCode.noError.rawValue)
        wire.wantsFlush()
    }

    func startTimers() {
        if let age = oldestAge() {
            timers.append(loop.schedule(after: age) { [unowned self] in beginDrain() })
        }
        if let idle = limits.idleTimeout { checkIdle(after: idle) }
        if let keepalive = limits.keepalive { checkAlive(after: keepalive) }
    }

    /// How old the connection may get: the limit, +-10 % so that connections of one deployment do not end together, and
    /// no older than the certificates that it was made with, less a margin.
    private func oldestAge() -> Duration? {
        var age = limits.maxAge.map { limit in
            var chance = loop.chance()
            return limit * (0.9 + 0.2 * chance.fraction())
        }
        if let end = wire.certificateEnd {
            let left = Duration.seconds(end.seconds - loop.wall.seconds)
            // A certificate that is nearly over still serves a while: half of what it has left.
            let allowed = left > limits.certificateMargin * 2 ? left - limits.certificateMargin : left / 2
            age = min(age ?? allowed, allowed)
        }
        return age
    }

    private func checkIdle(after delay: Duration) {
        guard let limit = limits.idleTimeout else { return }
        let timer = loop.schedule(after: delay) { [unowned self] in
            guard life == .ready else { return }
            let idle = streams.count == 0 ? lastActivity.duration(to: loop.now) : .zero
            if idle >= limit { beginDrain() } else { checkIdle(after: limit - idle) }
        }
        replaceFired(with: timer)
    }

    private func checkAlive(after delay: Duration) {
        let timer = loop.schedule(after: delay) { [unowned self] in
            guard let interval = limits.keepalive, life < .over else { return }
            if let sent = pingSentAt {
                guard sent.duration(to: loop.now) < limits.keepaliveTimeout else {
                    wire.abort(Failure(.wait, .peerClosed, detail: "the peer did not answer a ping"))
                    return
                }
                checkAlive(after: limits.keepaliveTimeout - sent.duration(to: loop.now))
                return
            }
            if lastActivity.duration(to: loop.now) >= interval {
                pingSentAt = loop.now
                session.ping(HTTP2Connection.keepalivePing)
                wire.wantsFlush()
                checkAlive(after: limits.keepaliveTimeout)
            } else {
                checkAlive(after: interval - lastActivity.duration(to: loop.now))
            }
        }
        replaceFired(with: timer)
    }

    private func replaceFired(with timer: LoopTimer) {
        timers.removeAll { !$0.isPending }
        timers.append(timer)
    }
}
