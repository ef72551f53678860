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

    /// The peer's address, for the journal.
    var peerAddress = ""
    let connection: OpaquePointer
    let isServer: Bool
    let rule: PeerRule
    let alpnOffers: [String]
    let journal: HandshakeJournal
    private let output: OutputChain
    /// When the connection began: certificates are judged by it.
    let time: Int64
    /// What the judge of certificates said, if it refused.
    var refusal: Refusal?
    /// What a peer that was refused had presented, leaf first.
    var presentedChain: [Certificate] = []
    /// The handshake stands in the journal: it failed, or the peer sent something after it. A client's handshake is over
    /// before the server has judged its certificate, so that its own end proves nothing (RFC 8446 §4.4.4).
    var isJournalled = false
    /// Found behind plaintext that had to be delivered first.
    private var lateFailure: Failure?
    /// Certificates whose place others took; OpenSSL may look at them until the handshake is over.
    var replaced: [Certificate] = []
    /// What was received and OpenSSL has not read yet; good between `lend` and `giveBack`.
    fileprivate var input: UnsafeRawBufferPointer = .init(start: nil, count: 0)

    init(
        context: OpenSSLHandle, isServer: Bool, rule: PeerRule, alpn: [String], serverName: String?,
        journal: HandshakeJournal, output: OutputChain, time: Int64
    ) throws(CertificateError) {
        guard let connection = SSL_new(context.pointer), let bio = BIO_new(LoopBIO.shared.method) else {
            throw CertificateError("prepare TLS", takeOpenSSLErrors())
        }
        self.connection = connection
        self.isServer = isServer
        self.rule = rule
        self.journal = journal
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
                if !isJournalled { journalSuccess() }
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
            let detail = "the server chose none of the protocols \(alpnOffers.joined(separator: ", "))"
            refusal = Refusal(.alpn, detail)
            throw Failure(.tls, .tlsFailed, detail: detail, reach: .neverSent)
        }
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
