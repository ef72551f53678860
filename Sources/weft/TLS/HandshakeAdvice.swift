import MeshAPI

/// What to do about a handshake that failed, by the check that failed. The words of checks are `HandshakeCheck`'s.
enum HandshakeAdvice {
    static func text(for handshake: WeftAdminV1.Handshake, at side: String) -> String {
        let peer = handshake.peerId.isEmpty ? handshake.peerAddress : handshake.peerId
        return switch handshake.rule {
        case "no_certificate":
            "the peer is no member of the mesh, or has not joined yet: call through its own sidecar, and see its log"
        case "unknown_authority", "bad_signature":
            "\(peer) has a certificate of an authority that \(side) does not trust: compare both with 'weft tls show' and "
                + "'weft tls roots'; a member that was away while roots changed joins again with a new roots file"
        case "expired":
            "\(peer) did not renew its certificate: look for 'cannot renew the identity' in its log and whether it reaches the "
                + "control plane; compare the clocks of both hosts"
        case "not_yet_valid": "the clock of \(side) is behind that of the authority: set the clocks (NTP)"
        case "purpose", "key_usage", "extended_key_usage", "key_type", "uri_count", "spiffe_id", "authority_name",
            "authority_as_leaf":
            "the certificate breaks the rules of X509-SVID: whoever issued it must be set right; the mesh's own authority "
                + "issues none like it"
        case "signer", "chain": "the certificate was signed by somebody who may not: find out who has that key"
        case "trust_domain": "\(peer) belongs to another mesh: check the address, and both trust_domain settings"
        case "other_service":
            "another service answers at \(handshake.peerAddress): an old entry of the registry, or a port that was given "
                + "to somebody else; look at 'weft tls show'"
        case "dns_name": "the certificate is for another name: call by a name that it has"
        case "alpn", "not_tls", "tls_version":
            "no sidecar of this mesh answers at \(handshake.peerAddress): check that it is an inbound listener's address"
        case "peer_refused": "ask the other side: it refused what \(side) showed, and its log says why"
        default: "look at the logs of both sides at that time"
        }
    }
}
