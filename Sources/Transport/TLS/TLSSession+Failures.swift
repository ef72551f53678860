import COpenSSL
import Exchange

// MARK: - Failures

extension TLSSession {
    /// An alert stands in OpenSSL's queue of errors as this and its own number (`SSL_AD_REASON_OFFSET`).
    private static let alertOffset: UInt = 1000

    func failure() -> Failure {
        // Until the server's first bytes of HTTP/2 came, it has processed nothing: the pool tells what was never sent.
        let reach = Failure.Reach.unknown
        let code = UInt(ERR_peek_error())
        let text = takeOpenSSLErrors()
        if let refusal { return Failure(.tls, refusal.cause, detail: refusal.detail, reach: reach) }
        guard code != 0 else {
            refusal = Refusal(.brokenOff, "the \(peerRole) broke the TLS connection off")
            return Failure(.tls, .tlsFailed, detail: "the \(peerRole) broke the TLS connection off", reach: reach)
        }
        let reason = weft_error_reason(code)
        if reason > TLSSession.alertOffset, reason < TLSSession.alertOffset + 256 {
            let (cause, detail) = TLSSession.meaning(ofAlert: Int32(reason - TLSSession.alertOffset), from: peerRole)
            refusal = Refusal(.peerRefused, detail)
            return Failure(.tls, cause, detail: detail, reach: reach)
        }
        let (check, detail) = meaning(ofReason: Int32(reason), text)
        refusal = Refusal(check, detail)
        return Failure(.tls, check.cause, detail: detail, reach: reach)
    }

    private func meaning(ofReason reason: Int32, _ text: String) -> (HandshakeCheck, String) {
        switch reason {
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            (.noCertificate, "the client presented no certificate")
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_PACKET_LENGTH_TOO_LONG,
            SSL_R_UNEXPECTED_MESSAGE, SSL_R_BAD_RECORD_TYPE:
            (.notTLS, "the \(peerRole) does not speak TLS on this connection (\(text))")
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_NO_PROTOCOLS_AVAILABLE:
            (.version, "the \(peerRole) does not speak TLS 1.3")
        case SSL_R_UNEXPECTED_EOF_WHILE_READING:
            (.brokenOff, "the \(peerRole) broke the TLS connection off")
        default:
            (.other, text)
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
            (
                .tlsExpired,
                "the \(peer) says that our certificate has expired or is not valid yet (alert certificate_expired)"
            )
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
