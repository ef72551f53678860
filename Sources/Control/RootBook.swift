internal import Timebase
internal import Transport

/// The roots of the mesh, which of them signs, and who holds what: decides when a step of a rotation can break nothing.
///
///     signing ──add──▶ signing + new ──use──▶ old + signing ──drop──▶ signing
///                        │ refused while an instance       │ refused while an instance holds
///                        │ does not trust the new one      │ a certificate of the old one
///
/// The evidence is what the control plane has seen itself: every certificate that it issued, by instance, with the roots that
/// the instance was given then or has said since that it trusts. An instance whose last certificate has ended counts no more:
/// it joins again, with the roots of that day.
struct RootBook {
    struct Refusal: Error, Equatable {
        let text: String
    }

    /// The last certificate of an instance.
    struct Holder: Equatable {
        var root: String
        var notAfter: WallTime
        var trusts: Set<String>
    }

    struct Member: Hashable, Comparable, CustomStringConvertible {
        var service: String
        var instance: String

        var description: String { instance.isEmpty ? service : instance }

        static func < (left: Member, right: Member) -> Bool {
            (left.service, left.instance) < (right.service, right.instance)
        }
    }

    /// Roots that are trusted at once: a rotation needs two, one that is interrupted by an accident three.
    static let mostRoots = 4
    /// As many as the registry holds instances. Above it those that ended are forgotten first, then nothing is added, and
    /// the steps that need to know everybody are refused.
    static let mostHolders = 10_000
    /// Named in a refusal; the rest is counted.
    private static let mostNamed = 10

    private(set) var roots: [CertificateAuthority]
    private(set) var signing: String
    private(set) var holders: [Member: Holder] = [:]
    /// Somebody could not be entered.
    private var isIncomplete = false

    init(_ root: CertificateAuthority) {
        roots = [root]
        signing = root.certificate.fingerprint
    }

    var signer: CertificateAuthority { roots.first { $0.certificate.fingerprint == signing } ?? roots[0] }
    var prints: Set<String> { Set(roots.map(\.certificate.fingerprint)) }

    // MARK: What is seen

    /// An instance got a certificate, and with it all roots.
    mutating func issued(to member: Member, until end: WallTime, at now: WallTime) {
        if holders[member] == nil, holders.count >= Self.mostHolders { forgetEnded(at: now) }
        guard holders[member] != nil || holders.count < Self.mostHolders else {
            isIncomplete = true
            return
        }
        holders[member] = Holder(root: signing, notAfter: end, trusts: prints)
    }

    /// An instance says whom it trusts.
    mutating func heard(_ member: Member, trusts roots: Set<String>) {
        let known = roots.intersection(prints)
        holders[member]?.trusts = known
    }

    /// Takes up what was kept over a restart.
    mutating func restore(_ member: Member, _ holder: Holder) {
        guard holders.count < Self.mostHolders else { return }
        holders[member] = holder
    }

    mutating func forgetEnded(at now: WallTime) {
        holders = holders.filter { $0.value.notAfter > now }
    }

    /// Who holds a certificate of this root that has not ended.
    func holders(of root: String, at now: WallTime) -> [Member] {
        holders.filter { $0.value.root == root && $0.value.notAfter > now }.keys.sorted()
    }

    /// Who has a certificate and has not said that it trusts this root.
    func untold(of root: String, at now: WallTime) -> [Member] {
        holders.filter { !$0.value.trusts.contains(root) && $0.value.notAfter > now }.keys.sorted()
    }

    func lastEnd(of root: String, at now: WallTime) -> WallTime? {
        holders.values.filter { $0.root == root && $0.notAfter > now }.map(\.notAfter).max()
    }

    // MARK: The steps

    mutating func add(_ root: CertificateAuthority, at now: WallTime) throws(Refusal) {
        let print = root.certificate.fingerprint
        guard root.trustDomain == roots[0].trustDomain else {
            throw Refusal(text: "the root is of \(root.trustDomain), and the mesh of \(roots[0].trustDomain)")
        }
        guard !prints.contains(print) else { throw Refusal(text: "the root \(print.prefix(16)) is trusted already") }
        guard root.certificate.notAfter > now else {
            throw Refusal(text: "the root \(print.prefix(16)) ended at \(root.certificate.notAfter.text)")
        }
        guard roots.count < Self.mostRoots else {
            throw Refusal(text: "\(roots.count) roots are trusted already; drop one first")
        }
        roots.append(root)
    }

    mutating func use(_ prefix: String, force: Bool, at now: WallTime) throws(Refusal) {
        let root = try find(prefix, "use")
        if !force {
            let untold = untold(of: root, at: now)
            guard untold.isEmpty, !isIncomplete else {
                throw Refusal(
                    text:
                        "\(Self.list(untold)) would refuse certificates of \(root.prefix(16)): not told yet to trust it; "
                        + "running instances are told within seconds, others are waited for until their certificate ends"
                )
            }
        }
        signing = root
    }

    /// The root that is trusted no more is answered: what there is of it can be deleted.
    mutating func drop(_ prefix: String, force: Bool, at now: WallTime) throws(Refusal) -> CertificateAuthority {
        let root = try find(prefix, "drop")
        if !force {
            let holders = holders(of: root, at: now)
            guard holders.isEmpty, !isIncomplete else {
                let end = lastEnd(of: root, at: now).map { "; the last of them ends at \($0.text)" } ?? ""
                throw Refusal(
                    text:
                        "\(Self.list(holders)) still hold certificates of \(root.prefix(16))\(end); each is replaced by its "
                        + "next renewal, within half an hour")
            }
        }
        let index = roots.firstIndex { $0.certificate.fingerprint == root } ?? 0
        for member in holders.keys { holders[member]?.trusts.remove(root) }
        holders = holders.filter { $0.value.root != root }
        isIncomplete = false
        return roots.remove(at: index)
    }

    /// The one root whose fingerprint begins so, of those that do not sign.
    private func find(_ prefix: String, _ step: String) throws(Refusal) -> String {
        let found = roots.map(\.certificate.fingerprint).filter { $0.hasPrefix(prefix.lowercased()) && $0 != signing }
        if found.count == 1 { return found[0] }
        guard !signing.hasPrefix(prefix.lowercased()) || prefix.isEmpty else {
            throw Refusal(text: "the root \(signing.prefix(16)) is the one that signs: nothing to \(step)")
        }
        throw Refusal(
            text: found.isEmpty
                ? "there is no \(prefix.isEmpty ? "other root" : "root \(prefix)") to \(step)"
                : "\(found.count) roots could be meant: \(found.map { $0.prefix(16) }.joined(separator: ", "))")
    }

    private static func list(_ members: [Member]) -> String {
        guard !members.isEmpty else { return "instances that could not be kept account of" }
        let named = members.prefix(mostNamed).map(\.description).joined(separator: ", ")
        return members.count > mostNamed ? "\(named) and \(members.count - mostNamed) more" : named
    }
}
