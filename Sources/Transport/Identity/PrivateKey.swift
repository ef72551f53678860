import COpenSSL

/// A private key. It leaves the process only where somebody writes its `pem` or `der`.
public struct PrivateKey: Sendable {
    let handle: OpenSSLHandle

    init(taking pointer: OpaquePointer) {
        handle = OpenSSLHandle(pointer) { EVP_PKEY_free($0) }
    }

    /// A new key on P-256: small certificates, fast signatures, known to every peer.
    public static func generateP256() throws(CertificateError) -> PrivateKey {
        _ = openSSLIsReady
        guard let key = weft_generate_p256() else {
            throw CertificateError("generate a key", takeOpenSSLErrors())
        }
        return PrivateKey(taking: key)
    }

    /// Reads PKCS #8 or the older forms. An encrypted key is refused: there is nobody to ask for its password.
    public init(pem: String) throws(CertificateError) {
        guard
            let key = readingBytes(
                Array(pem.utf8), { PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil) })
        else { throw CertificateError("parse private key", takeOpenSSLErrors()) }
        self.init(taking: key)
    }

    public init(der: [UInt8]) throws(CertificateError) {
        _ = openSSLIsReady
        let key = der.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            return d2i_AutoPrivateKey(nil, &start, buffer.count)
        }
        guard let key else { throw CertificateError("parse private key", takeOpenSSLErrors()) }
        self.init(taking: key)
    }

    /// PKCS #8, not encrypted.
    public var pem: String {
        let bytes = bytesWritten { PEM_write_bio_PrivateKey($0, handle.pointer, nil, nil, 0, nil, nil) == 1 }
        return String(decoding: bytes ?? [], as: UTF8.self)
    }

    /// PKCS #8, not encrypted.
    public var der: [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = weft_key_to_der(handle.pointer, &start)
        defer { weft_free(start) }
        return count > 0 ? Array(UnsafeBufferPointer(start: start, count: Int(count))) : []
    }
}
