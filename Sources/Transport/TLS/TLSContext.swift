import Bytes
import COpenSSL

/// What a listener needs for TLS. Only TLS 1.3 is spoken.
public final class TLSServerContext: Sendable {
    let identity: IdentityBox
    let clients: ClientCertificates
    let rule: PeerRule
    let alpn: [String]

    /// Whether clients must show a certificate.
    public enum ClientCertificates: Sendable, Hashable {
        case required
        /// One that is shown is checked; one that is not makes a peer without an identity.
        case optional
        case none
    }

    /// `alpn` is in order of preference: `h2`, and `http/1.1` where the listener has a handler for it.
    public init(
        identity: IdentityBox, clients: ClientCertificates = .required, expect rule: PeerRule, alpn: [String] = ["h2"]
    ) {
        self.identity = identity
        self.clients = clients
        self.rule = rule
        self.alpn = alpn
    }

    func session(with output: OutputChain, at time: Int64) throws(CertificateError) -> TLSSession {
        guard identity.current?.chain.isEmpty == false else {
            throw CertificateError("serve TLS", "this process has no certificate yet")
        }
        let context = try identity.context(for: TLSContextKind(role: .server(clients), alpn: alpn))
        return try TLSSession(
            context: context, isServer: true, rule: rule, alpn: alpn, serverName: nil,
            journal: identity.journal, output: output, time: time)
    }
}

/// What a pool needs for TLS. Only TLS 1.3 is spoken.
public final class TLSClientContext: Sendable {
    let identity: IdentityBox
    let rule: PeerRule
    let alpn: [String]

    /// `identity` brings the roots and, if it has a leaf, the client's certificate.
    public init(identity: IdentityBox?, serverRule rule: PeerRule, alpn: [String] = ["h2"]) {
        self.identity = identity ?? IdentityBox()
        self.rule = rule
        self.alpn = alpn
    }

    func session(with output: OutputChain, at time: Int64) throws(CertificateError) -> TLSSession {
        let context = try identity.context(for: TLSContextKind(role: .client, alpn: alpn))
        var serverName: String?
        // An address is no host name and is not told (RFC 6066 §3).
        if case .dnsName(let name) = rule, !Certificate.isAddress(name) { serverName = name }
        return try TLSSession(
            context: context, isServer: false, rule: rule, alpn: alpn, serverName: serverName,
            journal: identity.journal, output: output, time: time)
    }
}

/// How a listener protects its connections.
public enum ServerSecurity: Sendable {
    case plaintext
    case tls(TLSServerContext)
}

/// How a pool protects its connections.
public enum ClientSecurity: Sendable {
    case plaintext
    case tls(TLSClientContext)
}

/// Connections that share a context of OpenSSL: the same identity in the same role.
struct TLSContextKind: Hashable {
    enum Role: Hashable {
        case client
        case server(TLSServerContext.ClientCertificates)
    }

    let role: Role
    let alpn: [String]
}

/// Makes what OpenSSL keeps for many connections: our certificate, our roots, what we ask of peers.
func makeTLSContext(_ kind: TLSContextKind, identity: Identity?) throws(CertificateError) -> OpenSSLHandle {
    _ = openSSLIsReady
    guard let pointer = SSL_CTX_new(TLS_method()) else { throw CertificateError("prepare TLS", takeOpenSSLErrors()) }
    let context = OpenSSLHandle(pointer) { SSL_CTX_free($0) }
    guard weft_context_prepare(pointer) == 1 else { throw CertificateError("prepare TLS", takeOpenSSLErrors()) }
    if let leaf = identity?.chain.first, let key = identity?.key {
        guard SSL_CTX_use_certificate(pointer, leaf.handle.pointer) == 1,
            SSL_CTX_use_PrivateKey(pointer, key.handle.pointer) == 1
        else { throw CertificateError("use certificate", takeOpenSSLErrors()) }
        for issuer in identity?.chain.dropFirst() ?? [] {
            guard weft_context_add_chain(pointer, issuer.handle.pointer) == 1 else {
                throw CertificateError("use certificate", takeOpenSSLErrors())
            }
        }
    }
    let store = SSL_CTX_get_cert_store(pointer)
    for root in identity?.roots ?? [] {
        guard X509_STORE_add_cert(store, root.handle.pointer) == 1 else {
            throw CertificateError("use root certificate", takeOpenSSLErrors())
        }
    }
    SSL_CTX_set_cert_verify_callback(pointer, { store, _ in TLSSession.judge(store) }, nil)
    switch kind.role {
    case .client:
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        let list = kind.alpn.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        SSL_CTX_set_alpn_protos(pointer, list, UInt32(list.count))
    case .server(let clients):
        let mode: Int32 =
            switch clients {
            case .required: SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
            case .optional: SSL_VERIFY_PEER
            case .none: SSL_VERIFY_NONE
            }
        SSL_CTX_set_verify(pointer, mode, nil)
        SSL_CTX_set_alpn_select_cb(pointer, TLSSession.chooseProtocol, nil)
    }
    return context
}
