import COpenSSL
public import Timebase

/// An X.509 certificate.
public struct Certificate: Sendable, Equatable {
    let handle: OpenSSLHandle

    init(taking pointer: OpaquePointer) {
        handle = OpenSSLHandle(pointer) { X509_free($0) }
    }

    /// Shares a certificate that OpenSSL holds.
    init(sharing pointer: OpaquePointer) {
        X509_up_ref(pointer)
        self.init(taking: pointer)
    }

    public init(der: [UInt8]) throws(CertificateError) {
        _ = openSSLIsReady
        let parsed = der.withUnsafeBufferPointer { buffer in
            var start = buffer.baseAddress
            return d2i_X509(nil, &start, buffer.count)
        }
        guard let parsed else { throw CertificateError("parse certificate", takeOpenSSLErrors()) }
        self.init(taking: parsed)
    }

    /// The first certificate in `pem`.
    public init(pem: String) throws(CertificateError) {
        self = try Certificate.all(inPEM: pem)[0]
    }

    /// Every certificate in `pem`, in order: at least one.
    public static func all(inPEM pem: String) throws(CertificateError) -> [Certificate] {
        var certificates: [Certificate] = []
        _ = readingBytes(Array(pem.utf8)) { bio -> Bool? in
            while let certificate = PEM_read_bio_X509(bio, nil, nil, nil) {
                certificates.append(Certificate(taking: certificate))
            }
            return true
        }
        // Reading ends with "no start line" after the last one; any other error is a block that does not parse.
        let last = ERR_peek_last_error()
        let reason = takeOpenSSLErrors()
        if certificates.isEmpty || weft_error_reason(last) != UInt(PEM_R_NO_START_LINE) {
            throw CertificateError("parse certificate", reason)
        }
        return certificates
    }

    public static func == (left: Certificate, right: Certificate) -> Bool {
        X509_cmp(left.handle.pointer, right.handle.pointer) == 0
    }

    public var der: [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(handle.pointer, &start)
        defer { weft_free(start) }
        return count > 0 ? Array(UnsafeBufferPointer(start: start, count: Int(count))) : []
    }

    public var pem: String {
        String(decoding: bytesWritten { PEM_write_bio_X509($0, handle.pointer) == 1 } ?? [], as: UTF8.self)
    }

    public var notBefore: WallTime { WallTime(X509_get0_notBefore(handle.pointer)) }
    public var notAfter: WallTime { WallTime(X509_get0_notAfter(handle.pointer)) }

    /// `CN=course`
    public var subject: String { Certificate.text(of: X509_get_subject_name(handle.pointer)) }
    public var issuer: String { Certificate.text(of: X509_get_issuer_name(handle.pointer)) }

    /// In hexadecimal, as logs and other tools show it.
    public var serial: String {
        guard let number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(handle.pointer), nil) else { return "" }
        defer { BN_free(number) }
        guard let text = BN_bn2hex(number) else { return "" }
        defer { weft_free(text) }
        return String(cString: text)
    }

    /// It may sign others (basicConstraints CA:TRUE).
    public var isAuthority: Bool { X509_get_extension_flags(handle.pointer) & UInt32(EXFLAG_CA) != 0 }

    /// The URI names among the subject's alternative names.
    public var uris: [String] { names.uris }
    public var dnsNames: [String] { names.dns }

    /// The name in a mesh, if the certificate carries exactly one URI and that is a SPIFFE id (X509-SVID §2).
    public var spiffeID: String? {
        let uris = uris
        return uris.count == 1 ? SPIFFEID(uris[0])?.description : nil
    }

    private var names: (uris: [String], dns: [String]) {
        final class Found { var uris: [String] = [], dns: [String] = [] }
        let found = Found()
        _ = weft_each_name(handle.pointer, Unmanaged.passUnretained(found).toOpaque()) { context, type, bytes, count in
            guard let context, let bytes else { return }
            let found = Unmanaged<Found>.fromOpaque(context).takeUnretainedValue()
            let text = String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
            if type == GEN_URI { found.uris.append(text) } else { found.dns.append(text) }
        }
        return (found.uris, found.dns)
    }

    private static func text(of name: OpaquePointer?) -> String {
        let bytes = bytesWritten { weft_print_name($0, name) >= 0 }
        return String(decoding: bytes ?? [], as: UTF8.self)
    }
}

extension WallTime {
    init(_ time: UnsafePointer<ASN1_TIME>?) {
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else {
            self.init(seconds: 0)
            return
        }
        self.init(seconds: Int64(timegm(&parts)))
    }
}
