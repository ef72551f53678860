import Exchange
package import Logging
import MeshAPI
import RPC
package import Reactor
import Timebase
public import Transport

/// A member's dealings with its control plane: an identity that renews itself, a lease, the registry as it changes.
///
///     join (token) ──▶ member ──half of the leaf's life──▶ renew (certificate) ──▶ member ...
///       ▲ back-off, for ever      └── the leaf ended all the same ──▶ join
///
/// Loop-bound. Each part is a task that its owner runs (`keepIdentity`, `keepLease`, `watchRegistry`) and cancels to end it.
public final class Membership: @unchecked Sendable {  // touched on its loop alone
    public let identity: IdentityBox
    let config: MemberConfig
    let loop: Loop
    let log: Logger
    /// Speaks TLS with no certificate of its own: for the first `Sign` alone.
    private let strangerPool: ConnectionPool
    /// Speaks as the member; carries everything else.
    public let memberPool: ConnectionPool
    private var chance: Chance
    var lease: String?
    /// What this member thinks of the last version of the configuration, until it is reported.
    let verdicts = AsyncStream.makeStream(of: ConfigurationVerdict.self, bufferingPolicy: .bufferingNewest(1))

    /// The control plane is near: a failed step is tried again soon, then less often.
    private static let firstPause = Duration.milliseconds(200)
    private static let longestPause = Duration.seconds(10)
    private static let stepTimeout = Duration.seconds(5)

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
        let stranger = IdentityBox(Identity(roots: config.roots))
        var limits = ConnectionLimits()
        // A control plane that restarts is asked again within a second or two, not after minutes.
        limits.backoffBase = .milliseconds(200)
        limits.backoffLimit = .seconds(2)
        // A watch is silent for hours: without pings nobody would notice that its connection is dead.
        limits.keepalive = .seconds(10)
        strangerPool = ConnectionPool(
            to: config.control, network: network, loop: loop,
            security: .tls(TLSClientContext(identity: stranger, serverRule: rule)),
            limits: limits, events: events)
        memberPool = ConnectionPool(
            to: config.control, network: network, loop: loop,
            security: .tls(TLSClientContext(identity: identity, serverRule: rule)),
            limits: limits, events: events)
    }

    var channel: Channel { Channel(memberPool, destination: ServiceName.control, timers: loop) }

    // MARK: Identity

    /// Joins, and answers when the member has an identity. Tries for ever; each failure stands in the log.
    public func join() async throws {
        try await untilDone("join the mesh") { try await self.sign(asMember: false) }
    }

    /// Renews the identity at half of its life, +-10 %, with a new key each time, until the task is cancelled.
    public func keepIdentity() async throws {
        while true {
            let left = lifetimeLeft()
            let share = 0.45 + 0.1 * chance.fraction()
            try await loop.sleep(for: max(.milliseconds(100), left * share))
            try await untilDone("renew the identity") {
                // A certificate that ended vouches for nobody: the token does.
                try await self.sign(asMember: self.lifetimeLeft() > .zero)
            }
        }
    }

    private func lifetimeLeft() -> Duration {
        guard let end = identity.current?.notAfter else { return .zero }
        return .seconds(end.seconds - loop.wall.seconds)
    }

    private func sign(asMember: Bool) async throws {
        let key = try PrivateKey.generateP256()
        var request = WeftControlV1.SignRequest()
        request.service = config.service
        request.joinToken = asMember ? "" : try config.joinToken()
        request.certificateRequest = try CertificateRequest.make(key: key, commonName: config.service).der
        let pool = asMember ? memberPool : strangerPool
        let client = WeftControlV1.CertificateAuthorityClient(
            Channel(pool, destination: ServiceName.control, timers: loop))
        let signed = try await client.sign(request, options: CallOptions(timeout: Self.stepTimeout))
        let chain = try signed.chain.map { try Certificate(der: $0) }
        let roots = try signed.roots.map { try Certificate(der: $0) }
        identity.replace(try Identity(chain: chain, key: key, roots: roots))
        log.info(
            asMember ? "the identity was renewed" : "joined the mesh",
            metadata: ["spiffe_id": "\(signed.spiffeId)", "valid_s": "\(signed.notAfter - loop.wall.seconds)"])
    }

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
