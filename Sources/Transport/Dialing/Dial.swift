import Exchange
import Reactor
import Timebase

/// One try to get a connection: look the name up, try its addresses, shake hands, hear the peer's SETTINGS.
///
/// Several addresses are tried as RFC 8305 ("happy eyeballs") says: the families in turn, the next address when one has
/// failed or has taken 250 ms, and those before it go on meanwhile. The first that speaks HTTP/2 to us, TLS and SETTINGS
/// included, wins: a middlebox that accepts and says nothing does not. The others are closed.
///
///     looking up ──▶ trying ──250 ms or a failure──▶ trying one more ──▶ succeeded: the others are closed
///         └───────────────── none is left, or the time is over ──▶ failed
///
/// All of it must happen within the limit's `dialTimeout`. Touched on its loop alone.
final class Dial: @unchecked Sendable {
    /// Addresses that are tried: a name with more of them has load balancing of its own.
    private static let maximumAddresses = 32
    /// Connections that are being made at the same time.
    private static let maximumAttempts = 8

    private let network: any Network
    private let loop: Loop
    private let pool: ConnectionPool
    private var addresses: [SocketAddress] = []
    private var timer: LoopTimer?
    /// Until the next address is tried although the last one has not failed.
    private var stagger: LoopTimer?
    private var attempts: [WireConnection] = []
    private var isOver = false
    /// Why the last address failed: what the dial fails with when no address is left.
    private var lastFailure: Failure?

    init(for pool: ConnectionPool, network: any Network) {
        self.network = network
        self.pool = pool
        loop = pool.loop
    }

    func start(timeout: Duration) {
        timer = loop.schedule(after: timeout) { [self] in timedOut(timeout) }
        guard pool.addresses.isEmpty else {
            begin(with: pool.addresses)
            return
        }
        switch pool.address {
        case .ip, .unix:
            begin(with: [pool.address])
        case .name(let name, let port):
            network.resolve(name, port: port, on: loop) { [self] in resolved($0, name) }
        }
    }

    func cancel() {
        finish()
        for attempt in attempts { attempt.abort() }
    }

    /// This connection is made and speaks HTTP/2; the others are not needed.
    func succeeded(with winner: WireConnection) {
        finish()
        for attempt in attempts where attempt !== winner { attempt.abort() }
        attempts = []
    }

    /// A connection is gone; if it was one that is being made, the next address has its turn.
    func connectionEnded(_ connection: WireConnection, _ failure: Failure?) {
        guard let index = attempts.firstIndex(where: { $0 === connection }) else { return }
        attempts.remove(at: index)
        guard !isOver else { return }
        lastFailure = failure ?? lastFailure
        tryNext()
    }

    private func finish() {
        isOver = true
        timer?.cancel()
        stagger?.cancel()
    }

    private func resolved(_ result: ResolveResult, _ name: String) {
        guard !isOver else { return }
        switch result {
        case .addresses(let found):
            begin(with: found)
        case .failed(let reason):
            fail(
                Failure(
                    .connect, .connectFailed, subject: pool.address.description,
                    detail: "cannot resolve \(name): \(reason)", reach: .neverSent))
        }
    }

    private func begin(with found: [SocketAddress]) {
        addresses = Array(Dial.interleaved(found).prefix(Dial.maximumAddresses).reversed())
        tryNext()
    }

    /// The families in turn, beginning with that of the first address; within a family the order stays (RFC 8305 §4).
    static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
        guard let first = addresses.first else { return [] }
        var preferred = addresses.filter { $0.isIP6 == first.isIP6 }[...]
        var other = addresses.filter { $0.isIP6 != first.isIP6 }[...]
        var mixed: [SocketAddress] = []
        while let next = preferred.popFirst() {
            mixed.append(next)
            if let next = other.popFirst() { mixed.append(next) }
        }
        return mixed + other
    }

    private func tryNext() {
        stagger?.cancel()
        guard attempts.count < Dial.maximumAttempts else { return }  // the next one follows when one of them fails
        guard let address = addresses.popLast() else {
            if attempts.isEmpty {
                fail(
                    lastFailure
                        ?? Failure(.connect, .connectFailed, subject: pool.address.description, reach: .neverSent))
            }
            return
        }
        switch network.connect(to: address) {
        case .failed(let code):
            var failure = Failure.connecting(code)
            failure.subject = address.description
            lastFailure = failure
            // Later in this turn, so that no caller hears of its failure while it still sends.
            loop.execute { [self] in if !isOver { tryNext() } }
        case .begun(let socket):
            let attempt = pool.connection(on: socket, to: address)
            attempts.append(attempt)
            if !addresses.isEmpty {
                stagger = loop.schedule(after: pool.limits.connectStagger) { [self] in if !isOver { tryNext() } }
            }
            pool.start(attempt)
        }
    }

    private func timedOut(_ timeout: Duration) {
        guard !isOver else { return }
        finish()
        let what =
            attempts.isEmpty
            ? "looking the name up" : attempts.contains { $0.isOpen } ? "its SETTINGS" : "connecting"
        let failure = Failure(
            .connect, .connectTimeout, subject: pool.address.description,
            detail: "\(what) took longer than \(timeout)", reach: .neverSent)
        for attempt in attempts { attempt.abort(failure) }
        pool.dialFailed(failure)
    }

    private func fail(_ failure: Failure) {
        finish()
        pool.dialFailed(failure)
    }
}

extension SocketAddress {
    fileprivate var isIP6: Bool {
        if case .ip(let text, _) = self { text.utf8.contains(UInt8(ascii: ":")) } else { false }
    }
}
