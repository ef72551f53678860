import Exchange
package import Logging
import MeshAPI
import RPC
package import Reactor
import Timebase
public import Transport

/// A member's dealings with its control plane: an identity that renews itself, a lease, the registry as it changes.
///
///     join (token) ──▶ member ──by its plan──▶ renew (certificate) ──▶ member ...
///       ▲ back-off, for ever      └── the leaf ended all the same ──▶ join
///
/// Loop-bound. Each part is a task that its owner runs (`keepIdentity`, `keepLease`, `watchRegistry`) and cancels to end it.
public final class Membership: @unchecked Sendable {  // touched on its loop alone
    public let identity: IdentityBox
    let config: MemberConfig
    let loop: Loop
    let log: Logger
    /// Whom the member believes while it has no certificate of its own.
    let strangerIdentity: IdentityBox
    /// Speaks TLS with no certificate of its own: to join.
    let strangerPool: ConnectionPool
    /// Speaks as the member; carries everything else.
    public let memberPool: ConnectionPool
    var chance: Chance
    var plan: RenewalPlan?
    public internal(set) var status = IdentityStatus()
    /// Told on the loop whenever `status` has changed.
    public var onStatusChange: ((IdentityStatus) -> Void)?
    /// The roots that the control plane was told of.
    var saidRoots: [String] = []
    var lease: String?
    /// What this member thinks of the last version of the configuration, until it is reported.
    let verdicts = AsyncStream.makeStream(of: ConfigurationVerdict.self, bufferingPolicy: .bufferingNewest(1))

    /// The version that was seen last, whether the member goes by it or not.
    var lastVersion = ""
    /// Somebody found that an instance cannot be reached where the registry has it.
    let doubts = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// The control plane is near: a failed step is tried again soon, then less often.
    private static let firstPause = Duration.milliseconds(200)
    private static let longestPause = Duration.seconds(10)

    /// - Parameter identity: what TLS contexts of the member read; it is filled here.
    package init(
        _ config: MemberConfig, identity: IdentityBox, loop: Loop, log: Logger, events: ConnectionEvents = .none,
        network: any Network = SystemNetwork()
    ) {
        self.config = config
        self.identity = identity
        self.loop = loop
        self.log = log
        chance = loop.chance()
        let rule = PeerRule.spiffe(config.controlID)
        strangerIdentity = IdentityBox(Identity(roots: config.roots), journal: identity.journal)
        var limits = ConnectionLimits()
        // A control plane that restarts is asked again within a second or two, not after minutes.
        limits.backoffBase = .milliseconds(200)
        limits.backoffLimit = .seconds(2)
        // A watch is silent for hours: without pings nobody would notice that its connection is dead.
        limits.keepalive = .seconds(10)
        func pool(_ identity: IdentityBox) -> ConnectionPool {
            ConnectionPool(
                to: config.control, network: network, loop: loop,
                security: .tls(TLSClientContext(identity: identity, serverRule: rule)), limits: limits, events: events)
        }
        strangerPool = pool(strangerIdentity)
        memberPool = pool(identity)
    }

    var channel: Channel { Channel(memberPool, destination: ServiceName.control, timers: loop) }

    /// Repeats a step until it succeeds, with a growing pause; throws only when the task is cancelled.
    func untilDone(_ what: String, _ step: () async throws -> Void) async throws {
        var pause = Self.firstPause
        while true {
            do {
                return try await step()
            } catch {
                try Task.checkCancellation()
                log.warning(
                    "cannot \(what) yet",
                    metadata: [
                        "control": "\(config.control)", "error": "\(error)",
                        "retry_after_s": .stringConvertible(pause.inSeconds),
                    ])
            }
            try await loop.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }
}
