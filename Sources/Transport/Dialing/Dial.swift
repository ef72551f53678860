import Exchange
import Reactor

/// One try to get a connection: look the name up, try its addresses in turn, shake hands, hear the peer's SETTINGS.
///
/// All of it must happen within the limit's `dialTimeout`. Touched on its loop alone.
final class Dial: @unchecked Sendable {
    private let target: SocketAddress
    private let network: any Network
    private let loop: Loop
    private let pool: ConnectionPool
    private var addresses: [SocketAddress] = []
    private var timer: LoopTimer?
    private var connection: WireConnection?
    private var isOver = false
    /// Why the last address failed: what the dial fails with when no address is left.
    private var lastFailure: Failure?

    init(to target: SocketAddress, network: any Network, pool: ConnectionPool, loop: Loop) {
        self.target = target
        self.network = network
        self.pool = pool
        self.loop = loop
    }

    func start(timeout: Duration) {
        timer = loop.schedule(after: timeout) { [self] in timedOut(timeout) }
        switch target {
        case .ip, .unix:
            addresses = [target]
            tryNext()
        case .name(let name, let port):
            network.resolve(name, port: port, on: loop) { [self] in resolved($0, name) }
        }
    }

    func cancel() {
        isOver = true
        timer?.cancel()
        connection?.abort()
    }

    /// The connection is made and speaks HTTP/2.
    func succeeded() {
        isOver = true
        timer?.cancel()
        connection = nil
    }

    /// The connection that was being made is gone: the next address, if a next one can help.
    func connectionEnded(_ failure: Failure?) {
        connection = nil
        guard !isOver else { return }
        lastFailure = failure ?? lastFailure
        tryNext()
    }

    private func resolved(_ result: ResolveResult, _ name: String) {
        guard !isOver else { return }
        switch result {
        case .addresses(let found):
            addresses = found
            tryNext()
        case .failed(let reason):
            fail(
                Failure(
                    .connect, .connectFailed, subject: target.description, detail: "cannot resolve \(name): \(reason)",
                    reach: .neverSent))
        }
    }

    private func tryNext() {
        guard !addresses.isEmpty else {
            fail(lastFailure ?? Failure(.connect, .connectFailed, subject: target.description, reach: .neverSent))
            return
        }
        let address = addresses.removeFirst()
        switch network.connect(to: address) {
        case .failed(let code):
            var failure = Failure.connecting(code)
            failure.subject = address.description
            lastFailure = failure
            // Later in this turn, so that no caller hears of its failure while it still sends.
            loop.execute { [self] in if !isOver { tryNext() } }
        case .begun(let socket):
            connection = pool.begin(socket, to: address)
        }
    }

    private func timedOut(_ timeout: Duration) {
        guard !isOver else { return }
        isOver = true
        let what =
            connection == nil ? "looking the name up" : connection?.isOpen == true ? "its SETTINGS" : "connecting"
        let failure = Failure(
            .connect, .connectTimeout, subject: target.description,
            detail: "\(what) took longer than \(timeout)", reach: .neverSent)
        connection?.abort(failure)
        pool.dialFailed(failure)
    }

    private func fail(_ failure: Failure) {
        isOver = true
        timer?.cancel()
        pool.dialFailed(failure)
    }
}
