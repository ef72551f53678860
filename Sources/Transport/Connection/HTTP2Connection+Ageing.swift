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
            owesGoAway = true
            wire.wantsFlush()
            return
        }
        life = .noticed
        session.shutdownNotice()
        mustPing = true
        wire.wantsFlush()
        observer?.beganDraining(self)
        later(limits.drainNotice) { $0.finishDrain() }
    }

    /// A client's GOAWAY follows the heads of all its streams: engines write it before what is queued, and a server that
    /// counts no streams when it hears it closes at once, with those heads on their way.
    func sayGoAway() {
        guard owesGoAway else { return }
        owesGoAway = false
        session.goAway(code: ResetCode.noError.rawValue)
        wire.wantsFlush()
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

    /// When no call has been open for a moment, the session gives back what it keeps for the next ones: most connections
    /// of a mesh are idle most of the time.
    func restLater() {
        guard !rests else { return }
        rests = true
        later(HTTP2Connection.restTime) { $0.rest() }
    }

    private func rest() {
        rests = false
        guard streams.count == 0 else { return }
        if lastActivity.duration(to: loop.now) < HTTP2Connection.restTime {
            restLater()
        } else {
            streams.trim()
            session.trim()
        }
    }

    /// Long enough that a connection which is used all the time never rests.
    static let restTime: Duration = .seconds(1)

    func startTimers() {
        restLater()
        if let age = oldestAge() { later(age) { $0.becomeOld() } }
        if let idle = limits.idleTimeout { checkIdle(after: idle) }
        if let keepalive = observer?.keepalive { checkAlive(after: keepalive) }
    }

    /// Streams may finish, but not for ever: past the grace they are broken off (gRFC A9).
    private func becomeOld() {
        beginDrain()
        guard let grace = limits.maxAgeGrace else { return }
        later(grace) {
            $0.end(Failure(.relay, .draining, detail: "the connection's age is over, and \(grace) of grace"))
        }
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
        later(delay) {
            guard $0.life == .ready else { return }
            let idle = $0.streams.count == 0 ? $0.lastActivity.duration(to: $0.loop.now) : .zero
            if idle >= limit { $0.beginDrain() } else { $0.checkIdle(after: limit - idle) }
        }
    }

    /// Does `action` after `delay`, unless the connection is over before: a timer must not outlive it.
    func later(_ delay: Duration, _ action: @escaping (HTTP2Connection) -> Void) {
        guard life < .over else { return }
        timers.removeAll { !$0.isPending }
        timers.append(loop.schedule(after: delay) { [unowned self] in action(self) })
    }
}
