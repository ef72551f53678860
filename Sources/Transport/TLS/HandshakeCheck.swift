import COpenSSL
import Exchange

/// What is looked at in a handshake, and what failed of it: for people, and for the advice that they get.
public enum HandshakeCheck: String, Sendable, CaseIterable {
    case noCertificate = "no_certificate"
    /// No root of ours leads to it.
    case unknownAuthority = "unknown_authority"
    /// A root of that name is known, and did not make this signature.
    case badSignature = "bad_signature"
    case expired
    case notYetValid = "not_yet_valid"
    /// OpenSSL's own check of what the leaf is for.
    case purpose
    /// Who signed it may not.
    case signer
    /// Anything else about the chain.
    case chain
    case uriCount = "uri_count"
    case spiffeID = "spiffe_id"
    /// A SPIFFE id without a path.
    case authorityName = "authority_name"
    case authorityAsLeaf = "authority_as_leaf"
    case keyUsage = "key_usage"
    case extendedKeyUsage = "extended_key_usage"
    case keyType = "key_type"
    case trustDomain = "trust_domain"
    case otherService = "other_service"
    case dnsName = "dns_name"
    case alpn
    case version = "tls_version"
    case notTLS = "not_tls"
    /// The peer said by an alert that it refuses us.
    case peerRefused = "peer_refused"
    case brokenOff = "broken_off"
    case other

    /// The cause in a call's reason (DESIGN §7).
    var cause: Failure.Cause {
        switch self {
        case .noCertificate, .unknownAuthority, .badSignature, .purpose, .chain: .tlsUntrusted
        case .expired, .notYetValid: .tlsExpired
        case .signer, .uriCount, .spiffeID, .authorityName, .authorityAsLeaf, .keyUsage, .extendedKeyUsage, .keyType,
            .trustDomain, .otherService, .dnsName:
            .tlsIdentityMismatch
        case .alpn, .version, .notTLS, .peerRefused, .brokenOff, .other: .tlsFailed
        }
    }

    /// What a chain's verification failed by (X509_STORE_CTX_get_error(3)).
    init(verifyError code: Int32) {
        self =
            switch code {
            case X509_V_ERR_CERT_HAS_EXPIRED: .expired
            case X509_V_ERR_CERT_NOT_YET_VALID: .notYetValid
            case X509_V_ERR_CERT_SIGNATURE_FAILURE: .badSignature
            case X509_V_ERR_INVALID_PURPOSE: .purpose
            case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
                X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
                X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
                .unknownAuthority
            default: .chain
            }
    }
}
