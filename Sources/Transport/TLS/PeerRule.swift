/// What a peer's certificate must say, beyond that one of our roots vouches for it.
public enum PeerRule: Sendable, Hashable, CustomStringConvertible {
    /// Exactly this SPIFFE id.
    case spiffe(String)
    /// Any SPIFFE id of this trust domain.
    case anySpiffe(inDomain: String)
    /// This DNS name or address, as outside the mesh.
    case dnsName(String)
    /// Nothing more than a trusted chain.
    case trusted
    /// Nothing at all: the chain is not checked either. For a development client that says so.
    case none

    /// `spiffe://weft.local/ns/default/sa/course`, `any member of weft.local`
    public var description: String {
        switch self {
        case .spiffe(let id): id
        case .anySpiffe(let domain): "any member of \(domain)"
        case .dnsName(let name): name
        case .trusted: "anybody for whom a root vouches"
        case .none: "anybody"
        }
    }

    /// Why a certificate breaks the rule.
    struct Objection: Equatable {
        let check: HandshakeCheck
        let text: String

        init(_ check: HandshakeCheck, _ text: String) {
            self.check = check
            self.text = text
        }
    }

    /// Why `certificate` breaks the rule; nil if it keeps it.
    func objection(to certificate: Certificate) -> Objection? {
        switch self {
        case .none, .trusted: return nil
        case .dnsName(let name):
            return certificate.matches(dnsName: name)
                ? nil : .init(.dnsName, "it is for \(Self.list(certificate.dnsNames)), not for \(name)")
        case .spiffe(let expected):
            if let objection = Self.formObjection(to: certificate) { return objection }
            let id = certificate.spiffeID ?? "nobody"
            guard id != expected else { return nil }
            if let domain = SPIFFEID(expected)?.trustDomain, SPIFFEID(id)?.trustDomain != domain {
                return .init(.trustDomain, "it is for \(id), not for \(expected): another trust domain")
            }
            return .init(.otherService, "it is for \(id), not for \(expected)")
        case .anySpiffe(let domain):
            if let objection = Self.formObjection(to: certificate) { return objection }
            let id = certificate.spiffeID ?? "nobody"
            return SPIFFEID(id)?.trustDomain == domain
                ? nil : .init(.trustDomain, "it is for \(id), not for the trust domain \(domain)")
        }
    }

    /// What X509-SVID asks of every leaf: exactly one URI (§2), a SPIFFE id with a path (§3.1, §5.2), no right to sign (§4.1,
    /// §4.3), the right uses (§4.3, §4.4); and the mesh's own rule, a key on P-256.
    private static func formObjection(to certificate: Certificate) -> Objection? {
        let uris = certificate.uris
        guard uris.count == 1 else {
            return .init(.uriCount, "it has \(uris.count) URI names and must have exactly one")
        }
        guard let id = SPIFFEID(uris[0]) else { return .init(.spiffeID, "its name \(uris[0]) is not a SPIFFE id") }
        guard !id.path.isEmpty else {
            return .init(.authorityName, "its name \(id) is that of an authority, not of a service")
        }
        guard !certificate.isAuthority, !certificate.maySign else {
            return .init(.authorityAsLeaf, "it may sign others, as no service's may")
        }
        guard certificate.keyUsage?.contains(.digitalSignature) == true else {
            return .init(.keyUsage, "its key may not be used for signatures (keyUsage without digitalSignature)")
        }
        guard certificate.servesBothWays else {
            return .init(
                .extendedKeyUsage, "it may not be used as server and as client (extendedKeyUsage lacks one of the two)")
        }
        guard certificate.isOnP256 else { return .init(.keyType, "its key is not on P-256") }
        return nil
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "no DNS name" : names.joined(separator: ", ")
    }
}
