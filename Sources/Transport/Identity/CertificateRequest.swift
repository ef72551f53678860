import COpenSSL

/// A request for a certificate (PKCS #10): a public key, and the proof that the sender has its private half.
///
/// What name the certificate gets is not the request's business: the authority decides it from who is asking.
public struct CertificateRequest: Sendable {
    let handle: OpenSSLHandle

    public static func make(key: PrivateKey, commonName: String) throws(CertificateError) -> CertificateRequest {
        _ = openSSLIsReady
        guard let request = X509_REQ_new() else { throw CertificateError("make request", takeOpenSSLErrors()) }
        let made = CertificateRequest(handle: OpenSSLHandle(request) { X509_REQ_free($0) })
        guard setCommonName(commonName, of: X509_REQ_get_subject_name(request)),
            X509_REQ_set_pubkey(request, key.handle.pointer) == 1,
            X509_REQ_sign(request, key.handle.pointer, EVP_sha256()) > 0
        else { throw CertificateError("make request", takeOpenSSLErrors()) }
        return made
    }

    /// Parses a request and proves it: the signature is by the key that it carries, and the key is on P-256.
    public init(der: [UInt8]) throws(CertificateError) {
        _ = openSSLIsReady
        let parsed = der.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            return d2i_X509_REQ(nil, &start, buffer.count)
        }
        guard let parsed else { throw CertificateError("parse certificate request", takeOpenSSLErrors()) }
        try self.init(proving: OpenSSLHandle(parsed) { X509_REQ_free($0) })
    }

    public init(pem: String) throws(CertificateError) {
        guard let parsed = readingBytes(Array(pem.utf8), { PEM_read_bio_X509_REQ($0, nil, nil, nil) }) else {
            throw CertificateError("parse certificate request", takeOpenSSLErrors())
        }
        try self.init(proving: OpenSSLHandle(parsed) { X509_REQ_free($0) })
    }

    public static func parse(_ der: [UInt8]) throws(CertificateError) -> CertificateRequest {
        try CertificateRequest(der: der)
    }

    private init(handle: OpenSSLHandle) {
        self.handle = handle
    }

    private init(proving handle: OpenSSLHandle) throws(CertificateError) {
        guard let key = X509_REQ_get0_pubkey(handle.pointer) else {
            throw CertificateError("accept certificate request", "it carries no public key")
        }
        guard X509_REQ_verify(handle.pointer, key) == 1 else {
            _ = takeOpenSSLErrors()
            throw CertificateError("accept certificate request", "its signature is not by the key that it carries")
        }
        guard weft_is_p256(key) == 1 else {
            throw CertificateError("accept certificate request", "its key is not on P-256")
        }
        self.handle = handle
    }

    public var der: [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509_REQ(handle.pointer, &start)
        defer { weft_free(start) }
        return count > 0 ? Array(UnsafeBufferPointer(start: start, count: Int(count))) : []
    }

    public var pem: String {
        String(decoding: bytesWritten { PEM_write_bio_X509_REQ($0, handle.pointer) == 1 } ?? [], as: UTF8.self)
    }
}

/// Sets the one part of a name that is used here; X.520 allows it 64 characters.
func setCommonName(_ name: String, of subject: OpaquePointer?) -> Bool {
    let bytes = Array(String(name.suffix(64)).utf8)
    return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, bytes, Int32(bytes.count), -1, 0) == 1
}
