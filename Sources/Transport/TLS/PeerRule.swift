/// What a peer's certificate must say, beyond that one of our roots vouches for it.
public enum PeerRule: Sendable, Hashable {
    /// Exactly this SPIFFE id.
    case spiffe(String)
    /// Any SPIFFE id of this trust domain.
    case anySpiffe(inDomain: String)
    /// This DNS name, as outside the mesh.
    case dnsName(String)
    /// Nothing more than a trusted chain.
    case trusted
    /// Nothing at all: the chain is not checked either. For a development client that says so.
    case none

    /// Why `certificate` breaks the rule; nil if it keeps it.
    ///
    /// The SPIFFE rules are those of X509-SVID §2 to §5: exactly one URI, of the scheme `spiffe`, with a path, in a
    /// certificate that may not sign.
    func objection(to certificate: Certificate) -> String? {
        switch self {
        case .none, .trusted: return nil
        case .dnsName(let name):
            return certificate.matches(dnsName: name)
                ? nil : "it is for \(Self.list(certificate.dnsNames)), not for \(name)"
        case .spiffe(let expected):
            let (id, objection) = Self.identity(of: certificate)
            if let objection { return objection }
            return id?.description == expected ? nil : "it is for \(id?.description ?? "nobody"), not for \(expected)"
        case .anySpiffe(let domain):
            let (id, objection) = Self.identity(of: certificate)
            if let objection { return objection }
            return id?.trustDomain == domain
                ? nil : "it is for \(id?.description ?? "nobody"), not for the trust domain \(domain)"
        }
    }

    private static func identity(of certificate: Certificate) -> (SPIFFEID?, objection: String?) {
        let uris = certificate.uris
        guard uris.count == 1 else { return (nil, "it has \(uris.count) URI names and must have exactly one") }
        guard let id = SPIFFEID(uris[0]) else { return (nil, "its name \(uris[0]) is not a SPIFFE id") }
        guard !id.path.isEmpty else { return (nil, "its name \(id) is that of an authority, not of a service") }
        guard !certificate.isAuthority, !certificate.maySign else {
            return (nil, "it may sign others, as no service's may")
        }
        return (id, nil)
    }

    private static func list(_ names: [String]) -> String {
        names.isEmpty ? "no DNS name" : names.joined(separator: ", ")
    }
}
