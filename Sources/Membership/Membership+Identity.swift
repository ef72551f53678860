import Exchange
import Logging
import MeshAPI
import RPC
import Reactor
import Timebase
import Transport

// MARK: The leaf

extension Membership {
    private static let stepTimeout = Duration.seconds(5)
    /// A clock that was set, or a machine that slept, is noticed so late.
    private static let longestNap = Duration.seconds(5 * 60)

    /// Joins, and answers when the member has an identity. Tries for ever; each failure stands in the log.
    public func join() async throws {
        try await untilDone("join the mesh") { try await self.sign(asMember: false) }
    }

    /// Renews the identity by its plan, with a new key each time, until the task is cancelled.
    public func keepIdentity() async throws {
        while true {
            let wait = plan?.wait(at: loop.now, loop.wall) ?? .zero
            if wait > .zero {
                try await loop.sleep(for: min(wait, Self.longestNap))
            } else {
                try await renewUntilDone()
            }
        }
    }

    private func renewUntilDone() async throws {
        var tries = 0
        while true {
            do {
                return try await sign(asMember: mayRenew(tries))
            } catch {
                try Task.checkCancellation()
                tries += 1
                let pause = plan?.pauseAfterFailure(&chance) ?? RenewalPlan.firstPause
                renewalFailed(error, retryAfter: pause)
                try await loop.sleep(for: pause)
            }
        }
    }

    /// A certificate that ended vouches for nobody: the token does. So it may where the certificate is refused for another
    /// reason, as when its root was dropped: once there is an alarm, every other try shows the token.
    private func mayRenew(_ tries: Int) -> Bool {
        guard let plan, !plan.isOver(at: loop.now, loop.wall) else { return false }
        return !status.isOverdue || tries % 2 == 0
    }

    private func renewalFailed(_ error: any Error, retryAfter pause: Duration) {
        status.failures += 1
        status.lastFailure = "\(error)"
        let metadata: Logger.Metadata = [
            "control": "\(config.control)", "error": "\(error)", "retry_after_s": .stringConvertible(pause.inSeconds),
            "ends": "\(status.ends?.text ?? "")",
        ]
        if let plan, plan.isOverdue(at: loop.now, loop.wall), !status.isOverdue {
            status.isOverdue = true
            log.error("the identity is about to end and cannot be renewed", metadata: metadata)
        } else {
            log.warning("cannot renew the identity yet", metadata: metadata)
        }
        onStatusChange?(status)
    }

    private func sign(asMember: Bool) async throws {
        let key = try PrivateKey.generateP256()
        var request = WeftControlV1.SignRequest()
        request.service = config.service
        request.instance = config.instance
        request.certificateRequest = try CertificateRequest.make(key: key, commonName: config.service).der
        if !asMember {
            request.joinToken = try config.joinToken()
            try rereadRoots()
        }
        let pool = asMember ? memberPool : strangerPool
        let client = WeftControlV1.CertificateAuthorityClient(
            Channel(pool, destination: ServiceName.control, timers: loop))
        let signed = try await client.sign(request, options: CallOptions(timeout: Self.stepTimeout))
        let chain = try signed.chain.map { try Certificate(der: $0) }
        let roots = try signed.roots.map { try Certificate(der: $0) }
        let fresh = try Identity(chain: chain, key: key, roots: roots)
        identity.replace(fresh)
        strangerIdentity.replace(Identity(roots: roots))
        take(fresh.notAfter ?? loop.wall)
        log.info(
            asMember ? "the identity was renewed" : "joined the mesh",
            metadata: ["spiffe_id": "\(signed.spiffeId)", "valid_s": "\(signed.notAfter - loop.wall.seconds)"])
    }

    private func take(_ end: WallTime) {
        plan = RenewalPlan(until: end, at: loop.now, loop.wall, chance: &chance)
        if plan?.life == .zero {
            log.error(
                "the new certificate is over by this host's clock, which must be wrong",
                metadata: ["ends": "\(end.text)"])
        }
        let issued = status.issued + 1
        status = IdentityStatus()
        status.ends = end
        status.issued = issued
        onStatusChange?(status)
    }

    /// The file of roots may have been replaced since the start: a member that was away while the roots changed finds its
    /// way back by it. What was learned from the control plane since is newer than a file that did not change.
    private func rereadRoots() throws {
        guard let roots = try config.readRoots?(), roots != config.roots else { return }
        let known = strangerIdentity.current?.roots ?? []
        strangerIdentity.replace(Identity(roots: roots + known.filter { !roots.contains($0) }))
    }
}

// MARK: The roots

extension Membership {
    /// More than any rotation needs; a control plane that sends more is not believed.
    static let mostRoots = 16

    /// Trusts these roots from the next handshake on, and says so to the control plane. None at all says nothing.
    func adopt(roots encoded: [[UInt8]]) async {
        guard !encoded.isEmpty, encoded.count <= Self.mostRoots, let current = identity.current else { return }
        do {
            let roots = try encoded.map { try Certificate(der: $0) }
            if roots != current.roots {
                identity.replace(try current.trusting(roots))
                strangerIdentity.replace(Identity(roots: roots))
                log.notice(
                    "the roots of the mesh changed",
                    metadata: [
                        "roots": "\(roots.map { "\($0.subject) \($0.fingerprint.prefix(16))" }.joined(separator: ", "))"
                    ])
            }
            try await say(trusting: roots)
        } catch {
            log.warning("the roots of the mesh cannot be taken", metadata: ["error": "\(error)"])
        }
    }

    private func say(trusting roots: [Certificate]) async throws {
        let prints = roots.map(\.fingerprint)
        guard prints != saidRoots else { return }
        var request = WeftControlV1.TrustRequest()
        request.instance = config.instance
        request.roots = prints
        _ = try await WeftControlV1.CertificateAuthorityClient(channel).trust(
            request, options: CallOptions(timeout: Self.stepTimeout))
        saidRoots = prints
    }
}
