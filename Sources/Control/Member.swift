internal import Exchange
internal import RPC
internal import Transport

/// The names under which members of this mesh are known.
struct TrustDomain: Sendable {
    let name: String
    let namespace: String

    /// `spiffe://weft.local/ns/default/sa/course`
    func spiffeID(of service: String) -> String {
        "spiffe://\(name)/ns/\(namespace)/sa/\(service)"
    }

    /// The service in a SPIFFE id of this domain and namespace; nil for any other text.
    func service(in spiffeID: String) -> String? {
        let prefix = self.spiffeID(of: "")
        guard spiffeID.hasPrefix(prefix) else { return nil }
        let service = String(spiffeID.dropFirst(prefix.count))
        return ServiceName.isValid(service) ? service : nil
    }
}

/// Who calls, by its verified certificate.
struct Member {
    let service: String
    let spiffeID: String

    /// Refuses callers without a certificate of this mesh.
    init(of call: Call, in domain: TrustDomain) throws {
        guard let spiffeID = call.peer.identity else {
            throw RPCError(.unauthenticated, "this method needs a client certificate of the mesh: join first")
        }
        guard let service = domain.service(in: spiffeID) else {
            throw RPCError(.permissionDenied, "'\(spiffeID)' is not a member of '\(domain.spiffeID(of: "..."))'")
        }
        self.service = service
        self.spiffeID = spiffeID
    }
}
