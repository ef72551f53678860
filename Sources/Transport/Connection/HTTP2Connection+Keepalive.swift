import Exchange
import HTTP2
import Reactor
import Timebase

/// Counts pings that come too often (gRFC A8): a client that asks every second costs a server with many of them more than
/// their calls do.
///
/// Two pings must be `interval` apart, or, while no call is open, as far as `idleInterval` says. What we send in between
/// forgives all: a client that measures the path of its data asks just then.
struct PingStrikes {
    private var last: Instant?
    private var strikes = 0

    /// A ping came. True if it is one too many.
    mutating func take(at now: Instant, interval: Duration, limit: Int) -> Bool {
        defer { last = now }
        guard let last, last.duration(to: now) < interval else { return false }
        strikes += 1
        return strikes > limit
    }

    mutating func forgive() {
        last = nil
        strikes = 0
    }
}

// MARK: - Pings of ours

extension HTTP2Connection {
    static let tooManyPings = "too_many_pings"

    /// Asks a peer that has said nothing for a while whether it is there. Anything that it says is an answer.
    ///
    ///     quiet for `interval` ──ping──▶ waiting ──anything──▶ quiet again
    ///                                      └──`keepaliveTimeout`──▶ broken off
    func checkAlive(after delay: Duration) {
        later(delay) { $0.lookAlive() }
    }

    private func lookAlive() {
        guard let interval = observer?.keepalive else { return }
        let heard = wire.traffic.lastReceived ?? startedAt
        if let sent = pingSentAt, heard <= sent {
            let waited = sent.duration(to: loop.now)
            if waited < limits.keepaliveTimeout {
                checkAlive(after: min(limits.keepaliveTimeout - waited, interval))
            } else {
                wire.abort(Failure(.wait, .peerClosed, detail: "the peer did not answer a ping"))
            }
            return
        }
        pingSentAt = nil
        let quiet = heard.duration(to: loop.now)
        guard quiet >= interval else {
            checkAlive(after: interval - quiet)
            return
        }
        guard streams.count > 0 || limits.keepaliveWithoutCalls else {
            checkAlive(after: interval)
            return
        }
        pingSentAt = loop.now
        keepalivesSent += 1
        session.ping(HTTP2Connection.keepalivePing)
        wire.wantsFlush()
        // An answered ping's successor is due after the interval, an unanswered one's end after the timeout.
        checkAlive(after: min(limits.keepaliveTimeout, interval))
    }
}

// MARK: - Pings of the peer

extension HTTP2Connection {
    func heardPing() {
        guard acceptor != nil, limits.maxPingStrikes > 0 else { return }
        let isIdle = streams.count == 0 && !limits.permitsPingsWithoutCalls
        let interval = isIdle ? limits.pingIntervalWithoutCalls : limits.pingInterval
        guard pingStrikes.take(at: loop.now, interval: interval, limit: limits.maxPingStrikes) else { return }
        session.goAway(code: ResetCode.enhanceYourCalm.rawValue, debug: HTTP2Connection.tooManyPings)
        end(Failure(.receive, .protocolError, detail: "the peer sent pings too often", code: .enhanceYourCalm))
    }
}

// MARK: - Peers that take nothing

extension HTTP2Connection {
    /// Looks, while there are streams, whether each that has something to send got some of it away: a peer that opens
    /// streams and no windows holds our memory, for nothing (rpc: "zero-window hold").
    func watchStreams() {
        guard !watchesStreams, let limit = limits.streamWriteTimeout else { return }
        watchesStreams = true
        later(limit / 4) {
            $0.watchesStreams = false
            guard $0.streams.count > 0 else { return }
            for stream in $0.streams.all where $0.isStalled(stream, limit) { $0.giveUp(stream, limit) }
            $0.watchStreams()
        }
    }

    private func isStalled(_ stream: HTTP2Stream, _ limit: Duration) -> Bool {
        let queued = session.queuedBytes(on: stream.id)
        guard queued > 0 else {
            stream.stall = nil
            return false
        }
        let gone = stream.sentBytes - queued
        if let stall = stream.stall, stall.gone == gone { return stall.since.duration(to: loop.now) >= limit }
        stream.stall = (gone, loop.now)
        return false
    }

    private func giveUp(_ stream: HTTP2Stream, _ limit: Duration) {
        guard streams.remove(stream.id) != nil else { return }
        session.reset(stream.id, code: ResetCode.cancel.rawValue)
        counts.failed += 1
        let failure = Failure(
            .send, .cancelled, detail: "the peer gave no window for \(limit) while bytes waited", code: .cancel)
        if stream.leave(.failed(failure)) { givenUp.append((stream, .failed(failure))) }
        wire.wantsFlush()
    }
}
