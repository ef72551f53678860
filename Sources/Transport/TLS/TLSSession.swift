import Bytes
import COpenSSL
import Exchange

/// TLS on one connection, without its socket: records in, plaintext out, and the other way.
///
/// OpenSSL reads and writes through a BIO over the loop's own memory: what was received is lent to it for one call, and
/// what it writes is appended to the connection's output, so that a flush is one `send` whatever the number of records.
/// Measured against a descriptor or a pair of memory BIOs, it is the cheapest (research/dataplane.md).
///
///     handshaking ──▶ open ──▶ closed
///         └──────▶ failed ◀──┘
final class TLSSession {
    /// What OpenSSL may add to the plaintext of one record: a header, the inner type and the tag (RFC 8446 §5.2).
    static let recordOverhead = 5 + 1 + 16
    static let recordSize = 16 * 1024

    /// The protocol that both sides chose, once the handshake is over.
    private(set) var alpn: String?
    private(set) var isOpen = false
    /// The peer said that it sends nothing more.
    private(set) var isClosedByPeer = false
    private var isClosed = false

    private let connection: OpaquePointer
    private let isServer: Bool
    private let rule: PeerRule
    private let alpnOffers: [String]
    private let output: OutputChain
    private let time: Int64
    /// What the judge of certificates said, if it refused.
    private var refusal: (cause: Failure.Cause, detail: String)?
    /// Found behind plaintext that had to be delivered first.
    private var lateFailure: Failure?
    /// Certificates whose place others took; OpenSSL may look at them until the handshake is over.
    private var replaced: [Certificate] = []
    /// What was received and OpenSSL has not read yet; good between `lend` and `giveBack`.
    fileprivate var input: UnsafeRawBufferPointer = .init(start: nil, count: 0)

    init(
        context: OpenSSLHandle, isServer: Bool, rule: PeerRule, alpn: [String], serverName: String?,
        output: OutputChain, time: Int64
    ) throws(CertificateError) {
        guard let connection = SSL_new(context.pointer), let bio = BIO_new(LoopBIO.shared.method) else {
            throw CertificateError("prepare TLS", takeOpenSSLErrors())
        }
        self.connection = connection
        self.isServer = isServer
        self.rule = rule
        self.output = output
        self.time = time
        alpnOffers = alpn
        let this = Unmanaged.passUnretained(self).toOpaque()  // the connection is freed with this object
        BIO_set_data(bio, this)
        BIO_set_init(bio, 1)
        SSL_set_bio(connection, bio, bio)
        SSL_set_ex_data(connection, 0, this)
        if isServer {
            SSL_set_accept_state(connection)
        } else {
            SSL_set_connect_state(connection)
            if let serverName { _ = weft_set_server_name(connection, serverName) }
        }
    }

    deinit {
        SSL_free(connection)
    }

    /// The peer's certificate, verified by our rule; nil if it showed none.
    var peerCertificate: Certificate? {
        SSL_get0_peer_certificate(connection).map { Certificate(sharing: $0) }
    }

    var ownCertificate: Certificate? {
        SSL_get_certificate(connection).map { Certificate(sharing: $0) }
    }

    var version: String { String(cString: SSL_get_version(connection)) }

    /// Goes on with the handshake as far as it goes. A client calls it first, so that there is something to send.
    func shakeHands() throws(Failure) {
        guard !isOpen else { return }
        ERR_clear_error()
        let result = SSL_do_handshake(connection)
        if result == 1 {
            try finishHandshake()
        } else if SSL_get_error(connection, result) != SSL_ERROR_WANT_READ {
            throw failure()
        }
    }

    /// Lends what was received, for `shakeHands` and `read`, until `giveBack`.
    func lend(_ bytes: UnsafeRawBufferPointer) {
        input = bytes
    }

    func giveBack() {
        input = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// Decrypts into `space` until there is nothing left or no room for one record more, and answers how many bytes came.
    /// Zero says that the rest of a record has not arrived, or that the peer has ended.
    func read(into space: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
        if let lateFailure { throw lateFailure }
        var filled = 0
        while space.count - filled >= TLSSession.recordSize {
            ERR_clear_error()
            let count = SSL_read(connection, space.baseAddress! + filled, Int32(space.count - filled))
            if count > 0 {
                filled += Int(count)
                continue
            }
            switch SSL_get_error(connection, count) {
            case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return filled
            case SSL_ERROR_ZERO_RETURN:
                isClosedByPeer = true
                return filled
            default:
                let failure = failure()
                if filled == 0 { throw failure }
                lateFailure = failure
                return filled
            }
        }
        return filled
    }

    /// Encrypts the first of `bytes` into one record of the connection's output, and answers how many they were.
    func seal(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> Int {
        ERR_clear_error()
        let count = SSL_write(connection, bytes.baseAddress, Int32(min(bytes.count, TLSSession.recordSize)))
        guard count > 0 else { throw failure() }
        return Int(count)
    }

    /// Says that nothing more will be sent (close_notify).
    func close() {
        guard isOpen, !isClosed else { return }
        isClosed = true
        SSL_shutdown(connection)
        ERR_clear_error()
    }

    private func finishHandshake() throws(Failure) {
        isOpen = true
        replaced = []
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(connection, &name, &count)
        if count > 0 {
            alpn = String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
        } else if !isServer, !alpnOffers.isEmpty {
            throw Failure(
                .tls, .tlsFailed,
                detail: "the server chose none of the protocols \(alpnOffers.joined(separator: ", "))",
                reach: .neverSent)
        }
    }
}

// MARK: - Judging certificates

extension TLSSession {
    /// OpenSSL asks here whether it may believe a chain: 1 for yes.
    static func judge(_ store: OpaquePointer?) -> Int32 {
        guard let store, let connection = weft_connection_of(store), let this = SSL_get_ex_data(connection, 0) else {
            return 0
        }
        return Unmanaged<TLSSession>.fromOpaque(this).takeUnretainedValue().judge(store) ? 1 : 0
    }

    private func judge(_ store: OpaquePointer) -> Bool {
        if rule == .none, !isServer { return true }
        X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(store), time_t(time))
        guard let leaf = X509_STORE_CTX_get0_cert(store).map({ Certificate(sharing: $0) }) else {
            refusal = (.tlsUntrusted, "the \(peerRole) presented no certificate")
            return false
        }
        if X509_verify_cert(store) != 1 {
            let code = X509_STORE_CTX_get_error(store)
            let isExpired = code == X509_V_ERR_CERT_HAS_EXPIRED || code == X509_V_ERR_CERT_NOT_YET_VALID
            let reason = String(cString: X509_verify_cert_error_string(Int(code)))
            refusal = (isExpired ? .tlsExpired : .tlsUntrusted, "\(presented(leaf)): \(reason)")
            return false
        }
        if let objection = authorityObjection(store) ?? rule.objection(to: leaf) {
            // A code of which OpenSSL makes the alert certificate_unknown, which nothing else here does: the peer can tell
            // a wrong name from an unknown authority.
            X509_STORE_CTX_set_error(store, X509_V_ERR_PERMITTED_VIOLATION)
            refusal = (.tlsIdentityMismatch, "\(presented(leaf)): \(objection)")
            return false
        }
        shareChain(store)
        return true
    }

    /// Puts certificates that are known already in the place of their copies in the chain that the peer sent, which OpenSSL
    /// keeps as long as the connection; the chain that was verified, which nobody asks for, goes.
    private func shareChain(_ store: OpaquePointer) {
        let chain = X509_STORE_CTX_get0_untrusted(store)
        for index in 0..<max(0, weft_stack_count(chain)) {
            guard let pointer = weft_stack_at(chain, index) else { continue }
            let fresh = Certificate(sharing: pointer)
            let original = KnownCertificates.shared.original(of: fresh)
            guard original.handle.pointer != pointer else { continue }
            X509_up_ref(original.handle.pointer)
            weft_stack_replace(chain, index, original.handle.pointer)
            replaced.append(fresh)
        }
        X509_STORE_CTX_set0_verified_chain(store, nil)
    }

    /// A certificate that signs for a trust domain carries that domain's id, without a path (X509-SVID §4.1).
    private func authorityObjection(_ store: OpaquePointer) -> String? {
        switch rule {
        case .dnsName, .trusted, .none: return nil
        case .spiffe, .anySpiffe: break
        }
        let chain = X509_STORE_CTX_get0_chain(store)
        for index in 1..<max(1, weft_stack_count(chain)) {
            guard let pointer = weft_stack_at(chain, index) else { continue }
            for uri in Certificate(sharing: pointer).uris where SPIFFEID(uri)?.path.isEmpty == false {
                return "it was signed by \(uri), which is a service and no authority"
            }
        }
        return nil
    }

    private var peerRole: String { isServer ? "client" : "server" }

    private func presented(_ leaf: Certificate) -> String {
        let name = leaf.uris.first ?? leaf.subject
        return "the \(peerRole) presented \(name), issued by \(leaf.issuer), valid until \(leaf.notAfter.text)"
    }

    /// Chooses the first of our protocols that the client offers; none is an alert (RFC 7301 §3.2).
    static let chooseProtocol: SSL_CTX_alpn_select_cb_func = { connection, chosen, chosenCount, offers, count, _ in
        guard let connection, let offers, let this = SSL_get_ex_data(connection, 0) else {
            return SSL_TLSEXT_ERR_ALERT_FATAL
        }
        let session = Unmanaged<TLSSession>.fromOpaque(this).takeUnretainedValue()
        let all = UnsafeBufferPointer(start: offers, count: Int(count))
        for name in session.alpnOffers {
            var index = 0
            while index < all.count {
                let length = Int(all[index])
                guard index + 1 + length <= all.count else { return SSL_TLSEXT_ERR_ALERT_FATAL }
                if all[index + 1..<index + 1 + length].elementsEqual(name.utf8) {
                    chosen?.pointee = offers + index + 1
                    chosenCount?.pointee = UInt8(length)
                    return SSL_TLSEXT_ERR_OK
                }
                index += 1 + length
            }
        }
        session.refusal = (
            .tlsFailed, "the client speaks none of the protocols \(session.alpnOffers.joined(separator: ", "))"
        )
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
}

// MARK: - Failures

extension TLSSession {
    /// An alert stands in OpenSSL's queue of errors as this and its own number (`SSL_AD_REASON_OFFSET`).
    private static let alertOffset: UInt = 1000

    private func failure() -> Failure {
        // Until the server's first bytes of HTTP/2 came, it has processed nothing: the pool tells what was never sent.
        let reach = Failure.Reach.unknown
        let code = UInt(ERR_peek_error())
        let text = takeOpenSSLErrors()
        if let refusal { return Failure(.tls, refusal.cause, detail: refusal.detail, reach: reach) }
        guard code != 0 else {
            return Failure(.tls, .tlsFailed, detail: "the \(peerRole) broke the TLS connection off", reach: reach)
        }
        let reason = weft_error_reason(code)
        if reason > TLSSession.alertOffset, reason < TLSSession.alertOffset + 256 {
            let (cause, detail) = TLSSession.meaning(ofAlert: Int32(reason - TLSSession.alertOffset), from: peerRole)
            return Failure(.tls, cause, detail: detail, reach: reach)
        }
        let (cause, detail) = meaning(ofReason: Int32(reason), text)
        return Failure(.tls, cause, detail: detail, reach: reach)
    }

    private func meaning(ofReason reason: Int32, _ text: String) -> (Failure.Cause, String) {
        switch reason {
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            (.tlsUntrusted, "the client presented no certificate")
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_PACKET_LENGTH_TOO_LONG,
            SSL_R_UNEXPECTED_MESSAGE, SSL_R_BAD_RECORD_TYPE:
            (.tlsFailed, "the \(peerRole) does not speak TLS on this connection (\(text))")
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_NO_PROTOCOLS_AVAILABLE:
            (.tlsFailed, "the \(peerRole) does not speak TLS 1.3")
        case SSL_R_UNEXPECTED_EOF_WHILE_READING:
            (.tlsFailed, "the \(peerRole) broke the TLS connection off")
        default:
            (.tlsFailed, text)
        }
    }

    /// What the peer's alert says of us (RFC 8446 §6.2).
    private static func meaning(ofAlert alert: Int32, from peer: String) -> (Failure.Cause, String) {
        switch alert {
        case TLS13_AD_CERTIFICATE_REQUIRED:
            (.tlsUntrusted, "the \(peer) requires a certificate and we presented none (alert certificate_required)")
        case SSL_AD_UNKNOWN_CA:
            (.tlsUntrusted, "the \(peer) does not know the authority that issued our certificate (alert unknown_ca)")
        case SSL_AD_CERTIFICATE_EXPIRED:
            (.tlsExpired, "the \(peer) says that our certificate has expired (alert certificate_expired)")
        case SSL_AD_CERTIFICATE_UNKNOWN:
            (
                .tlsIdentityMismatch,
                "the \(peer) does not accept the name in our certificate (alert certificate_unknown)"
            )
        case SSL_AD_BAD_CERTIFICATE, SSL_AD_UNSUPPORTED_CERTIFICATE, SSL_AD_CERTIFICATE_REVOKED, SSL_AD_DECRYPT_ERROR:
            (.tlsUntrusted, "the \(peer) refuses our certificate (alert \(text(ofAlert: alert)))")
        case SSL_AD_NO_APPLICATION_PROTOCOL:
            (.tlsFailed, "the \(peer) speaks none of our protocols (alert no_application_protocol)")
        default:
            (.tlsFailed, "the \(peer) ended the TLS connection (alert \(text(ofAlert: alert)))")
        }
    }

    private static func text(ofAlert alert: Int32) -> String {
        String(cString: SSL_alert_desc_string_long(alert))
    }
}

// MARK: - The BIO

/// How OpenSSL reaches a session's memory.
private struct LoopBIO: @unchecked Sendable {  // written once, then only read
    static let shared = LoopBIO()

    let method: OpaquePointer?

    private init() {
        method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weft loop")
        BIO_meth_set_read(method) { bio, space, count in
            weft_bio_clear_retry(bio)
            guard let space, let this = BIO_get_data(bio) else { return -1 }
            let session = Unmanaged<TLSSession>.fromOpaque(this).takeUnretainedValue()
            let taken = min(Int(count), session.input.count)
            guard taken > 0 else {
                weft_bio_retry_read(bio)
                return -1
            }
            UnsafeMutableRawPointer(space).copyMemory(from: session.input.baseAddress!, byteCount: taken)
            session.input = UnsafeRawBufferPointer(rebasing: session.input[taken...])
            return Int32(taken)
        }
        BIO_meth_set_write(method) { bio, bytes, count in
            guard let bytes, let this = BIO_get_data(bio) else { return -1 }
            let session = Unmanaged<TLSSession>.fromOpaque(this).takeUnretainedValue()
            session.append(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
    }
}

extension TLSSession {
    fileprivate func append(_ bytes: UnsafeRawBufferPointer) {
        output.append(bytes)
    }
}
