import Foundation
import MeshAPI

/// What two services' sidecars know of the handshakes from one to the other, as one text.
///
/// A handshake that one side refuses stands in both journals: at the one that judged with the check that failed, at the other
/// as a peer that refused. The first tells the story; the second is only told where the first is not known.
struct HandshakeStory {
    let caller: String
    let callee: String
    let callers: [HandshakeSide]
    let callees: [HandshakeSide]

    private struct Failure {
        let side: HandshakeSide
        let handshake: WeftAdminV1.Handshake
    }

    /// Something failed, or would.
    var hasFault: Bool { !failures.isEmpty || !missing.isEmpty || !forecasts.isEmpty }

    var text: String {
        var parts = missing
        parts += failures.map(describe)
        if failures.isEmpty, missing.isEmpty {
            parts.append("no handshake from \(caller) to \(callee) has failed lately")
        }
        parts += forecasts.map { "would fail now: \($0)" }
        let sides = callers + callees.filter { callee in !callers.contains { $0.instance == callee.instance } }
        parts += sides.filter { $0.fault == nil }.map(\.identityText)
        if let roots = rootsText { parts.append(roots) }
        if let good = goodText { parts.append(good) }
        return parts.joined(separator: "\n\n")
    }

    // MARK: What is missing

    private var missing: [String] {
        var lines = (callers + callees).compactMap(\.fault)
        for (name, sides) in [(caller, callers), (callee, callees)] where sides.isEmpty {
            lines.append(
                "\(name) is not in the mesh: no instance of it is registered with an admin listener\n"
                    + "  what to do: see who is there with 'weft tls show', or name its sidecar with --admin")
        }
        return lines
    }

    // MARK: What failed

    /// Those of both sides that are between the two, without the echoes; the last first.
    private var failures: [Failure] {
        let outbound = callers.flatMap { side in
            side.known.handshakes.filter { $0.isFailure && $0.direction == "outbound" && $0.isWith(callee) }
                .map { Failure(side: side, handshake: $0) }
        }
        let inbound = callees.flatMap { side in
            side.known.handshakes.filter { $0.isFailure && $0.direction == "inbound" && $0.isWith(caller) }
                .map { Failure(side: side, handshake: $0) }
        }
        let judged = (outbound + inbound).filter { $0.handshake.rule != Self.refusedByPeer }
        let echoes = (outbound + inbound).filter { $0.handshake.rule == Self.refusedByPeer }
        let told = judged.isEmpty ? echoes : judged
        return told.sorted { $0.handshake.atMs > $1.handshake.atMs }.prefix(Self.mostFailures).map { $0 }
    }

    private static let refusedByPeer = "peer_refused"
    /// More than a screen helps nobody.
    private static let mostFailures = 5

    private func describe(_ failure: Failure) -> String {
        let handshake = failure.handshake
        let isOutbound = handshake.direction == "outbound"
        let times = handshake.times > 1 ? ", \(handshake.times) times" : ""
        let road = isOutbound ? "to \(handshake.peerAddress)" : "from \(handshake.peerAddress)"
        var lines = ["FAILED at \(failure.side.instance), \(road), last at \(Self.time(handshake.atMs / 1000))\(times)"]
        lines.append("  it expected    \(handshake.expected)")
        lines += Self.shown(handshake)
        lines.append("  it showed      \(handshake.ownId.isEmpty ? "nothing" : handshake.ownId)")
        lines.append("  what failed    \(handshake.rule) (\(handshake.check)): \(handshake.detail)")
        lines.append("  refused by     \(judge(failure, isOutbound: isOutbound))")
        lines.append("  what to do     \(HandshakeAdvice.text(for: handshake, at: failure.side.instance))")
        return lines.joined(separator: "\n")
    }

    private func judge(_ failure: Failure, isOutbound: Bool) -> String {
        let us = "\(failure.side.instance), \(isOutbound ? "the caller" : "the called one")"
        let them = isOutbound ? "the called one" : "the caller"
        switch failure.handshake.rule {
        case Self.refusedByPeer: return "\(them); its own journal says no more of it"
        case "broken_off": return "nobody: the connection ended"
        default: return us
        }
    }

    private static func shown(_ handshake: WeftAdminV1.Handshake) -> [String] {
        guard let leaf = handshake.presented.first else { return ["  was shown      no certificate"] }
        var lines = [
            "  was shown      \(leaf.names), subject \(leaf.subject)",
            "                 issued by \(leaf.issuer), \(leaf.validity(at: handshake.atMs / 1000))",
            "                 SHA-256 \(leaf.fingerprint)",
        ]
        if leaf.isAuthority { lines.append("                 it may sign others (CA)") }
        if handshake.presented.count > 1 {
            lines.append(
                "                 with \(handshake.presented.dropFirst().map(\.subject).joined(separator: ", "))")
        }
        return lines
    }

    // MARK: What would fail

    /// What each side would say of the other's certificate, by what both say of themselves now.
    private var forecasts: [String] {
        callers.flatMap { caller in
            callees.flatMap { callee in
                caller.objections(to: callee, as: self.callee) + callee.objections(to: caller, as: self.caller)
            }
        }
    }

    // MARK: What went well

    private var rootsText: String? {
        let sets = (callers + callees).filter { $0.fault == nil }.map { Set($0.known.roots.map(\.fingerprint)) }
        guard let first = sets.first, sets.count > 1 else { return nil }
        let common = sets.dropFirst().reduce(first) { $0.intersection($1) }
        guard !common.isEmpty else { return "roots in common: none" }
        return "roots in common: \(common.sorted().map { String($0.prefix(16)) }.joined(separator: ", "))"
    }

    private var goodText: String? {
        let good = callers.flatMap { side in
            side.known.handshakes.filter { $0.succeeded && $0.direction == "outbound" && $0.isWith(callee) }
                .map { "  \(side.instance) to \($0.peerAddress) at \(Self.time($0.atMs / 1000))" }
        }
        return good.isEmpty ? nil : "the last handshakes that went well:\n" + good.joined(separator: "\n")
    }

    static func time(_ seconds: Int64) -> String {
        let formatter = ISO8601DateFormatter()
        return formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
    }
}

extension WeftAdminV1.Handshake {
    var isFailure: Bool { !succeeded }

    /// The other side is, or was expected to be, an instance of this service; or nobody knows who it was.
    fileprivate func isWith(_ service: String) -> Bool {
        let names = [expected, peerId].filter { $0.hasPrefix("spiffe://") }
        return names.isEmpty ? isFailure : names.contains { $0.hasSuffix("/sa/\(service)") || $0 == service }
    }
}

extension WeftAdminV1.PresentedCertificate {
    var names: String {
        let all = uris + dnsNames
        return all.isEmpty ? "no name" : all.joined(separator: ", ")
    }

    func validity(at now: Int64) -> String {
        let span = "valid \(HandshakeStory.time(notBefore)) to \(HandshakeStory.time(notAfter))"
        if now < notBefore { return "\(span): not yet, for \(Self.length(notBefore - now))" }
        if now > notAfter { return "\(span): over since \(Self.length(now - notAfter))" }
        return "\(span): for \(Self.length(notAfter - now)) more"
    }

    private static func length(_ seconds: Int64) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) days"
        }
    }
}

extension HandshakeSide {
    /// Who it is now.
    var identityText: String {
        guard let leaf = known.own.first else { return "\(instance) has no identity yet" }
        let now = known.nowMs / 1000
        return """
            \(instance) is \(leaf.names)
              issued by \(leaf.issuer), \(leaf.validity(at: now))
              SHA-256 \(leaf.fingerprint)
              trusts \(known.roots.map { "\($0.subject) \($0.fingerprint.prefix(16))" }.joined(separator: ", "))
            """
    }

    /// With all its handshakes.
    var text: String {
        if let fault { return "\(instance): \(fault)" }
        let rows = known.handshakes.map { handshake in
            let road = handshake.direction == "outbound" ? "to  " : "from"
            let who = handshake.peerId.isEmpty ? handshake.expected : handshake.peerId
            let end = handshake.succeeded ? "ok" : "FAILED \(handshake.rule)"
            return "  \(HandshakeStory.time(handshake.atMs / 1000)) \(road) \(handshake.peerAddress) \(who) \(end)"
                + (handshake.times > 1 ? " (\(handshake.times) times)" : "")
        }
        return ([identityText] + (rows.isEmpty ? ["  no handshakes yet"] : rows)).joined(separator: "\n")
    }

    /// Clocks that are further apart than this are a fault of their own: certificates forgive 20 s.
    private static let clockSkew: Int64 = 20_000

    /// Why this side would refuse the other now.
    fileprivate func objections(to other: HandshakeSide, as service: String) -> [String] {
        guard fault == nil, other.fault == nil else { return [] }
        guard let leaf = other.known.own.first else { return ["\(other.instance) has no certificate to show"] }
        var found: [String] = []
        let now = known.nowMs / 1000
        if now < leaf.notBefore - Self.clockSkew / 1000 || now > leaf.notAfter + Self.clockSkew / 1000 {
            found.append("by \(instance)'s clock the certificate of \(other.instance) is \(leaf.validity(at: now))")
        }
        if !known.roots.contains(where: { $0.subject == leaf.issuer }), other.known.own.count < 2 {
            found.append("\(instance) does not trust \(leaf.issuer), who issued the certificate of \(other.instance)")
        } else if Set(known.roots.map(\.fingerprint)).isDisjoint(with: other.known.roots.map(\.fingerprint)) {
            found.append("\(instance) and \(other.instance) have no root in common")
        }
        if abs(known.nowMs - other.known.nowMs) > Self.clockSkew {
            found.append(
                "the clocks of \(instance) and \(other.instance) are \(abs(known.nowMs - other.known.nowMs) / 1000) s apart"
            )
        }
        return found
    }
}
