import COpenSSL
import Exchange

// MARK: - Judging certificates

extension TLSSession {
    /// Why a peer is refused.
    struct Refusal {
        let check: HandshakeCheck
        let detail: String
        var cause: Failure.Cause { check.cause }

        init(_ check: HandshakeCheck, _ detail: String) {
            self.check = check
            self.detail = detail
        }
    }
}

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
        guard let leaf = X509_STORE_CTX_get0_cert(store).map({ Certificate(sharing: $0) }) else {
            refusal = Refusal(.noCertificate, "the \(peerRole) presented no certificate")
            return false
        }
        X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(store), time_t(leaf.judgingTime(at: time)))
        if X509_verify_cert(store) != 1 {
            let code = X509_STORE_CTX_get_error(store)
            let check = HandshakeCheck(verifyError: code)
            // RFC 8446 §6.2: certificate_expired is also for what is not valid yet; OpenSSL would say bad_certificate.
            if check == .notYetValid { X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_HAS_EXPIRED) }
            refuse(store, check, "\(presented(leaf)): \(blamed(store))\(text(ofVerifyError: code))")
            return false
        }
        if let objection = signerObjection(store) ?? rule.objection(to: leaf) {
            // A code of which OpenSSL makes the alert certificate_unknown, which nothing else here does: the peer can tell
            // a wrong name from an unknown authority.
            X509_STORE_CTX_set_error(store, X509_V_ERR_PERMITTED_VIOLATION)
            refuse(store, objection.check, "\(presented(leaf)): \(objection.text)")
            return false
        }
        shareChain(store)
        return true
    }

    private func refuse(_ store: OpaquePointer, _ check: HandshakeCheck, _ detail: String) {
        refusal = Refusal(check, detail)
        let chain = X509_STORE_CTX_get0_untrusted(store)
        presentedChain = (0..<min(max(0, weft_stack_count(chain)), Int32(HandshakeJournal.mostPresented))).compactMap {
            weft_stack_at(chain, $0).map { Certificate(sharing: $0) }
        }
    }

    private func text(ofVerifyError code: Int32) -> String {
        String(cString: X509_verify_cert_error_string(Int(code)))
    }

    /// Which certificate of the chain is at fault, if it is not the leaf.
    private func blamed(_ store: OpaquePointer) -> String {
        guard X509_STORE_CTX_get_error_depth(store) > 0, let pointer = X509_STORE_CTX_get_current_cert(store) else {
            return ""
        }
        return "its signer \(Certificate(sharing: pointer).subject): "
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

    /// Who signs is a certificate authority, may sign certificates, and has no path in its name if it has one (X509-SVID
    /// §3.2, §4.1, §4.3).
    private func signerObjection(_ store: OpaquePointer) -> PeerRule.Objection? {
        switch rule {
        case .dnsName, .trusted, .none: return nil
        case .spiffe, .anySpiffe: break
        }
        let chain = X509_STORE_CTX_get0_chain(store)
        for index in 1..<max(1, weft_stack_count(chain)) {
            guard let pointer = weft_stack_at(chain, index) else { continue }
            let signer = Certificate(sharing: pointer)
            for uri in signer.uris where SPIFFEID(uri)?.path.isEmpty == false {
                return .init(.signer, "it was signed by \(uri), which is a service and no authority")
            }
            guard signer.isAuthority, signer.keyUsage?.contains(.keyCertSign) == true else {
                return .init(.signer, "it was signed by \(signer.subject), which may not sign certificates")
            }
        }
        return nil
    }

    var peerRole: String { isServer ? "client" : "server" }

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
        session.refusal = Refusal(
            .alpn, "the client speaks none of the protocols \(session.alpnOffers.joined(separator: ", "))")
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
}
