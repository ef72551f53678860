import RPC
import Reactor
import Timebase
import Transport

/// The server under test, and how to get to it.
struct Target: Sendable {
    let address: SocketAddress
    let name: String
    let loop: Loop
    let security: ClientSecurity
    let soak: SoakPlan
    /// How long a test waits where its description says that it is idle for a while.
    let pause: Duration
    /// What every call may take that a test gives no time of its own: a call that hangs fails.
    let patience: Duration

    /// A connection pool of its own, and a channel over it.
    func connect() -> (channel: Channel, pool: ConnectionPool) {
        let pool = ConnectionPool(to: address, loop: loop, security: security)
        return (Channel(pool, destination: name, timers: loop), pool)
    }
}

/// The flags `--soak_*`: many calls, each of which must be answered in time.
struct SoakPlan: Sendable {
    var iterations: Int
    /// As many may fail, or be too slow.
    var maxFailures: Int
    var maxLatency: Duration
    var overallTimeout: Duration
    var minimumGap: Duration
    var requestSize: Int
    var responseSize: Int
    /// Tasks that share the iterations.
    var tasks: Int
}
