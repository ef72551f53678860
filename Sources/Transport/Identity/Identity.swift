import COpenSSL
import Synchronization
public import Timebase

/// Who this process is, and whom it believes: a leaf with its key, and the roots of its trust domain.
///
/// Without a leaf it can only check others: a client that has yet to ask for its certificate.
public struct Identity: Sendable {
    /// The leaf, then what leads from it to a root. Empty if there is no leaf yet.
    public let chain: [Certificate]
    public let key: PrivateKey?
    public let roots: [Certificate]

    public init(chain: [Certificate], key: PrivateKey, roots: [Certificate]) throws(CertificateError) {
        guard let leaf = chain.first else { throw CertificateError("use identity", "its chain is empty") }
        guard X509_check_private_key(leaf.handle.pointer, key.handle.pointer) == 1 else {
            _ = takeOpenSSLErrors()
            throw CertificateError("use identity", "the key does not belong to the certificate \(leaf.subject)")
        }
        self.chain = chain
        self.key = key
        self.roots = roots
    }

    /// Only believes others.
    public init(roots: [Certificate]) {
        chain = []
        key = nil
        self.roots = roots
    }

    /// The same leaf with other roots.
    public func trusting(_ roots: [Certificate]) throws(CertificateError) -> Identity {
        guard let key else { return Identity(roots: roots) }
        return try Identity(chain: chain, key: key, roots: roots)
    }

    public static func load(chainPEM: String, keyPEM: String, rootsPEM: String) throws(CertificateError) -> Identity {
        try Identity(
            chain: Certificate.all(inPEM: chainPEM), key: PrivateKey(pem: keyPEM),
            roots: Certificate.all(inPEM: rootsPEM))
    }

    public var spiffeID: String? { chain.first?.spiffeID }
    public var notAfter: WallTime? { chain.first?.notAfter }
}

/// Where TLS looks for the identity at each handshake, so that keys and roots change without a restart.
///
/// Connections that are open keep what they were made with; their age is bounded elsewhere.
public final class IdentityBox: Sendable {
    private let state = Mutex(State())
    /// How the handshakes went that were made with it.
    public let journal: HandshakeJournal

    private struct State {
        var identity: Identity?
        /// Contexts of OpenSSL made for this identity: one for each kind of use.
        var contexts: [TLSContextKind: OpenSSLHandle] = [:]
    }

    public init(journal: HandshakeJournal = HandshakeJournal()) {
        self.journal = journal
    }

    public convenience init(_ identity: Identity, journal: HandshakeJournal = HandshakeJournal()) {
        self.init(journal: journal)
        replace(identity)
    }

    public func replace(_ identity: Identity) {
        state.withLock { $0 = State(identity: identity) }
    }

    public var current: Identity? { state.withLock { $0.identity } }

    /// The context for new connections of `kind`, made once for each identity.
    func context(for kind: TLSContextKind) throws(CertificateError) -> OpenSSLHandle {
        let result = state.withLock { state -> Result<OpenSSLHandle, CertificateError> in
            if let context = state.contexts[kind] { return .success(context) }
            do throws(CertificateError) {
                let context = try makeTLSContext(kind, identity: state.identity)
                state.contexts[kind] = context
                return .success(context)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
