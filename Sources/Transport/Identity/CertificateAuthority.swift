import COpenSSL
public import Timebase

/// Signs the leaf certificates of a trust domain.
///
/// A leaf has exactly one URI name, may not sign, serves as client and server, and begins a little in the past, because
/// clocks differ (X509-SVID §4, DESIGN §6).
public final class CertificateAuthority: Sendable {
    /// A leaf begins so long before it was issued. Two hosts a minute off to either side are two minutes apart, and half as
    /// much again is for those that are further off; a beginning in the past gives nobody anything.
    public static let backdating: Duration = .seconds(180)

    public let certificate: Certificate
    public let key: PrivateKey
    public let trustDomain: String

    public init(certificate: Certificate, key: PrivateKey) throws(CertificateError) {
        guard certificate.isAuthority else {
            throw CertificateError("load authority", "the certificate \(certificate.subject) may not sign others")
        }
        guard X509_check_private_key(certificate.handle.pointer, key.handle.pointer) == 1 else {
            _ = takeOpenSSLErrors()
            throw CertificateError("load authority", "the key does not belong to the certificate")
        }
        guard certificate.uris.count == 1, let id = SPIFFEID(certificate.uris[0]), id.path.isEmpty else {
            throw CertificateError("load authority", "the certificate does not name its trust domain")
        }
        self.certificate = certificate
        self.key = key
        trustDomain = id.trustDomain
    }

    public static func load(certificatePEM: String, keyPEM: String) throws(CertificateError) -> CertificateAuthority {
        try CertificateAuthority(certificate: Certificate(pem: certificatePEM), key: PrivateKey(pem: keyPEM))
    }

    /// A new authority that signed itself.
    public static func create(
        trustDomain: String, validity: Duration, now: WallTime
    ) throws(CertificateError) -> CertificateAuthority {
        guard let id = SPIFFEID("spiffe://\(trustDomain)"), id.path.isEmpty else {
            throw CertificateError("create authority", "\"\(trustDomain)\" is not the name of a trust domain")
        }
        let key = try PrivateKey.generateP256()
        let draft = try CertificateDraft(
            commonName: "\(trustDomain) mesh authority", publicKey: key.handle.pointer, from: now, for: validity)
        draft.name(uri: id.description, dns: [])
        draft.add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
        draft.add(NID_key_usage, "critical,keyCertSign,cRLSign")
        draft.add(NID_subject_key_identifier, "hash")
        return try CertificateAuthority(certificate: draft.sign(as: nil, with: key), key: key)
    }

    /// What peers must trust for this authority's leaves.
    public var roots: [Certificate] { [certificate] }

    /// Signs a leaf for the key in `request`, under the name that the caller of this function vouches for.
    ///
    /// The leaf ends no later than the authority itself. DNS names are for peers that know nothing of SPIFFE.
    public func issue(
        request: CertificateRequest, spiffeID: String, validity: Duration, now: WallTime, dnsNames: [String] = []
    ) throws(CertificateError) -> Certificate {
        guard let id = SPIFFEID(spiffeID), !id.path.isEmpty else {
            throw CertificateError("issue certificate", "\"\(spiffeID)\" is not a SPIFFE id with a path")
        }
        guard id.trustDomain == trustDomain else {
            throw CertificateError(
                "issue certificate", "\(spiffeID) is not of the trust domain \(trustDomain)")
        }
        let left = Duration.seconds(certificate.notAfter.seconds - now.seconds)
        guard left > .zero else { throw CertificateError("issue certificate", "the authority itself has expired") }
        let draft = try CertificateDraft(
            commonName: String(id.path.split(separator: "/").last ?? "leaf"),
            publicKey: X509_REQ_get0_pubkey(request.handle.pointer), from: now, for: min(validity, left))
        draft.name(uri: id.description, dns: dnsNames)
        draft.add(NID_basic_constraints, "critical,CA:FALSE")
        draft.add(NID_key_usage, "critical,digitalSignature")
        draft.add(NID_ext_key_usage, "serverAuth,clientAuth")
        draft.add(NID_subject_key_identifier, "hash")
        draft.add(NID_authority_key_identifier, "keyid:always", issuer: certificate)
        return try draft.sign(as: certificate, with: key)
    }
}

/// A certificate that is being written. It remembers whether a step failed and says so when it is signed.
private final class CertificateDraft {
    private let certificate: Certificate
    private var isSound = true
    private var pointer: OpaquePointer { certificate.handle.pointer }

    init(commonName: String, publicKey: OpaquePointer?, from now: WallTime, for validity: Duration)
        throws(CertificateError)
    {
        _ = openSSLIsReady
        guard let made = X509_new() else { throw CertificateError("make certificate", takeOpenSSLErrors()) }
        certificate = Certificate(taking: made)
        require(X509_set_version(made, 2))  // v3 is written as 2
        require(CertificateDraft.setRandomSerial(of: made))
        let begin = now.seconds - CertificateAuthority.backdating.components.seconds
        require(ASN1_TIME_set(X509_getm_notBefore(made), time_t(begin)) == nil ? 0 : 1)
        require(
            ASN1_TIME_set(X509_getm_notAfter(made), time_t(now.seconds + validity.components.seconds)) == nil ? 0 : 1)
        require(setCommonName(commonName, of: X509_get_subject_name(made)) ? 1 : 0)
        require(X509_set_pubkey(made, publicKey))
    }

    func name(uri: String, dns: [String]) {
        let list = dns.map { $0 + "\0" }.joined() + "\0"
        require(weft_add_names(pointer, uri, list))
    }

    func add(_ identifier: Int32, _ value: String, issuer: Certificate? = nil) {
        require(weft_add_extension(pointer, issuer?.handle.pointer ?? pointer, identifier, value))
    }

    func sign(as issuer: Certificate?, with key: PrivateKey) throws(CertificateError) -> Certificate {
        require(X509_set_issuer_name(pointer, X509_get_subject_name(issuer?.handle.pointer ?? pointer)))
        guard isSound, X509_sign(pointer, key.handle.pointer, EVP_sha256()) > 0 else {
            throw CertificateError("make certificate", takeOpenSSLErrors())
        }
        return certificate
    }

    private func require(_ result: Int32) {
        isSound = isSound && result == 1
    }

    /// 127 random bits: unique without a register of what was issued (RFC 5280 §4.1.2.2 allows 20 bytes).
    private static func setRandomSerial(of certificate: OpaquePointer) -> Int32 {
        guard let number = BN_new() else { return 0 }
        defer { BN_free(number) }
        guard BN_rand(number, 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1,
            BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
        else { return 0 }
        return 1
    }
}
