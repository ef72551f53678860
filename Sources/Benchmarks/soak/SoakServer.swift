import RPC
import Reactor
import Simulation
import Synchronization
import Transport

/// A server on a loop whose listener is replaced now and then, as in a rolling restart: the old one drains.
final class SoakServer: Sendable {
    let address: SocketAddress
    private let loop: Loop
    private let limits: ConnectionLimits
    private let ledger: CallLedger
    private let plan: @Sendable (Int) -> CallPlan
    private let state: Mutex<State>

    private struct State {
        var listener: Listener
        /// Those that drain, until they are empty.
        var old: [Listener] = []
        var replaced = 0
    }

    init(
        on loop: Loop, limits: ConnectionLimits, ledger: CallLedger, plan: @escaping @Sendable (Int) -> CallPlan
    ) throws {
        self.loop = loop
        self.limits = limits
        self.ledger = ledger
        self.plan = plan
        let listener = try SoakServer.listen(
            on: .ip("127.0.0.1", port: 0), loop, limits, PlannedService(on: loop, ledger: ledger, plan: plan))
        address = listener.localAddress
        state = Mutex(State(listener: listener))
    }

    private static func listen(
        on address: SocketAddress, _ loop: Loop, _ limits: ConnectionLimits, _ service: PlannedService
    ) throws -> Listener {
        let router = Router(timers: loop)
        service.register(in: router)
        return try Listener.listen(
            on: address, loop: loop, security: .plaintext, limits: limits, acceptor: router, sharesPort: true)
    }

    var replaced: Int { state.withLock { $0.replaced } }

    func replaceListener() {
        do {
            let fresh = try SoakServer.listen(
                on: address, loop, limits, PlannedService(on: loop, ledger: ledger, plan: plan))
            let old = state.withLock { state in
                let old = state.listener
                state.listener = fresh
                state.old.append(old)
                state.replaced += 1
                return old
            }
            old.drain(grace: .seconds(10)) { [self] in forget(old) }
        } catch {
            ledger.complain("a listener cannot begin: \(error)")
        }
    }

    private func forget(_ listener: Listener) {
        state.withLock { state in state.old.removeAll { $0 === listener } }
    }

    func close() {
        state.withLock { $0.listener }.drain(grace: .seconds(5)) {}
    }

    /// Of all listeners.
    var connections: Int {
        let count = Waiting<Int>()
        loop.execute { [self] in
            count.put(state.withLock { ($0.old + [$0.listener]).reduce(0) { $0 + $1.connectionCount } })
        }
        return count.wait()
    }
}
